import { z } from 'zod';

const Remembered = z.object({
  /** The log's key, as it was when this browser first saw it. */
  key: z.string(),
  since: z.iso.datetime(),
  /** The largest head that this browser has verified, root in base64. */
  head: z.object({ size: z.number().int().min(1), root: z.base64(), at: z.iso.datetime() }).nullable(),
});
/** What this browser remembers of the log: enough to notice another key, a rewritten past, or a part that went missing. */
export type Remembered = z.infer<typeof Remembered>;

const KEY = 'wheelhouse.log';

/** Where that is kept. `write` answers whether it was. */
export type LogMemory = {
  readonly read: () => Remembered | null;
  readonly write: (remembered: Remembered) => boolean;
  readonly forget: () => void;
};

/** In the browser's own storage for this address. */
export const browserMemory: LogMemory = {
  read: () => {
    try {
      const text = localStorage.getItem(KEY);
      return text === null ? null : (Remembered.safeParse(JSON.parse(text)).data ?? null);
    } catch {
      return null;
    }
  },
  write: (remembered) => {
    try {
      localStorage.setItem(KEY, JSON.stringify(remembered));
      return true;
    } catch {
      return false;
    }
  },
  forget: () => {
    try {
      localStorage.removeItem(KEY);
    } catch {
      // Nothing was kept then.
    }
  },
};
