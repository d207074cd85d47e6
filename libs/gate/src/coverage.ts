import type { Level } from '@wheelhouse/protocol/level';
import { lowerLevel } from '@wheelhouse/protocol/level';
import type { Latch, LatchKind } from '@wheelhouse/protocol/order';
import type { Scope } from '@wheelhouse/protocol/scope';
import { gateWord } from './gate-word.ts';

/** What a scope can ask about a session. `level` is the level granted at opening, so that a level order can't shrink its own scope. */
export type SessionFacts = {
  readonly session: string;
  readonly tenant: string;
  readonly deployment: string;
  readonly model: string;
  readonly level: Level;
};

export function covers(scope: Scope, facts: SessionFacts): boolean {
  switch (scope.type) {
    case 'session':
      return scope.session === facts.session;
    case 'deployment':
      return scope.deployment === facts.deployment;
    case 'model':
      return scope.model === facts.model;
    case 'tenant':
      return scope.tenant === facts.tenant;
    case 'level':
      return facts.level >= scope.atLeast;
    case 'everything':
      return true;
  }
}

/** Levels 4 and 5 live on a watch lease; without a human on watch the session falls to this level. */
export const WATCHED_FROM: Level = 4;
export const UNWATCHED_LEVEL: Level = 3;

type LatchLike = Pick<Latch, 'kind' | 'level' | 'scope'>;

/**
 * How a session stands under the latches in force, as its gate word: which kinds cover it, and its effective level, which is never above `ceiling`, the
 * highest that the charter allows now.
 */
export function standingOf(facts: SessionFacts, latches: Iterable<LatchLike>, watched: boolean, ceiling: Level = 5): number {
  const latched = new Set<LatchKind>();
  let level = facts.level >= WATCHED_FROM && !watched ? lowerLevel(facts.level, UNWATCHED_LEVEL) : facts.level;
  level = lowerLevel(level, ceiling);
  for (const latch of latches) {
    if (!covers(latch.scope, facts)) continue;
    latched.add(latch.kind);
    if (latch.kind === 'level' && latch.level !== null) level = lowerLevel(level, latch.level);
  }
  return gateWord(latched, level);
}
