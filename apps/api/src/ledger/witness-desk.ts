import { verifyEd25519 } from '@wheelhouse/installation/node-crypto';
import { openCheckpoint } from '@wheelhouse/ledger/checkpoint';
import { formatCosignerKey, readCosignatures, type Cosignature } from '@wheelhouse/ledger/cosignature';
import { formatNote, parseNote } from '@wheelhouse/ledger/signed-note';
import type { WitnessReport } from '@wheelhouse/protocol/witness';
import type { Logger } from 'pino';
import type { Ledger, SignedHead } from './ledger.ts';
import type { PublishedHead } from './published-head.ts';
import { type SeatOutcome, WitnessSeat } from './witness-seat.ts';
import type { WitnessAddress } from './witness-settings.ts';

const LOOK_EVERY_MS = 250;
/** A head that stays the latest is cosigned anew after this, so that its cosignatures stay young and a witness that went is noticed. */
const REFRESH_MS = 60_000;

/** Told of both alarms whenever they are looked at: what to say while one is raised, null while it is not. */
export type WitnessAlarms = (alarms: { readonly witness_missing: string | null; readonly fork_suspected: string | null }) => void;

type Parts = {
  readonly addresses: readonly WitnessAddress[];
  readonly quorum: number;
  /** A witness counts as missing when it has owed an answer for this long. */
  readonly alarmAfterMs: number;
  readonly ledger: Ledger;
  readonly published: PublishedHead;
  readonly alarms: WitnessAlarms;
  readonly log: Logger;
  readonly now: () => number;
};

/** Cosignatures gathered for one head. */
type Collection = {
  readonly head: SignedHead;
  readonly cosignatures: Map<WitnessSeat, { readonly cosignature: Cosignature; readonly at: number }>;
};

/**
 * Asks the witnesses to cosign the heads that the ledger signs, and publishes those that the quorum has cosigned. All are asked about the
 * same head, or slow ones might cosign different heads forever; the next is begun when this one has its quorum or everyone has answered.
 */
export class WitnessDesk {
  readonly #parts: Parts;
  readonly #seats: readonly WitnessSeat[];
  readonly #timer: NodeJS.Timeout;
  #latest: SignedHead | null = null;
  #collection: Collection | null = null;
  #stopped = false;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.#seats = parts.addresses.map((address) => new WitnessSeat(address, parts.ledger, parts.now));
    this.#timer = setInterval(() => {
      this.#look();
    }, LOOK_EVERY_MS);
  }

  /** Publishes what had the quorum before the last stop, and begins with the next head that is signed. */
  static async open(parts: Parts): Promise<WitnessDesk> {
    const desk = new WitnessDesk(parts);
    await desk.#restore();
    parts.ledger.onHead((head) => {
      desk.#latest = head;
      desk.#look();
    });
    return desk;
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }

  report(): WitnessReport {
    const { quorum, ledger, published } = this.#parts;
    const witnesses = this.#seats.map(({ address, cosigned, trouble, fork }) => ({
      name: address.key.name,
      key: formatCosignerKey(address.key),
      cosigned: cosigned === null ? null : { size: cosigned.size, time: new Date(cosigned.time * 1000).toISOString() },
      trouble,
      forkSuspected: fork !== null,
    }));
    return { quorum, signed: ledger.head?.size ?? 0, published: published.head?.size ?? null, witnesses };
  }

  async #restore(): Promise<void> {
    const { ledger, quorum, published, addresses } = this.#parts;
    const text = ledger.cosigned;
    if (text === null || addresses.length === 0) return;
    const { origin, key } = ledger.identity;
    const opened = await openCheckpoint(text, { origin, keys: [key] }, verifyEd25519);
    const note = parseNote(text);
    if (!opened.ok || !note.ok) return;
    const keys = addresses.map((address) => address.key);
    const cosignatures = await readCosignatures(note.value, keys, verifyEd25519);
    // Witnesses may have been added since: then it waits for the first head that these vouch for.
    if (!cosignatures.ok || cosignatures.value.length < quorum) return;
    const { size, root } = opened.value.checkpoint;
    published.publish({ size, root, checkpoint: text });
  }

  #look(): void {
    if (this.#stopped) return;
    this.#tellAlarms();
    const latest = this.#latest;
    if (latest === null) return;
    if (this.#collection?.head.size !== latest.size && !this.#begin(latest)) return;
    const collection = this.#collection;
    if (collection === null) return;
    for (const seat of this.#seats) if (seat.ready && this.#isDue(seat, collection)) this.#ask(seat, collection);
  }

  /** Begins to gather cosignatures for `head`, unless the head before may still get its quorum, or too few could answer now. */
  #begin(head: SignedHead): boolean {
    const { quorum } = this.#parts;
    const open = this.#collection !== null && this.#collection.cosignatures.size < quorum && this.#seats.some((seat) => seat.busy);
    if (open || this.#seats.filter((seat) => seat.ready).length < quorum) return false;
    this.#collection = { head, cosignatures: new Map() };
    if (quorum === 0) this.#publish(this.#collection);
    return true;
  }

  #isDue(seat: WitnessSeat, { cosignatures }: Collection): boolean {
    const given = cosignatures.get(seat);
    return given === undefined || this.#parts.now() - given.at > REFRESH_MS;
  }

  #ask(seat: WitnessSeat, collection: Collection): void {
    const { log, quorum, now } = this.#parts;
    const before = seat.trouble;
    void seat.ask(collection.head).then((outcome: SeatOutcome) => {
      if (this.#stopped) return;
      if (outcome.type === 'cosigned') {
        if (before !== null) log.info({ witness: seat.address.key.name }, 'the witness cosigns again');
        collection.cosignatures.set(seat, { cosignature: outcome.cosignature, at: now() });
        if (collection.cosignatures.size >= quorum) this.#publish(collection);
      } else if (outcome.message !== before) {
        log[outcome.type === 'fork' ? 'fatal' : 'warn']({ witness: seat.address.key.name }, outcome.message);
      }
      this.#look();
    });
  }

  #publish({ head, cosignatures }: Collection): void {
    const { published, ledger, log } = this.#parts;
    const own = parseNote(head.checkpoint);
    if (!own.ok) throw new Error(`our own checkpoint can't be read: ${own.message}`);
    const lines = this.#seats.flatMap((seat) => cosignatures.get(seat)?.cosignature.line ?? []);
    const checkpoint = formatNote({ text: own.value.text, signatures: [...own.value.signatures, ...lines] });
    if (!published.publish({ ...head, checkpoint }) || lines.length === 0) return;
    try {
      ledger.saveCosigned(head.size, checkpoint);
    } catch (error) {
      log.warn({ err: error, size: head.size }, 'the cosigned checkpoint could not be kept in the data folder');
    }
  }

  #tellAlarms(): void {
    const { quorum, alarmAfterMs, published, ledger, alarms } = this.#parts;
    const missing = this.#seats.filter((seat) => seat.silentMs > alarmAfterMs);
    const answering = this.#seats.length - missing.length;
    const forks = this.#seats.flatMap((seat) => seat.fork ?? []);
    const reasons = missing.map((seat) => seat.trouble ?? `${seat.address.key.name} has not answered yet.`);
    alarms({
      witness_missing:
        answering >= quorum
          ? null
          : `${quorum} of ${this.#seats.length} witnesses have to cosign a tree head before it is published, but only ${answering} answer. Published are ${published.head?.size ?? 0} of ${ledger.size} entries. ${reasons.join(' ')}`,
      fork_suspected:
        forks.length === 0
          ? null
          : `The ledger may have been forked. ${forks.join(' ')} Stop changing anything, and run npx wheelhouse verify.`,
    });
  }
}
