import { ballotChallenge, type Bound, digestOf, proposalDigest } from '@wheelhouse/charter/ballot';
import type { ProposalFile } from '@wheelhouse/charter/proposal-files';
import { decideProposal, type ProposalAct, type ProposalContext, type ProposalEvent } from '@wheelhouse/charter/decide-proposal';
import { isRefusal } from '@wheelhouse/charter/refusal';
import { sha256 } from '@wheelhouse/installation/node-crypto';
import type { Action } from '@wheelhouse/protocol/action';
import type { Actor, Principal } from '@wheelhouse/protocol/identity';
import type { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import type { Preview, ProposedAct } from '@wheelhouse/protocol/proposed-act';
import type { ProposalRequest, VoteRequest } from '@wheelhouse/protocol/proposal';
import type { Logger } from 'pino';
import { actorOf } from '../identity/principals.ts';
import { entryOf, policyNow, SYSTEM } from '../ledger/new-entry.ts';
import { LedgerUnavailableError } from '../ledger/ledger-writer.ts';
import { Refusal } from '../problem/refusal.ts';
import type { AnyActPort, Ended, ProposedPower } from './act-port.ts';
import type { CharterKeeper } from './charter-keeper.ts';
import type { CharterCheck } from './charter-check.ts';
import { entriesOf } from './proposal-entries.ts';
import type { PracticeSeals } from './practice-seals.ts';
import { requireProposal } from './proposal-rights.ts';
import type { Signatures } from './signatures.ts';

export type ProposalParts = {
  readonly keeper: CharterKeeper;
  readonly ports: ReadonlyMap<ProposedPower, AnyActPort>;
  readonly signatures: Signatures;
  readonly check: CharterCheck;
  readonly seals: PracticeSeals;
  readonly log: Logger;
};

/** Proposals that are open or passed at once. More than these, and proposing has to wait. */
const MOST_PENDING = 20_000;
/** Of these, one person's at most: nobody can keep everybody else from proposing. */
const MOST_PENDING_EACH = 1000;

/**
 * The one mechanism of every permissive act: it is proposed, voted on with signatures, and carried out exactly as it was voted, once (laws 1, 2
 * and 5). What may happen is decided by `libs/charter`; what has happened is in the ledger before it has an effect.
 */
export class ProposalDesk {
  readonly #parts: ProposalParts;
  readonly #readers = new Set<(file: ProposalFile) => void>();
  /** Ended, and what they had begun is not known to be taken back. */
  readonly #toTakeBack = new Set<ProposalFile>();

  constructor(parts: ProposalParts) {
    this.#parts = parts;
    for (const file of parts.keeper.record.proposals.all()) if (cameToNothing(file) !== null) this.#toTakeBack.add(file);
  }

  /** Calls `read` with each proposal that has changed. */
  onChange(read: (file: ProposalFile) => void): void {
    this.#readers.add(read);
  }

  known(id: string): ProposalFile {
    const file = this.#parts.keeper.record.proposals.get(id);
    if (file === undefined) throw new Refusal('not_found', `There is no proposal ${id}.`);
    return file;
  }

  /**
   * Opens a proposal. The same request again answers with the proposal as it stands; the same id for anything else is refused. `practice`: it must be
   * rejected, and executes nothing; nobody who votes can tell.
   */
  async open(principal: Principal, { id, act, reason }: ProposalRequest, practice = false): Promise<ProposalFile> {
    const { keeper, check } = this.#parts;
    const port = this.#portOf(act);
    await port.requireProposer(principal, act);
    requireProposal(principal, 'propose', await port.tenantOf(act));
    // A charter can take seconds to analyse, and votes and break glass must not wait for that: in its turn the answer is known.
    if (keeper.record.proposals.get(id) === undefined) await check.refuseBroken(act);
    return keeper.inTurn(async () => {
      const by = actorOf(principal);
      const before = keeper.record.proposals.get(id);
      if (before !== undefined) return this.#sameAgain(before, principal, { act, reason });
      if (keeper.record.proposals.pendingCount >= MOST_PENDING)
        throw new Refusal('rate_limited', `${MOST_PENDING} proposals are open already. Propose it again when some of them have ended.`);
      if (this.#pendingOf(principal.person) >= MOST_PENDING_EACH)
        throw new Refusal(
          'rate_limited',
          `${MOST_PENDING_EACH} proposals of yours are open already. Withdraw some, or wait until they have ended.`,
        );
      await check.refuseBroken(act);
      const bound = await this.#bound(id, act, port);
      const digest = proposalDigest(bound, sha256);
      const { about, authors, charter, policy } = bound;
      const people = { proposer: principal.person, authors };
      const proposal = { id, power: act.power, ...people, digest, openedAt: 0, charter, policy, subject: about };
      const context = this.#context({ act, conflicts: new Set(), proposer: principal.person }, about);
      this.#decided(null, { type: 'open', proposal }, context);
      await port.begin(act, { proposal: id, by, reason, cause: null });
      const seal = this.#parts.seals.seal(id, practice);
      const said = { proposal: id, power: act.power, act, preview: bound.preview, digest, about, authors: [...authors], reason, seal };
      await keeper.write(entryOf('proposal.opened', said, by, { at: context.facts.now }));
      return this.#changed(this.known(id));
    });
  }

  /** Takes a signed vote, and carries the act out when it was the last that was needed. */
  async vote(principal: Principal, id: string, request: VoteRequest): Promise<ProposalFile> {
    const { keeper, signatures } = this.#parts;
    if (principal.kind !== 'person') throw new Refusal('forbidden', 'API keys can propose, and never vote.');
    await this.requireSeen(principal, this.known(id));
    const { vote, seat, choice, digest, signed } = request;
    const person = principal.person;
    await signatures.require(person, signed, ballotChallenge({ digest, vote, person, seat, choice }, sha256));
    return keeper.inTurn(async () => {
      const file = this.known(id);
      const known = file.life.votes.find((one) => one.id === vote);
      if (known?.person === person && known.seat === seat && known.choice === choice) return file;
      if (known !== undefined) throw new Refusal('conflict', 'A vote with this id was cast already, and says something else.');
      await this.#settle(file);
      // A key can have been taken away while others had their turn.
      signatures.requireKey(person, signed.credential);
      const context = await this.#contextOf(file);
      const by: Actor = { ...actorOf(principal), seat };
      const { reason, seconds, evidence } = request;
      const cast = { id: vote, person, seat, choice, digest, reason, stepUp: true, at: context.facts.now };
      const events = this.#decided(file, { type: 'vote', by, vote: cast }, context);
      const data = { proposal: id, vote, seat, choice, digest, reason, signed, seconds, evidence };
      const entry = entryOf('vote.cast', data, by, { cause: file.entryId, at: context.facts.now });
      const after = events
        .slice(1)
        .flatMap((event) => entriesOf(file, event, { by, cause: entry.id, now: context.facts.now, practiceSalt: this.#saltOf(file) }));
      await keeper.writeAll([entry, ...after]);
      await this.#executeIfPassed(file, by, entry.id);
      return this.#changed(file);
    });
  }

  withdraw(principal: Principal, id: string, reason: string): Promise<ProposalFile> {
    return this.#parts.keeper.inTurn(async () => {
      const file = this.known(id);
      await this.#settle(file);
      const context = await this.#contextOf(file);
      const by = actorOf(principal);
      const events = this.#decided(file, { type: 'withdraw', by: principal.person, reason }, context);
      await this.#close(file, events, by, context.facts.now);
      return this.#changed(file);
    });
  }

  /** The caller declares a conflict of interest: their yes or no does not count, nor one that was cast already. */
  declareConflict(principal: Principal, id: string, reason: string): Promise<ProposalFile> {
    return this.#parts.keeper.inTurn(async () => {
      const file = this.known(id);
      if (principal.kind !== 'person') throw new Refusal('forbidden', 'API keys have no interests, and no votes.');
      await this.requireSeen(principal, file);
      if (file.ended !== null) throw new Refusal('conflict', `This proposal is ${file.life.state} already.`);
      const at = this.#parts.keeper.now();
      await this.#parts.keeper.write(
        entryOf('conflict.declared', { proposal: id, reason }, actorOf(principal), { cause: file.entryId, at }),
      );
      await this.#settle(file);
      return this.#changed(file);
    });
  }

  /** Looks what time and change have made of a proposal, and writes that down; timers call it. */
  look(id: string): Promise<void> {
    return this.#parts.keeper.inTurn(async () => {
      const file = this.#parts.keeper.record.proposals.get(id);
      if (file !== undefined && file.ended === null) await this.#settle(file);
    });
  }

  /** Looks at every proposal that has not ended, or at those about one latch: after the charter, a seat or what they are about has changed. */
  async lookAll(latch: string | null = null): Promise<void> {
    for (const { act, life } of [...this.#parts.keeper.record.proposals.pending()])
      if (latch === null || ('latch' in act && act.latch === latch)) {
        await this.look(life.proposal.id);
        // There can be very many, and orders must get their turn in between.
        await new Promise((resolve) => setImmediate(resolve));
      }
  }

  /** Takes back what ended proposals had begun, where a crash or a ledger that was away came in between. */
  async takeBack(): Promise<void> {
    for (const file of [...this.#toTakeBack]) await this.#abandonIfEnded(file);
  }

  async requireSeen(principal: Principal, { act, life }: ProposalFile): Promise<void> {
    if (life.proposal.proposer === principal.person) return;
    requireProposal(principal, 'read', await this.#portOf(act).tenantOf(act));
  }

  /** What of its act only some are shown (`ActPort.asked`); null where it is gone by now. */
  async askedOf({ act }: ProposalFile, by: Principal, mayVote: boolean): Promise<Action | null> {
    return this.#portOf(act).asked(act, by, mayVote);
  }

  /** What a proposal was opened under, taking what it is about to be as it was: for views, which look at many. */
  contextAsOpened({ act, conflicts, life }: ProposalFile): ProposalContext {
    const { proposer, charter: openedUnder, policy, subject } = life.proposal;
    const { keeper } = this.#parts;
    return keeper.record.contextThen({ act, conflicts, proposer, openedUnder }, { now: keeper.now(), policy, subject });
  }

  async #settle(file: ProposalFile): Promise<void> {
    if (file.ended !== null) return;
    const context = await this.#contextOf(file);
    const events = decideProposal(file.life, { type: 'look' }, context);
    if (isRefusal(events)) return;
    await this.#close(file, events, SYSTEM, context.facts.now);
    await this.#executeIfPassed(file, SYSTEM, file.entryId);
    if (events.length > 0) this.#changed(file);
  }

  async #close(file: ProposalFile, events: readonly ProposalEvent[], by: Actor, now: number): Promise<void> {
    const entries = events.flatMap((event) => entriesOf(file, event, { by, cause: file.entryId, now, practiceSalt: this.#saltOf(file) }));
    if (entries.length > 0) await this.#parts.keeper.writeAll(entries);
    await this.#abandonIfEnded(file);
  }

  async #executeIfPassed(file: ProposalFile, by: Actor, cause: string): Promise<void> {
    if (file.life.state !== 'passed') {
      await this.#abandonIfEnded(file);
      return;
    }
    const { proposal } = file.life;
    const port = this.#portOf(file.act);
    try {
      if (!this.#parts.seals.isReal(file)) throw new Refusal('conflict', 'It was a practice proposal, which must be rejected.');
      const bound = await this.#bound(proposal.id, file.act, port, file.preview);
      const context = this.#context({ ...file, proposer: proposal.proposer }, bound.about);
      const events = this.#decided(file, { type: 'execute', digest: proposalDigest(bound, sha256) }, context);
      if (events[0]?.type !== 'executed') {
        await this.#close(file, events, SYSTEM, context.facts.now);
        return;
      }
      const at = context.facts.now;
      const record = (entry: LedgerEntry) => this.#parts.keeper.write(entry);
      await port.execute(file.act, { proposal: proposal.id, proposer: file.proposer, reason: file.reason, by, cause, at, record });
    } catch (error) {
      await this.#notExecuted(file, error);
    }
  }

  /** The ledger can be away: it is tried again until the approval runs out. Anything else that refuses uses the approval up. */
  async #notExecuted(file: ProposalFile, error: unknown): Promise<void> {
    const { log, keeper } = this.#parts;
    if (file.life.state !== 'passed') {
      log.error({ err: error, proposal: file.life.proposal.id }, 'an approved act is in the record, and its effect did not follow');
      return;
    }
    if (error instanceof LedgerUnavailableError) {
      log.warn({ err: error, proposal: file.life.proposal.id }, 'an approved act could not be recorded; trying again');
      return;
    }
    if (!(error instanceof Refusal)) log.error({ err: error, proposal: file.life.proposal.id }, 'an approved act failed');
    const why = error instanceof Refusal ? error.message : 'It failed on our side; the reason is in the log.';
    await this.#close(file, [{ type: 'failed', why, at: keeper.now() }], SYSTEM, keeper.now());
  }

  #pendingOf(person: string): number {
    let many = 0;
    for (const { life } of this.#parts.keeper.record.proposals.pending()) if (life.proposal.proposer === person) many += 1;
    return many;
  }

  #saltOf(file: ProposalFile): string | null {
    const { seals } = this.#parts;
    return seals.isPractice(file) ? seals.salt(file.life.proposal.id) : null;
  }

  async #abandonIfEnded(file: ProposalFile): Promise<void> {
    const ended = cameToNothing(file);
    if (ended === null) return;
    const proposal = file.life.proposal.id;
    this.#toTakeBack.add(file);
    try {
      await this.#portOf(file.act).abandon(file.act, { proposal, by: file.proposer, reason: file.reason, cause: file.entryId }, ended);
      this.#toTakeBack.delete(file);
    } catch (error) {
      this.#parts.log.error({ err: error, proposal }, 'what a proposal had begun could not be taken back; trying again');
    }
  }

  async #bound(proposal: string, act: ProposedAct, port: AnyActPort, shown?: Preview): Promise<Bound> {
    const about = digestOf(await port.about(act, proposal), sha256);
    const { rules } = this.#parts.keeper.record;
    const preview = shown ?? (await port.preview(act));
    return { proposal, act, preview, charter: rules, policy: policyNow(), about, authors: port.authors(act) };
  }

  /** What it is about may be gone: then nothing of it is as it was, and the proposal is superseded. */
  async #contextOf(file: ProposalFile): Promise<ProposalContext> {
    const about = await Promise.resolve()
      .then(() => this.#portOf(file.act).about(file.act, file.life.proposal.id))
      .catch((error: unknown) => {
        if (error instanceof Refusal) return null;
        throw error;
      });
    return this.#context({ ...file, proposer: file.life.proposal.proposer }, about === null ? 'gone' : digestOf(about, sha256));
  }

  #context(file: { act: ProposedAct; conflicts: Set<string>; proposer: string }, subject: string): ProposalContext {
    const { record } = this.#parts.keeper;
    return record.contextOf(file, { now: this.#parts.keeper.now(), policy: policyNow(), subject });
  }

  #decided(file: ProposalFile | null, act: ProposalAct, context: ProposalContext): readonly ProposalEvent[] {
    const decision = decideProposal(file?.life ?? null, act, context);
    if (isRefusal(decision)) throw new Refusal(decision.refused, decision.message);
    return decision;
  }

  #sameAgain(file: ProposalFile, principal: Principal, { act, reason }: Pick<ProposalRequest, 'act' | 'reason'>): ProposalFile {
    const same = digestOf(act, sha256) === digestOf(file.act, sha256) && reason === file.reason;
    if (same && file.life.proposal.proposer === principal.person) return file;
    throw new Refusal('conflict', 'A proposal with this id exists already, and says something else. Give this one a new id.');
  }

  #portOf(act: ProposedAct): AnyActPort {
    const port = this.#parts.ports.get(act.power);
    if (port === undefined) throw new Refusal('conflict', `This installation has nothing that ${act.power} could be exercised on.`);
    return port;
  }

  #changed(file: ProposalFile): ProposalFile {
    for (const read of this.#readers) read(file);
    return file;
  }
}

/** How it came to nothing; null for one that is under way, or took effect. */
function cameToNothing({ ended, life: { state } }: ProposalFile): Ended | null {
  if (ended === null || state === 'open' || state === 'passed' || state === 'executed') return null;
  return { state, because: ended.because };
}
