import { covers, type SessionFacts, standingOf } from '@wheelhouse/gate/coverage';
import { levelOf } from '@wheelhouse/gate/gate-word';
import { type BookedLatch, personBehind } from '@wheelhouse/gate/order-book';
import { type Actor, HOUSE_TENANT } from '@wheelhouse/protocol/identity';
import { Level } from '@wheelhouse/protocol/level';
import type { PolicyRequest } from '@wheelhouse/protocol/policy';
import type { Deployment } from '@wheelhouse/protocol/session';
import type { Principals } from '../identity/principals.ts';
import type { Acting, CheckpointGuard } from '../policy/checkpoint-guard.ts';
import { Refusal } from '../problem/refusal.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';
import type { OrderBookKeeper } from './order-book-keeper.ts';

type Parts = {
  readonly guard: CheckpointGuard;
  readonly keeper: OrderBookKeeper;
  readonly registry: SessionRegistry;
  readonly principals: Principals;
};

/** One raise: of what, from which level to which. */
type Raise = Pick<PolicyRequest, 'resource' | 'context'>;

const LEVELS: readonly Level[] = Level.options.map(({ value }) => value);

/**
 * The checkpoint `level.change`: asked where a level is raised, which is where the latch of a level order is released. Lowering is never asked of policy:
 * no policy may stand between a human and a restriction (laws 1 and 2).
 */
export class LevelGate {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Refuses with `policy_denied` where policy denies `asker` that this latch is released; what it holds goes on to the humans whose votes or confirmation
   * the release takes in any case. Does nothing for latches of other kinds. Synchronous: what it says holds for what is done right after it.
   */
  require(latch: BookedLatch, asker: Actor, acting: Acting): void {
    if (latch.kind !== 'level') return;
    const principal = this.#principalOf(asker);
    const raises = this.#raisesBy(latch);
    this.#parts.guard.requireForHumans(
      raises.map((raise) => ({ checkpoint: 'level.change', principal, ...raise })),
      acting,
    );
  }

  /** Every open session that it holds down, and, where it covers more than one session, every deployment whose later sessions it would. */
  #raisesBy(latch: BookedLatch): Raise[] {
    const { keeper, registry } = this.#parts;
    const others = [...keeper.book.latches.values()].filter(({ order }) => order !== latch.order);
    const under = (facts: SessionFacts) => ({ level: levelUnder(facts, [...others, latch]), to: levelUnder(facts, others) });
    const sessions = registry.covered(latch.scope).map(({ facts }): Raise => {
      const { session: id, tenant, deployment, model } = facts;
      return { resource: { kind: 'session', id, tenant }, context: { ...under(facts), deployment, model } };
    });
    if (latch.scope.type === 'session') return sessions;
    return [...sessions, ...registry.deployments.flatMap((deployment) => raiseOf(deployment, latch, under))];
  }

  /** Who asked, as policy sees it. Of whom is not here any more nobody can say whose they are. */
  #principalOf(asker: Actor): PolicyRequest['principal'] {
    const { kind, id, role } = asker;
    const tenant = this.#parts.principals.tenantOf(personBehind(asker));
    if (kind === 'system' || tenant === null)
      throw new Refusal('policy_denied', `Policy can't be asked for ${id}, who is not here any more, so it is denied at level.change.`);
    return { kind, id, role, tenant };
  }
}

/** Sessions of a deployment that the latch would hold down are opened at any level up to the deployment's: the highest is asked about. */
function raiseOf(
  { name, model, maxLevel }: Deployment,
  { scope }: BookedLatch,
  under: (facts: SessionFacts) => { readonly level: Level; readonly to: Level },
): Raise[] {
  const tenant = scope.type === 'tenant' ? scope.tenant : HOUSE_TENANT;
  // Of no tenant where the latch is of none: nothing that caps one tenant alone caps all.
  const facts = { session: '', tenant: scope.type === 'tenant' ? tenant : '', deployment: name, model };
  const opened = LEVELS.filter((level) => level <= maxLevel)
    .map((level): SessionFacts => ({ ...facts, level }))
    .filter((each) => covers(scope, each))
    .map(under);
  const highest = opened.toSorted((a, b) => b.to - a.to)[0];
  if (highest === undefined) return [];
  return [{ resource: { kind: 'deployment', id: name, tenant }, context: { ...highest, deployment: name, model } }];
}

/** The level that latches let a session run at, where somebody is on watch and the charter's ceiling is up: those two come and go by themselves. */
function levelUnder(facts: SessionFacts, latches: readonly BookedLatch[]): Level {
  return levelOf(standingOf(facts, latches, true));
}
