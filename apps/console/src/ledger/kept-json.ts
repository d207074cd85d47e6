import type { z } from 'zod';

/** Something that the browser keeps for this address. `write` answers whether it was kept: in a private window it may not be. */
export type Kept<T> = {
  readonly read: () => T | null;
  readonly write: (value: T) => boolean;
  readonly forget: () => void;
};

/** What is kept under `key` as JSON, in the browser's own storage. What does not fit the schema counts as nothing. */
export function keptJson<T>(key: string, schema: z.ZodType<T>): Kept<T> {
  return {
    read: () => {
      try {
        const text = localStorage.getItem(key);
        return text === null ? null : (schema.safeParse(JSON.parse(text)).data ?? null);
      } catch {
        return null;
      }
    },
    write: (value) => {
      try {
        localStorage.setItem(key, JSON.stringify(value));
        return true;
      } catch {
        return false;
      }
    },
    forget: () => {
      try {
        localStorage.removeItem(key);
      } catch {
        // Nothing was kept then.
      }
    },
  };
}
