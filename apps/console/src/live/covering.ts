import { covers } from '@wheelhouse/gate/coverage';
import type { Latch, LatchKind } from '@wheelhouse/protocol/order';
import type { Session } from '@wheelhouse/protocol/session';

/** The latches in force that cover a session, newest first: the gate's own rule, so that the page never disagrees with the gate. */
export function latchesOver(session: Session, latches: Iterable<Latch>): Latch[] {
  const { id, tenant, deployment, model, level } = session;
  return [...latches]
    .filter((latch) => covers(latch.scope, { session: id, tenant, deployment, model, level }))
    .sort((a, b) => b.number - a.number);
}

/** What withholds most comes first, since a narrow column shows only the first. */
const BY_WEIGHT: readonly LatchKind[] = ['stop', 'take_over', 'hold', 'mute', 'level'];

/** Kinds over a session: what the server said of it and what the latches say, since either may arrive first. */
export function kindsOver(session: Session, latches: Iterable<Latch>): LatchKind[] {
  if (session.state === 'ended') return [];
  const kinds = new Set([...latchesOver(session, latches).map((latch) => latch.kind), ...session.latched]);
  return byWeight(kinds);
}

export function byWeight(kinds: ReadonlySet<LatchKind>): LatchKind[] {
  return BY_WEIGHT.filter((kind) => kinds.has(kind));
}
