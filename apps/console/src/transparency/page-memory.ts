import { z } from 'zod';
import { type Kept, keptJson } from '../ledger/kept-json.ts';

const Remembered = z.object({
  /** The log's key, as it was when this browser first checked the page. */
  key: z.string(),
  since: z.iso.datetime(),
  /** The largest head whose signature this browser has verified, root in base64. */
  head: z.object({ size: z.number().int().min(1), root: z.base64(), at: z.iso.datetime() }).nullable(),
  /** Charters that this browser has verified, by the ledger's entry. */
  charters: z.array(z.object({ entry: z.number().int().min(0), version: z.number(), leafHash: z.base64() })),
});
/** What this browser remembers of the page: enough to notice another key, a shorter log, or a charter that went missing. */
export type PageRemembered = z.infer<typeof Remembered>;

/** Where that is kept. Apart from what the ledger's pages remember: their heads are proven, one out of the other. */
export type PageMemory = Omit<Kept<PageRemembered>, 'write'> & {
  /** Where the browser keeps nothing (a private window), nothing is kept: the next check begins anew, and says so. */
  readonly write: (remembered: PageRemembered) => void;
};

export const browserPageMemory: PageMemory = keptJson('wheelhouse.transparency', Remembered);
