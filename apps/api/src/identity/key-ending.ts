import { Actor } from '@wheelhouse/protocol/identity';
import { z } from 'zod';

/** When a key that another took the place of ends, and who had it so: kept with the key, so that a restart forgets neither. */
export const KeyEnding = z.object({ endsAt: z.iso.datetime(), by: Actor });
export type KeyEnding = z.infer<typeof KeyEnding>;

/** The ending of a stored key; null for one that nothing took the place of. Throws where it was written by somebody else. */
export function endingOf({ metadata }: { readonly metadata: string | null }): KeyEnding | null {
  // The sign-in library writes its own `null` as JSON.
  return metadata === null ? null : KeyEnding.nullable().parse(JSON.parse(metadata));
}

/** When a stored key ends, whichever way comes first; null where it never does. */
export function endOf(row: { readonly metadata: string | null; readonly expiresAt: Date | null }): Date | null {
  const ending = endingOf(row);
  if (ending === null) return row.expiresAt;
  const endsAt = new Date(ending.endsAt);
  return row.expiresAt !== null && row.expiresAt < endsAt ? row.expiresAt : endsAt;
}
