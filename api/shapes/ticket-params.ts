/** How a request names a ticket. */
import { z } from 'zod';

export const ticketParams = z.strictObject({
  id: z.string().meta({ description: 'The id of the ticket, or its reference such as T-1234.' }),
});

/** Another ticket, named in a body. */
export const ticketName = z.string().min(1).max(60).meta({ description: 'An id, or a reference such as T-1234.' });
