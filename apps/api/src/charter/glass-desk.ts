import { createHash } from 'node:crypto';
import { glassChallenge, toBase64Url } from '@wheelhouse/charter/ballot';
import type { Charter } from '@wheelhouse/charter/charter';
import { decideBreakGlass } from '@wheelhouse/charter/decide-break-glass';
import type { GlassFile } from '@wheelhouse/charter/glass-files';
import { isRefusal } from '@wheelhouse/charter/refusal';
import { representativeAt } from '@wheelhouse/charter/seat-history';
import { sha256 } from '@wheelhouse/installation/node-crypto';
import type { GlassRequest, GlassSignature, GlassView } from '@wheelhouse/protocol/charter-view';
import type { Actor, Principal } from '@wheelhouse/protocol/identity';
import type { EmergencyAct } from '@wheelhouse/protocol/proposed-act';
import type { Logger } from 'pino';
import { shownWords } from '../content/erased-words.ts';
import { actorOf } from '../identity/principals.ts';
import { entryOf, SYSTEM } from '../ledger/new-entry.ts';
import { Refusal } from '../problem/refusal.ts';
import type { CharterKeeper } from './charter-keeper.ts';
import type { Signatures } from './signatures.ts';

/** What a glass is broken for, as the desks of the orders do it. */
export type Emergency = {
  /** Refuses where there is nothing to release by this power. */
  readonly require: (act: EmergencyAct) => void;
  /** Asks the checkpoint that the act passes, if it passes one, for somebody who is about to sign for it. Refuses what policy denies. */
  readonly permit: (act: EmergencyAct, by: Actor, cause: string | null) => void;
  /** Opens what the latch kept closed, once the entries are durable. */
  readonly release: (act: EmergencyAct, told: { readonly glass: string; readonly cause: string }) => void;
  /** Puts the latch back, under this id for the order; null where what it covered has ended. The same id again changes nothing. */
  readonly latchAgain: (act: EmergencyAct, order: string) => string | null;
};

type Parts = {
  readonly keeper: CharterKeeper;
  readonly signatures: Signatures;
  readonly emergency: Emergency;
  readonly nameOf: (person: string) => string;
  readonly log: Logger;
};

/** A glass that too few have signed lapses after this. */
const LAPSES_MS = 60 * 60_000;
/** As many as an entry names. Everybody with a seat is told of the review in any case. */
const MOST_SKIPPED = 100;

/** Break glass: an emergency act of fewer people than the quorum, time-boxed, and reviewed by a quorum afterwards. */
export class GlassDesk {
  readonly #parts: Parts;
  readonly #readers = new Set<(file: GlassFile) => void>();
  /** Of each glass whose end is not recorded yet, the order that put its latch back; null where there was nothing to put back. */
  readonly #latched = new Map<string, string | null>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Calls `read` with each glass that was broken or has ended. */
  onChange(read: (file: GlassFile) => void): void {
    this.#readers.add(read);
  }

  list(principal: Principal): GlassView[] {
    return this.#parts.keeper.record.glass
      .all()
      .map((file) => this.view(principal, file))
      .reverse();
  }

  async ask(principal: Principal, { id, act, reason, practice, seat, signed }: GlassRequest): Promise<GlassView> {
    const { keeper, signatures, emergency } = this.#parts;
    const person = personOf(principal);
    await signatures.require(person, signed, glassChallenge({ glass: id, emergency: act, practice, person, seat }, sha256));
    return keeper.inTurn(async () => {
      const known = keeper.record.glass.get(id);
      if (known !== undefined) return this.view(principal, known);
      emergency.require(act);
      this.#requireSeat(act, person, seat);
      const by: Actor = { ...actorOf(principal), seat };
      emergency.permit(act, by, null);
      await keeper.write(entryOf('glass.asked', { glass: id, emergency: act, practice, reason, seat, signed }, by, { at: keeper.now() }));
      return this.view(principal, await this.#breakIfEnough(id, by));
    });
  }

  async sign(principal: Principal, id: string, { seat, signed }: GlassSignature): Promise<GlassView> {
    const { keeper, signatures, emergency } = this.#parts;
    const person = personOf(principal);
    const { act, practice } = this.#known(id);
    await signatures.require(person, signed, glassChallenge({ glass: id, emergency: act, practice, person, seat }, sha256));
    return keeper.inTurn(async () => {
      const file = this.#known(id);
      if (file.broken !== null || file.ended !== null) throw new Refusal('conflict', 'This glass does not wait for signatures any more.');
      if (file.signers.some((signer) => signer.person === person || signer.seat === seat))
        throw new Refusal('same_person', 'It takes another person, for another seat.');
      emergency.require(act);
      this.#requireSeat(act, person, seat);
      const by: Actor = { ...actorOf(principal), seat };
      // The last signature breaks it, in the same turn: what policy says now is what it takes effect under.
      emergency.permit(act, by, file.entryId);
      await keeper.write(entryOf('glass.signed', { glass: id, seat, signed }, by, { cause: file.entryId, at: keeper.now() }));
      return this.view(principal, await this.#breakIfEnough(id, by));
    });
  }

  /** Ends what has run out; called every second. */
  tend(): Promise<void> {
    const { keeper } = this.#parts;
    const now = keeper.now();
    const due = keeper.record.glass.all().filter((file) => file.ended === null && endOf(file) <= now);
    if (due.length === 0) return Promise.resolve();
    // The latches first, all of them and at once: a restriction waits for nobody's turn and for no record (law 2).
    const latched = due.map((file) => ({ file, order: this.#latchAgain(file) }));
    return keeper.inTurn(async () => {
      for (const { file, order } of latched) await this.#end(file, order);
    });
  }

  #latchAgain(file: GlassFile): string | null {
    const known = this.#latched.get(file.id);
    if (known !== undefined) return known;
    const order = file.broken === null || file.practice ? null : this.#parts.emergency.latchAgain(file.act, orderIdOf(file.id));
    this.#latched.set(file.id, order);
    return order;
  }

  async #end(file: GlassFile, order: string | null): Promise<void> {
    const { keeper } = this.#parts;
    if (file.ended !== null) return;
    const outcome = file.broken === null ? 'lapsed' : 'ended';
    const data = { glass: file.id, outcome, ...(order === null ? {} : { order }) } as const;
    await keeper.write(entryOf('glass.ended', data, SYSTEM, { cause: file.entryId, at: keeper.now() }));
    this.#latched.delete(file.id);
    this.#changed(file);
  }

  async #breakIfEnough(id: string, by: Actor): Promise<GlassFile> {
    const { keeper, emergency } = this.#parts;
    const file = this.#known(id);
    const { act, practice, reason, signers } = file;
    const charter = this.#charter();
    const takes = charter.powers.get(act.power)?.breakGlass?.people ?? Number.POSITIVE_INFINITY;
    if (signers.length < takes) return file;
    const { events: seatEvents, absences } = keeper.record.seats;
    const now = keeper.now();
    const facts = { now, seatEvents, absences, suspendedSeats: keeper.record.glass.suspendedSeats(now) };
    const signed = signers.map(({ person, seat }) => ({ person, seat, stepUp: true }));
    const decision = decideBreakGlass(charter, { power: act.power, by: signed, reason, practice }, facts);
    if (isRefusal(decision)) throw new Refusal(decision.refused, decision.message);
    for (const { endsAt, reviewDueAt, skipped } of decision) {
      const span = { endsAt: new Date(endsAt).toISOString(), reviewDueAt: new Date(reviewDueAt).toISOString() };
      const broken = entryOf(
        'glass.broken',
        { glass: id, power: act.power, practice, ...span, skipped: skipped.slice(0, MOST_SKIPPED) },
        by,
        {
          cause: file.entryId,
          at: now,
        },
      );
      const released = { release: id, latch: act.latch, askedBy: signers[0]?.person ?? '', glass: id };
      const opened = practice ? [] : [entryOf('latch.released', released, by, { cause: broken.id, at: now })];
      await keeper.writeAll([broken, ...opened]);
      for (const { id: cause } of opened) emergency.release(act, { glass: id, cause });
    }
    return this.#changed(file);
  }

  #requireSeat(act: EmergencyAct, person: string, seat: string): void {
    const { keeper } = this.#parts;
    const charter = this.#charter();
    const rule = charter.powers.get(act.power)?.breakGlass ?? null;
    if (rule === null) throw new Refusal('forbidden', `The charter has no break glass for ${act.power}.`);
    if (!rule.seats.includes(seat)) throw new Refusal('forbidden', `${seat} may not break the glass of ${act.power}.`);
    if (keeper.record.glass.suspendedSeats(keeper.now()).includes(seat))
      throw new Refusal('forbidden', `${seat} may not until the overdue review of its last break glass is closed.`);
    if (this.#represents(charter, seat) !== person) throw new Refusal('forbidden', `You do not represent ${seat} now.`);
  }

  #represents(charter: Charter, seat: string): string | null {
    const { events: seatEvents, absences } = this.#parts.keeper.record.seats;
    return representativeAt(charter, { seatEvents, absences }, seat, this.#parts.keeper.now());
  }

  #charter(): Charter {
    const { inForce } = this.#parts.keeper.record;
    if (inForce === null) throw new Refusal('conflict', 'There is no charter in force, and without one no break glass.');
    return inForce.charter;
  }

  #known(id: string): GlassFile {
    const file = this.#parts.keeper.record.glass.get(id);
    if (file === undefined) throw new Refusal('not_found', `There is no break glass ${id}.`);
    return file;
  }

  #changed(file: GlassFile): GlassFile {
    for (const read of this.#readers) read(file);
    return file;
  }

  view(viewer: Principal, file: GlassFile): GlassView {
    const { id, act, practice, broken, signers } = file;
    const reason = shownWords(signers[0]?.person ?? '', file.reason);
    const now = this.#parts.keeper.now();
    const rule = this.#parts.keeper.record.inForce?.charter.powers.get(act.power)?.breakGlass ?? null;
    const { person } = viewer;
    const mine = file.broken === null && file.ended === null && !signers.some((signer) => signer.person === person);
    const seats = mine && rule !== null ? rule.seats.filter((seat) => this.#represents(this.#charter(), seat) === person) : [];
    return {
      ...{ id, act, reason, practice, state: stateOf(file), takes: rule?.people ?? 0, entry: file.entry },
      signers: signers.map((signer) => ({
        ...{ person: signer.person, name: this.#parts.nameOf(signer.person), seat: signer.seat },
        at: isoOf(signer.at),
      })),
      askedAt: isoOf(file.askedAt),
      brokenAt: broken === null ? null : isoOf(broken.at),
      endsAt: broken === null ? null : isoOf(broken.endsAt),
      reviewDueAt: broken === null ? null : isoOf(broken.reviewDueAt),
      overdue: broken !== null && file.reviewedAt === null && broken.reviewDueAt < now,
      skipped: (broken?.skipped ?? []).map((one) => this.#parts.nameOf(one)),
      yourSeats: seats.map((seat) => ({
        seat,
        challenge: toBase64Url(glassChallenge({ glass: id, emergency: act, practice, person, seat }, sha256)),
      })),
    };
  }
}

function personOf({ kind, person }: Principal): string {
  if (kind === 'person') return person;
  throw new Refusal('forbidden', 'API keys break no glass.');
}

/** When something about a glass has to end by itself. */
function endOf({ askedAt, broken }: GlassFile): number {
  return broken?.endsAt ?? askedAt + LAPSES_MS;
}

function stateOf({ broken, ended, reviewedAt }: GlassFile): GlassView['state'] {
  if (reviewedAt !== null) return 'reviewed';
  if (ended !== null) return ended.outcome;
  return broken === null ? 'asked' : 'broken';
}

/** The order that puts the latch back bears an id that follows from the glass, so that a crash in between makes no second one. */
function orderIdOf(glass: string): string {
  const hex = createHash('sha256').update(`wheelhouse/glass-ended/${glass}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function isoOf(at: number): string {
  return new Date(at).toISOString();
}
