import type { BookedErasure } from '@wheelhouse/content/content-book';
import { personBehind } from '@wheelhouse/gate/order-book';
import type { Erasure, ErasureRequest, ErasureState } from '@wheelhouse/protocol/content';
import type { Principal } from '@wheelhouse/protocol/identity';
import type { Logger } from 'pino';
import type { Approval, Case } from '../charter/act-port.ts';
import type { Court } from '../charter/court.ts';
import type { PrismaClient } from '../generated/prisma/client.ts';
import { actorOf, type Principals } from '../identity/principals.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { entryOf, SYSTEM } from '../ledger/new-entry.ts';
import { shownWords } from './erased-words.ts';
import type { ContentKeeper } from './content-keeper.ts';
import { mayErase, refuseUnless, tenantOfSubject } from './content-rights.ts';
import type { ContentStore } from './content-store.ts';
import type { Recorder } from './recorder.ts';
import type { SubjectKeys } from './subject-keys.ts';

type Parts = {
  readonly keeper: ContentKeeper;
  readonly keys: SubjectKeys;
  readonly store: ContentStore;
  readonly recorder: Recorder;
  readonly ledger: Ledger;
  readonly prisma: PrismaClient;
  readonly principals: Principals;
  /** Where erasures are proposed, once a charter is in force. */
  readonly court: Court;
  readonly log: Logger;
};

const AGAIN_MS = 1000;

/**
 * Erases data subjects: by a proposal once a charter is in force, before that one person asks and another confirms. It can't be undone, so it is in the ledger first; what a crash leaves undone is
 * done at the next start.
 */
export class ErasureDesk {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async ask(principal: Principal, { id, subject, reason }: ErasureRequest): Promise<Erasure> {
    const { keeper, ledger, court } = this.#parts;
    if (court.inForce) {
      await court.propose(principal, { id, act: { power: 'record.erase', subject }, reason });
      return this.#view(this.#known(id));
    }
    return keeper.inTurn(async () => {
      await this.#require(principal, 'ask', subject, `There is no data subject ${subject} here whose erasure you may ask for.`);
      const by = actorOf(principal);
      const known = keeper.book.erasures.get(id);
      if (known?.subject === subject && known.reason === reason && personBehind(known.askedBy) === personBehind(by))
        return this.#view(known);
      const at = new Date().toISOString();
      keeper.refuseUnlessAllowed({ type: 'ask', erasure: id, subject, by, reason, at });
      await ledger.appendFirst('erasure.asked', { erasure: id, subject, reason }, by);
      keeper.apply({ type: 'asked', erasure: id, subject, by, reason, at });
      return this.#view(this.#known(id));
    });
  }

  confirm(principal: Principal, id: string): Promise<Erasure> {
    const { keeper, ledger, store } = this.#parts;
    return keeper.inTurn(async () => {
      const { subject, askedBy } = await this.#mine(principal, 'confirm', id);
      this.#parts.court.refuseOneMore(`POST /v1/proposals/${id}/votes`);
      const by = actorOf(principal);
      keeper.refuseUnlessAllowed({ type: 'confirm', erasure: id, by });
      const pieces = await store.keptOf(subject);
      const at = new Date().toISOString();
      const entry = await ledger.appendFirst('subject.erased', { erasure: id, subject, askedBy: personBehind(askedBy), pieces }, by);
      keeper.apply({ type: 'erased', erasure: id, by, at, entry });
      await this.#carryOut(id, subject).catch((error: unknown) => {
        this.#again(id, subject, error);
      });
      return this.#view(this.#known(id));
    });
  }

  async withdraw(principal: Principal, id: string): Promise<Erasure> {
    const { keeper, ledger, court } = this.#parts;
    if (court.has(id)) {
      await court.withdraw(principal, id);
      return this.#view(this.#known(id));
    }
    return keeper.inTurn(async () => {
      await this.#mine(principal, 'ask', id);
      keeper.refuseUnlessAllowed({ type: 'withdraw', erasure: id });
      await ledger.appendFirst('erasure.withdrawn', { erasure: id }, actorOf(principal));
      keeper.apply({ type: 'withdrawn', erasure: id });
      return this.#view(this.#known(id));
    });
  }

  /** Refuses whoever may not ask for this; a data subject of another tenant is as unknown as one that never was. */
  async requireAsker(principal: Principal, subject: string): Promise<void> {
    await this.#require(principal, 'ask', subject, `There is no data subject ${subject} here whose erasure you may ask for.`);
  }

  /** Books what a proposal asks for, under the proposal's id. */
  begin(subject: string, { proposal, by, reason }: Case): Promise<void> {
    const { keeper, ledger } = this.#parts;
    return keeper.inTurn(async () => {
      const known = keeper.book.erasures.get(proposal);
      if (
        known?.state === 'waiting' &&
        known.subject === subject &&
        known.reason === reason &&
        personBehind(known.askedBy) === personBehind(by)
      )
        return;
      // Of any other erasure under this id, `ask` says that it exists already.
      const asked = { type: 'ask', erasure: proposal, subject, by, reason, at: new Date().toISOString() } as const;
      keeper.refuseUnlessAllowed(asked);
      await ledger.appendFirst('erasure.asked', { erasure: proposal, subject, reason }, by);
      keeper.apply({ ...asked, type: 'asked' });
    });
  }

  /** Erases by a quorum's approval. */
  erase(subject: string, { proposal, proposer, by, at, cause, record }: Approval): Promise<void> {
    const { keeper, store } = this.#parts;
    return keeper.inTurn(async () => {
      keeper.refuseUnlessAllowed({ type: 'approve', erasure: proposal, subject });
      const pieces = await store.keptOf(subject);
      const data = { erasure: proposal, subject, askedBy: personBehind(proposer), pieces, proposal };
      const entry = await record(entryOf('subject.erased', data, by, { cause, at }));
      keeper.apply({ type: 'erased', erasure: proposal, by, at: new Date(at).toISOString(), entry });
      await this.#carryOut(proposal, subject).catch((error: unknown) => {
        this.#again(proposal, subject, error);
      });
    });
  }

  /** The proposal came to nothing, and with it what was asked for. */
  abandon({ proposal, cause }: Case): Promise<void> {
    const { keeper, ledger } = this.#parts;
    return keeper.inTurn(async () => {
      if (keeper.book.erasures.get(proposal)?.state !== 'waiting') return;
      await ledger.appendFirst('erasure.withdrawn', { erasure: proposal }, SYSTEM, cause === null ? {} : { cause });
      keeper.apply({ type: 'withdrawn', erasure: proposal });
    });
  }

  /** Newest first. */
  async list(principal: Principal, state: ErasureState | null): Promise<Erasure[]> {
    const visible: Erasure[] = [];
    for (const erasure of this.#parts.keeper.book.erasures.values()) {
      if (state !== null && erasure.state !== state) continue;
      const tenant = await tenantOfSubject(erasure.subject, this.#parts.prisma);
      if (tenant !== null && mayErase(principal, 'read', tenant)) visible.push(this.#view(erasure));
    }
    return visible.reverse();
  }

  /** At start: carries out what the ledger says was erased and the database does not say was done. */
  async complete(): Promise<number> {
    const { keeper, prisma } = this.#parts;
    const done = new Set((await prisma.erasureDone.findMany()).map(({ erasure }) => erasure));
    // The database writes ids in lower case, whatever was sent.
    const left = [...keeper.book.erasures.values()].filter(({ id, state }) => state === 'confirmed' && !done.has(id.toLowerCase()));
    for (const { id, subject } of left) await this.#carryOut(id, subject);
    return left.length;
  }

  /** It is decided and recorded; from now on nobody is shown anything of it. Only the database has not followed yet. */
  #again(id: string, subject: string, why: unknown): void {
    this.#parts.log.error({ err: why, erasure: id }, 'an erasure could not be carried out in the database yet; trying again');
    setTimeout(() => {
      this.#carryOut(id, subject).catch((error: unknown) => {
        this.#again(id, subject, error);
      });
    }, AGAIN_MS).unref();
  }

  async #carryOut(erasure: string, subject: string): Promise<void> {
    const { keys, recorder } = this.#parts;
    await recorder.forget(subject);
    await keys.destroy(subject, async (transaction) => {
      await transaction.contentPiece.updateMany({ where: { subject, gone: null }, data: { sealed: new Uint8Array(), gone: 'erased' } });
      await transaction.erasureDone.createMany({ data: [{ erasure, doneAt: new Date() }], skipDuplicates: true });
    });
  }

  async #mine(principal: Principal, act: 'ask' | 'confirm', id: string): Promise<BookedErasure> {
    const unknown = `No erasure ${id} was asked for that you may decide on.`;
    const erasure = this.#parts.keeper.book.erasures.get(id);
    refuseUnless(erasure !== undefined, unknown);
    const known = this.#known(id);
    await this.#require(principal, act, known.subject, unknown);
    return known;
  }

  async #require(principal: Principal, act: 'ask' | 'confirm', subject: string, unknown: string): Promise<void> {
    const tenant = await tenantOfSubject(subject, this.#parts.prisma);
    refuseUnless(tenant !== null && mayErase(principal, act, tenant), unknown);
  }

  #known(id: string): BookedErasure {
    const erasure = this.#parts.keeper.book.erasures.get(id);
    if (erasure === undefined) throw new Error(`erasure ${id} is not in the book`);
    return erasure;
  }

  #view(erasure: BookedErasure): Erasure {
    const { id, subject, reason, askedBy, askedAt, state } = erasure;
    const confirmed = erasure.state === 'confirmed' ? erasure : null;
    return {
      id,
      subject,
      reason: shownWords(askedBy, reason),
      askedBy,
      askedByName: this.#parts.principals.nameOf(askedBy.id),
      askedAt,
      state,
      confirmedBy: confirmed?.confirmedBy ?? null,
      confirmedAt: confirmed?.confirmedAt ?? null,
      entry: confirmed?.entry ?? null,
    };
  }
}
