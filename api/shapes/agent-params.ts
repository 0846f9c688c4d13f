/** How a path names an agent. */
import { z } from 'zod';

export const agentParams = z.strictObject({
  id: z.string().meta({ description: 'The id of the agent, which is that of the user.' }),
});
