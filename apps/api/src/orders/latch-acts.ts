import type { BookedLatch } from '@wheelhouse/gate/order-book';
import type { Preview } from '@wheelhouse/protocol/proposed-act';
import { scopeInWords } from '@wheelhouse/protocol/scope';
import { type ActPort, actPort, type AnyActPort, type ProposedPower } from '../charter/act-port.ts';
import { Refusal } from '../problem/refusal.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';
import type { OrderBookKeeper } from './order-book-keeper.ts';
import { requireRelease } from './order-rights.ts';
import type { ReleaseDesk } from './release-desk.ts';

type Parts = { readonly keeper: OrderBookKeeper; readonly registry: SessionRegistry; readonly desk: ReleaseDesk };

/** Releasing a latch: of a level order it raises a level, of any other it lets the engine out again. Each is a power of its own. */
export function latchActs(parts: Parts): (readonly [ProposedPower, AnyActPort])[] {
  const { desk } = parts;
  const port = (power: 'latch.release' | 'level.raise'): ActPort<'latch.release' | 'level.raise'> => ({
    requireProposer: (by, { latch }) => {
      requireRelease(by, 'ask', desk.tenantOf(latch));
    },
    tenantOf: ({ latch }) => desk.tenantOf(latch),
    about: ({ latch }) => aboutLatch(latchOf(parts.keeper, latch, power)),
    preview: ({ latch }) => previewOf(latchOf(parts.keeper, latch, power), parts.registry),
    authors: () => [],
    begin: ({ latch }, file) => desk.begin(latch, file),
    execute: ({ latch }, approval) => desk.release(latch, approval),
    abandon: (_, file) => desk.abandon(file),
  });
  return [actPort('latch.release', port('latch.release')), actPort('level.raise', port('level.raise'))];
}

/** The latch, where it is in force and its release takes this power. */
export function latchOf(keeper: OrderBookKeeper, order: string, power: 'latch.release' | 'level.raise'): BookedLatch {
  const latch = keeper.book.latches.get(order);
  if (latch === undefined) throw new Refusal('not_in_force', `Order ${order} has no latch in force, so there is nothing to release.`);
  const takes = latch.kind === 'level' ? 'level.raise' : 'latch.release';
  if (takes !== power) throw new Refusal('conflict', `Releasing a latch of kind ${latch.kind} takes the power ${takes}.`);
  return latch;
}

function aboutLatch({ order, number, kind, level, scope, givenAt }: BookedLatch) {
  return { order, number, kind, level, scope, givenAt };
}

/** What the release would let out. Words that people typed are not in it: it is signed, and words can be erased. */
export function previewOf(latch: BookedLatch, registry: SessionRegistry): Preview {
  const sessions = registry.covered(latch.scope);
  const deployments = [...new Set(sessions.map(({ facts }) => facts.deployment))];
  const what = latch.kind === 'level' ? `level ${latch.level ?? '?'} at most` : latch.kind.replace('_', ' ');
  return {
    title: `Release order #${latch.number}: ${what} on ${scopeInWords(latch.scope)}`.slice(0, 300),
    lines: [
      `The order was given at ${latch.givenAt}.`,
      latch.kind === 'level'
        ? 'Sessions that it covers run at their own level again, unless another order or the ceiling caps them.'
        : 'Engine output leaves these sessions again, unless another latch keeps them closed.',
      `It covers ${sessions.length} ${sessions.length === 1 ? 'session that is' : 'sessions that are'} open now, and those of its scope that are opened later.`,
    ],
    sessions: { count: sessions.length, first: sessions.slice(0, 100).map(({ facts }) => facts.session) },
    deployments: { count: deployments.length, first: deployments.slice(0, 100) },
  };
}
