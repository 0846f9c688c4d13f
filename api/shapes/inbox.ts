/** How requests name rows of the inbox ledger. */
import { z } from 'zod';

export const SOURCES = ['front', 'slack', 'api', 'pagerduty'] as const;

export const inboxParams = z.strictObject({ id: z.string().meta({ description: 'The number of the row.' }) });
