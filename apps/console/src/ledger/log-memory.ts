import { z } from 'zod';
import { type Kept, keptJson } from './kept-json.ts';

const Remembered = z.object({
  /** The log's key, as it was when this browser first saw it. */
  key: z.string(),
  since: z.iso.datetime(),
  /** The largest head that this browser has verified, root in base64. */
  head: z.object({ size: z.number().int().min(1), root: z.base64(), at: z.iso.datetime() }).nullable(),
});
/** What this browser remembers of the log: enough to notice another key, a rewritten past, or a part that went missing. */
export type Remembered = z.infer<typeof Remembered>;

/** Where that is kept. `write` answers whether it was. */
export type LogMemory = Kept<Remembered>;

/** In the browser's own storage for this address. */
export const browserMemory: LogMemory = keptJson('wheelhouse.log', Remembered);
