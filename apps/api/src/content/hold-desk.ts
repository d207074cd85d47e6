import { type BookedHold, type HoldTarget } from '@wheelhouse/content/content-book';
import { tenantOfNamed } from '@wheelhouse/content/data-subject';
import type { Hold, HoldRequest } from '@wheelhouse/protocol/content';
import type { Principal } from '@wheelhouse/protocol/identity';
import type { PrismaClient } from '../generated/prisma/client.ts';
import { actorOf, type Principals } from '../identity/principals.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { shownWords } from './erased-words.ts';
import type { ContentKeeper } from './content-keeper.ts';
import { mayHold, refuseUnless, tenantOfSubject } from './content-rights.ts';

type Parts = {
  readonly keeper: ContentKeeper;
  readonly ledger: Ledger;
  readonly prisma: PrismaClient;
  readonly principals: Principals;
};

/** Legal holds: what one covers is neither expired nor erased. One person places it; to lift it takes another. */
export class HoldDesk {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  place(principal: Principal, { id, subject, session, reason }: HoldRequest): Promise<Hold> {
    const { keeper, ledger } = this.#parts;
    return keeper.inTurn(async () => {
      const target: HoldTarget = session === undefined ? { subject: subject ?? '', session: null } : { subject: null, session };
      const tenant = await this.#tenantOf(target);
      refuseUnless(tenant !== null && mayHold(principal, 'place', tenant), unknown(target));
      const by = actorOf(principal);
      const known = keeper.book.holds.get(id);
      if (known !== undefined && isSame(known, target, reason, principal)) return this.#view(known);
      const at = new Date().toISOString();
      keeper.refuseUnlessAllowed({ type: 'hold', hold: id, target, by, reason, at });
      const covered = target.session === null ? { subject: target.subject } : { session: target.session };
      await ledger.appendFirst('hold.placed', { hold: id, ...covered, reason }, by);
      keeper.apply({ type: 'held', hold: id, target, by, reason, at });
      return this.#view({ id, target, by, reason, at, liftedAt: null });
    });
  }

  lift(principal: Principal, id: string, reason: string): Promise<Hold> {
    const { keeper, ledger } = this.#parts;
    return keeper.inTurn(async () => {
      const hold = keeper.book.holds.get(id);
      const tenant = hold === undefined ? null : await this.#tenantOf(hold.target);
      refuseUnless(tenant !== null && mayHold(principal, 'lift', tenant), `There is no hold ${id} that you may lift.`);
      const by = actorOf(principal);
      const at = new Date().toISOString();
      keeper.refuseUnlessAllowed({ type: 'lift', hold: id, by, at });
      await ledger.appendFirst('hold.lifted', { hold: id, reason }, by);
      keeper.apply({ type: 'lifted', hold: id, at });
      const lifted = keeper.book.holds.get(id);
      if (lifted === undefined) throw new Error(`hold ${id} was lost from the book`);
      return this.#view(lifted);
    });
  }

  /** Newest first, lifted ones among them. */
  async list(principal: Principal): Promise<Hold[]> {
    const visible: Hold[] = [];
    for (const hold of this.#parts.keeper.book.holds.values()) {
      const tenant = await this.#tenantOf(hold.target);
      if (tenant !== null && mayHold(principal, 'read', tenant)) visible.push(this.#view(hold));
    }
    return visible.reverse();
  }

  #tenantOf(target: HoldTarget): Promise<string | null> {
    if (target.session === null) return tenantOfSubject(target.subject, this.#parts.prisma);
    return Promise.resolve(this.#parts.keeper.book.sessions.get(target.session)?.tenant ?? null);
  }

  #view({ id, target, by, reason, at, liftedAt }: BookedHold): Hold {
    const { subject, session } = target;
    return {
      id,
      subject,
      session,
      reason: shownWords(by, reason),
      placedBy: by,
      placedByName: this.#parts.principals.nameOf(by.id),
      placedAt: at,
      liftedAt,
    };
  }
}

function isSame(known: BookedHold, target: HoldTarget, reason: string, principal: Principal): boolean {
  const { subject, session } = known.target;
  return known.by.id === principal.id && known.reason === reason && subject === target.subject && session === target.session;
}

function unknown(target: HoldTarget): string {
  if (target.session !== null) return `Nothing of a session ${target.session} is recorded here that you may hold.`;
  const form = tenantOfNamed(target.subject) === null ? ' People are named by their id, others as tenant/name.' : '';
  return `There is no data subject ${target.subject} here that you may hold.${form}`;
}
