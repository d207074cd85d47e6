import { z } from 'zod';

/** Which list, as it stands in the address; the inbox unless said. */
export const ApprovalsSearch = z.object({ list: z.enum(['inbox', 'open', 'all']).optional().catch(undefined) });
