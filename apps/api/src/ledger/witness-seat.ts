import type { Cosignature } from '@wheelhouse/ledger/cosignature';
import type { Ledger, SignedHead } from './ledger.ts';
import { addCheckpoint, type WitnessReply } from './witness-client.ts';
import type { WitnessAddress } from './witness-settings.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5000;
/** A conflict tells the size to start from; more than one in a row means that others ask in our name, or that the witness contradicts itself. */
const MOST_TRIES = 3;

export type SeatOutcome =
  | { readonly type: 'cosigned'; readonly cosignature: Cosignature }
  | { readonly type: 'fork'; readonly message: string }
  | { readonly type: 'failed'; readonly message: string };

/** One witness as the server knows it: what it cosigned last, whether it answers, and when it may be asked again. One request at a time. */
export class WitnessSeat {
  readonly address: WitnessAddress;
  readonly #ledger: Ledger;
  readonly #now: () => number;
  #knownSize = 0;
  #busy = false;
  #notBefore = 0;
  #failures = 0;
  #silentSince: number | null = null;
  #cosigned: { readonly size: number; readonly time: number } | null = null;
  #trouble: string | null = null;
  #fork: string | null = null;

  constructor(address: WitnessAddress, ledger: Ledger, now: () => number) {
    this.address = address;
    this.#ledger = ledger;
    this.#now = now;
  }

  get busy(): boolean {
    return this.#busy;
  }

  /** Neither being asked nor left alone for a while after a failure. */
  get ready(): boolean {
    return !this.#busy && this.#now() >= this.#notBefore;
  }

  /** For how long it owes an answer, in milliseconds. */
  get silentMs(): number {
    return this.#silentSince === null ? 0 : this.#now() - this.#silentSince;
  }

  get cosigned(): { readonly size: number; readonly time: number } | null {
    return this.#cosigned;
  }

  get trouble(): string | null {
    return this.#trouble;
  }

  /** Why the witness may have seen another log under our name and key. It stands until the witness cosigns again. */
  get fork(): string | null {
    return this.#fork;
  }

  /** Asks for a cosignature of `head`. Never throws. */
  async ask(head: SignedHead): Promise<SeatOutcome> {
    this.#busy = true;
    this.#silentSince ??= this.#now();
    const outcome = await this.#outcome(head).catch((error: unknown): SeatOutcome => ({
      type: 'failed',
      message: `no proof could be made: ${String(error)}`,
    }));
    this.#busy = false;
    if (outcome.type === 'cosigned') {
      this.#failures = 0;
      this.#silentSince = null;
      this.#cosigned = { size: head.size, time: outcome.cosignature.time };
      this.#trouble = null;
      this.#fork = null;
    } else {
      this.#notBefore = this.#now() + Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
      this.#failures += 1;
      this.#trouble = outcome.message;
      if (outcome.type === 'fork') this.#fork = outcome.message;
    }
    return outcome;
  }

  async #outcome(head: SignedHead): Promise<SeatOutcome> {
    const { name } = this.address.key;
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const oldSize = this.#knownSize;
      const reply = await this.#request(oldSize, head);
      if (reply.type === 'cosigned') {
        this.#knownSize = head.size;
        return reply;
      }
      if (reply.type === 'failed') return reply;
      if (reply.type === 'inconsistent') {
        return {
          type: 'fork',
          message: `The witness ${name} refuses the proof that the ledger only grew from ${oldSize} to ${head.size} entries: it has cosigned other entries under the same key, or it errs. It says: ${reply.message}`,
        };
      }
      const ours = this.#ledger.head?.size ?? head.size;
      if (reply.size > ours) {
        return {
          type: 'fork',
          message: `The witness ${name} has cosigned ${reply.size} entries of this ledger, which has only ${ours}: entries were lost, or somebody else signs with its key.`,
        };
      }
      if (reply.size > head.size) return { type: 'failed', message: `${name} has cosigned a later head already.` };
      this.#knownSize = reply.size;
    }
    return { type: 'failed', message: `${name} names another size with each answer.` };
  }

  async #request(oldSize: number, head: SignedHead): Promise<WitnessReply> {
    const proof = oldSize === 0 ? [] : await this.#ledger.proofs.consistency(oldSize, head.size);
    return addCheckpoint(this.address, { oldSize, proof, checkpoint: head.checkpoint });
  }
}
