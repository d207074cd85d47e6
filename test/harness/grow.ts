import { randomUUID } from 'node:crypto';
import type { SignedIn } from './server.ts';

/** Makes the ledger grow by at least `count` entries. */
export async function grow(ada: SignedIn, count: number): Promise<void> {
  for (let at = 0; at < count; at += 20) {
    const some = Array.from({ length: Math.min(20, count - at) }, () =>
      ada.api.order({ id: randomUUID(), kind: 'mute', scope: { type: 'everything' }, reason: 'to fill the ledger' }),
    );
    await Promise.all(some);
  }
}
