import type { Actor } from '@wheelhouse/protocol/identity';

/** Whose act it is: of a key, its holder's. */
export function personBehind(by: Actor): string {
  return by.kind === 'key' ? (by.person ?? by.id) : by.id;
}
