import { z } from 'zod';

const day = z.iso.date().optional().catch(undefined);

/** The span that is shown, as it stands in the address; the usual one unless said. */
export const TransitionsSearch = z.object({ from: day, until: day });
