import { handoverChallenge, toBase64Url } from '@wheelhouse/charter/ballot';
import { decideSeat, type SeatAct } from '@wheelhouse/charter/decide-seat';
import { isRefusal } from '@wheelhouse/charter/refusal';
import { seatAt, type SeatState } from '@wheelhouse/charter/seat-history';
import { sha256 } from '@wheelhouse/installation/node-crypto';
import type {
  AbsenceRequest,
  DelegationRequest,
  HandoverChallenge,
  HandoverRequest,
  TrainingRequest,
} from '@wheelhouse/protocol/charter-view';
import type { Actor, Principal } from '@wheelhouse/protocol/identity';
import type { Signed } from '@wheelhouse/protocol/proposed-act';
import { actorOf } from '../identity/principals.ts';
import { entryOf } from '../ledger/new-entry.ts';
import { Refusal } from '../problem/refusal.ts';
import type { AdoptedCharter } from '@wheelhouse/charter/charter-record';
import type { CharterKeeper } from './charter-keeper.ts';
import type { Signatures } from './signatures.ts';

type Parts = { readonly keeper: CharterKeeper; readonly signatures: Signatures; readonly rpId: string };

const DAY_MS = 86_400_000;
const LONGEST_ABSENCE_MS = 400 * DAY_MS;
/** Declared ahead by one person. */
const MOST_ABSENCES = 20;

/** What people do with their own seats, and with their own time: nothing here takes a quorum. */
export class SeatDesk {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  declareAbsence(principal: Principal, { id, from, until }: AbsenceRequest): Promise<void> {
    const { keeper } = this.#parts;
    const person = inPerson(principal);
    return keeper.inTurn(async () => {
      const { charter } = this.#charter();
      if (!charter.people.has(person)) throw new Refusal('forbidden', 'The charter does not know you, so nobody has to stand in for you.');
      if (keeper.record.seats.absences.some((absence) => absence.id === id)) return;
      const ahead = keeper.record.seats.absences.filter((absence) => absence.person === person && absence.until > keeper.now());
      if (ahead.length >= MOST_ABSENCES)
        throw new Refusal('conflict', `${MOST_ABSENCES} absences of yours are declared already; end one first.`);
      const span = Date.parse(until) - Date.parse(from);
      if (span <= 0) throw new Refusal('malformed', 'An absence ends after it begins.');
      if (span > LONGEST_ABSENCE_MS)
        throw new Refusal('malformed', `An absence lasts ${LONGEST_ABSENCE_MS / DAY_MS} days at most; give the seat up instead.`);
      // What was voted already must not lose its seat to an absence that is backdated.
      const begins = new Date(Math.max(Date.parse(from), keeper.now())).toISOString();
      if (Date.parse(until) <= keeper.now()) throw new Refusal('malformed', 'This absence is over already.');
      await this.#write(entryOf('absence.declared', { absence: id, person, fromTime: begins, until }, actorOf(principal), this.#now()));
    });
  }

  endAbsence(principal: Principal, id: string): Promise<void> {
    const { keeper } = this.#parts;
    const person = inPerson(principal);
    return keeper.inTurn(async () => {
      const found = keeper.record.seats.absences.find((absence) => absence.id === id && absence.person === person);
      if (found === undefined) throw new Refusal('not_found', `You declared no absence ${id}.`);
      if (found.until <= keeper.now()) return;
      await this.#write(entryOf('absence.ended', { absence: id }, actorOf(principal), this.#now()));
    });
  }

  delegate(principal: Principal, { id, seat, to, start, end }: DelegationRequest): Promise<void> {
    const { keeper } = this.#parts;
    const person = inPerson(principal);
    return keeper.inTurn(async () => {
      const { charter } = this.#charter();
      if (keeper.record.seats.delegations.some((delegation) => delegation.id === id)) return;
      const { allowed, longestMs } = charter.delegation;
      if (!allowed) throw new Refusal('forbidden', 'The charter allows no delegation.');
      const state = this.#seat(seat);
      if (state.holder !== person && !state.alternates.includes(person))
        throw new Refusal('forbidden', `You neither hold ${seat} nor are an alternate for it.`);
      if (to === person || !charter.people.has(to))
        throw new Refusal('malformed', 'A vote is delegated to somebody else whom the charter knows.');
      const span = Date.parse(end) - Date.parse(start);
      if (span <= 0) throw new Refusal('malformed', 'A delegation ends after it begins.');
      if (longestMs !== null && span > longestMs) throw new Refusal('forbidden', 'The charter allows no delegation for as long as that.');
      const begins = new Date(Math.max(Date.parse(start), keeper.now())).toISOString();
      const by: Actor = { ...actorOf(principal), seat };
      await this.#write(entryOf('delegation.given', { delegation: id, seat, to, fromTime: begins, until: end }, by, this.#now()));
    });
  }

  endDelegation(principal: Principal, id: string): Promise<void> {
    const { keeper } = this.#parts;
    const person = inPerson(principal);
    return keeper.inTurn(async () => {
      const found = keeper.record.seats.delegations.find((delegation) => delegation.id === id && delegation.from === person);
      if (found === undefined) throw new Refusal('not_found', `You gave no delegation ${id}.`);
      if (found.end <= keeper.now()) return;
      await this.#write(entryOf('delegation.ended', { delegation: id }, { ...actorOf(principal), seat: found.seat }, this.#now()));
    });
  }

  announce(principal: Principal, seat: string, { to, effectiveAt }: HandoverRequest): Promise<void> {
    const act = { type: 'announce_handover', by: inPerson(principal), to, effectiveAt: Date.parse(effectiveAt) } as const;
    return this.#act(seat, act, entryOf('handover.announced', { seat, to, effectiveAt }, { ...actorOf(principal), seat }, this.#now()));
  }

  /** What the successor signs to accept the handover of a seat that waits. */
  challenge(principal: Principal, seat: string): HandoverChallenge {
    const { handover } = this.#seat(seat);
    if (handover?.to !== principal.person) throw new Refusal('not_found', `No handover of ${seat} waits for you.`);
    const { rpId, keeper } = this.#parts;
    const credentials = keeper.record.keys.of(principal.person).map(({ credential }) => credential);
    return { challenge: toBase64Url(challengeOf(seat, handover)), credentials, rpId };
  }

  async accept(principal: Principal, seat: string, signed: Signed): Promise<void> {
    const person = inPerson(principal);
    const { handover } = this.#seat(seat);
    if (handover === null) throw new Refusal('conflict', `No handover of ${seat} is waiting.`);
    await this.#parts.signatures.require(person, signed, challengeOf(seat, handover));
    const effectiveAt = new Date(handover.effectiveAt).toISOString();
    const entry = entryOf('handover.accepted', { seat, to: person, effectiveAt, signed }, { ...actorOf(principal), seat }, this.#now());
    await this.#act(seat, { type: 'accept_handover', by: person }, entry);
  }

  cancel(principal: Principal, seat: string): Promise<void> {
    const entry = entryOf('handover.cancelled', { seat }, { ...actorOf(principal), seat }, this.#now());
    return this.#act(seat, { type: 'cancel_handover', by: inPerson(principal) }, entry);
  }

  leave(principal: Principal, seat: string): Promise<void> {
    const person = inPerson(principal);
    const entry = entryOf('seat.left', { seat, person }, { ...actorOf(principal), seat }, this.#now());
    return this.#act(seat, { type: 'step_down', by: person }, entry);
  }

  recordTraining(principal: Principal, { person, until, power, body }: TrainingRequest): Promise<void> {
    if (inPerson(principal) === person) throw new Refusal('same_person', 'Nobody records their own training.');
    const { keeper } = this.#parts;
    return keeper.inTurn(async () => {
      // A training for a role that there is not would count for nothing, and nobody would notice.
      const charter = keeper.record.inForce?.charter;
      if (body !== undefined && charter?.bodies.has(body) !== true) throw new Refusal('not_found', `The charter has no body ${body}.`);
      if (power !== undefined && charter?.powers.has(power) !== true)
        throw new Refusal('not_found', `The charter gives nobody the power ${power}.`);
      const role = { ...(power === undefined ? {} : { power }), ...(body === undefined ? {} : { body }) };
      await this.#write(entryOf('training.recorded', { person, until, ...role }, actorOf(principal), this.#now()));
    });
  }

  #act(seat: string, act: SeatAct, entry: ReturnType<typeof entryOf>): Promise<void> {
    const { keeper } = this.#parts;
    return keeper.inTurn(async () => {
      const { charter } = this.#charter();
      const decided = decideSeat(charter, keeper.record.seats.events, { seat, at: keeper.now(), act });
      if (isRefusal(decided)) throw new Refusal(decided.refused, decided.message);
      await this.#write(entry);
    });
  }

  async #write(entry: ReturnType<typeof entryOf>): Promise<void> {
    await this.#parts.keeper.write(entry);
  }

  #now(): { at: number } {
    return { at: this.#parts.keeper.now() };
  }

  #charter(): AdoptedCharter {
    const { inForce } = this.#parts.keeper.record;
    if (inForce === null) throw new Refusal('conflict', 'There is no charter in force, so there are no seats.');
    return inForce;
  }

  #seat(seat: string): SeatState {
    const { keeper } = this.#parts;
    const state = seatAt(this.#charter().charter, keeper.record.seats.events, seat, keeper.now());
    if (state === null) throw new Refusal('not_found', `The charter has no seat ${seat}.`);
    return state;
  }
}

function challengeOf(seat: string, { to, effectiveAt }: { readonly to: string; readonly effectiveAt: number }): Uint8Array {
  return handoverChallenge({ seat, to, effectiveAt: new Date(effectiveAt).toISOString() }, sha256);
}

function inPerson({ kind, person }: Principal): string {
  if (kind === 'person') return person;
  throw new Refusal('forbidden', 'API keys hold no seats.');
}
