import { sha256, verifyEd25519 } from '@wheelhouse/installation/node-crypto';
import { cosign } from '@wheelhouse/ledger/cosignature';
import type { Cosigner } from '@wheelhouse/ledger/cosignature';
import type { NoteKey } from '@wheelhouse/ledger/note-key';
import { formatNote, formatSignatureLine } from '@wheelhouse/ledger/signed-note';
import type { TreeHead } from '@wheelhouse/ledger/tree-hash';
import { decide } from '@wheelhouse/ledger/witness';
import type { WitnessAnswer, WitnessState } from '@wheelhouse/ledger/witness';
import { parseAddCheckpoint } from '@wheelhouse/ledger/witness-request';
import type { WitnessStore } from './witness-store.ts';

/** An answer on HTTP. */
export type Answer = { readonly status: number; readonly type: string; readonly body: string };

const TEXT = 'text/plain; charset=utf-8';
const REFUSED = { unknown_log: 404, bad_signature: 403, malformed: 400, inconsistent: 422 } as const;

/** Told of every refusal of a request that a known log has signed or not: what may be evidence. */
export type OnRefusal = (status: number, message: string) => void;

/**
 * The witness at work. `addCheckpoint` is synchronous from the decision to the flushed file, so requests can't overlap, and a cosignature
 * leaves the process only after the head that it is for can't be forgotten any more.
 */
export class WitnessService {
  readonly #store: WitnessStore;
  readonly #cosigner: Cosigner;
  readonly #now: () => number;
  readonly #onRefusal: OnRefusal;
  readonly #times: Map<string, number>;
  #state: WitnessState;

  private constructor(parts: Parts, heads: ReadonlyMap<string, TreeHead>, times: Map<string, number>) {
    this.#store = parts.store;
    this.#cosigner = parts.cosigner;
    this.#now = parts.now;
    this.#onRefusal = parts.onRefusal;
    this.#times = times;
    this.#state = { logs: parts.logs, heads };
  }

  static async open(parts: Parts): Promise<WitnessService> {
    const heads = new Map<string, TreeHead>();
    const times = new Map<string, number>();
    for (const origin of parts.logs.keys()) {
      const last = await parts.store.last(origin, parts.cosigner);
      if (last === null) continue;
      heads.set(origin, last.head);
      times.set(origin, last.time);
    }
    return new WitnessService(parts, heads, times);
  }

  /** `POST /add-checkpoint`, C2SP tlog-witness. Throws when the new head can't be stored; then nothing was promised. */
  addCheckpoint(body: Uint8Array): Answer {
    const request = parseAddCheckpoint(body);
    if (!request.ok) return this.#refused({ type: 'malformed', message: request.message });
    const answer = decide(this.#state, request.value, { sha256, verify: verifyEd25519 });
    switch (answer.type) {
      case 'cosign':
        return this.#cosign(request.value.checkpoint.origin, answer);
      case 'conflict':
        return { status: 409, type: 'text/x.tlog.size', body: `${answer.size}\n` };
      case 'unknown_log':
      case 'bad_signature':
      case 'malformed':
      case 'inconsistent':
        return this.#refused(answer);
    }
  }

  /** `GET /<origin hash>/checkpoint`: the last checkpoint of a log that was cosigned here. */
  checkpoint(hash: string): Answer {
    const text = this.#store.checkpoint(hash);
    return text === null
      ? { status: 404, type: TEXT, body: 'No checkpoint of this log has been cosigned here.\n' }
      : { status: 200, type: TEXT, body: text };
  }

  #cosign(origin: string, { state, text, signatures }: Extract<WitnessAnswer, { type: 'cosign' }>): Answer {
    // A clock that was set back must not make a later statement look like an earlier one.
    const time = Math.max(Math.floor(this.#now() / 1000), this.#times.get(origin) ?? 1);
    const line = cosign(text, time, this.#cosigner);
    this.#store.save(origin, formatNote({ text, signatures: [...signatures, line] }));
    this.#state = state;
    this.#times.set(origin, time);
    return { status: 200, type: TEXT, body: formatSignatureLine(line) };
  }

  #refused(answer: { readonly type: keyof typeof REFUSED; readonly message: string }): Answer {
    const status = REFUSED[answer.type];
    this.#onRefusal(status, answer.message);
    return { status, type: TEXT, body: `${answer.message}\n` };
  }
}

type Parts = {
  readonly store: WitnessStore;
  readonly cosigner: Cosigner;
  readonly logs: ReadonlyMap<string, readonly NoteKey[]>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onRefusal: OnRefusal;
};
