/** How a path names a ticket. */
import { z } from 'zod';

export const ticketParams = z.strictObject({
  id: z.string().meta({ description: 'The id of the ticket, or its reference such as T-1234.' }),
});
