import type { TickExtra } from '@wheelhouse/protocol/engine-tick';
import { SAMPLE_RATE, TICK_SAMPLES } from '@wheelhouse/protocol/tick';

/** What waits for the engine, in the order in which the client gave it. Samples are PCM16 at 16 kHz. */
export type PacedInput =
  | { readonly type: 'audio'; readonly samples: Int16Array }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image'; readonly jpeg: Uint8Array }
  | { readonly type: 'extra'; readonly part: Partial<TickExtra> };

/** Who takes it. `room`: samples that are taken now. Each returns why it was refused, or null. */
export type PacedTaker = {
  readonly room: () => number;
  readonly take: (input: PacedInput) => string | null;
};

/** The session is given so much audio beforehand; the rest waits here, where it can still be dropped. */
const AHEAD_SAMPLES = SAMPLE_RATE / 2;
/** Audio that may wait: clients that send a recording at once are heard, at the speed of speech. */
export const MOST_WAITING_SECONDS = 60;
const MOST_TEXTS_A_TICK = 8;

/**
 * Hands a client's input to its session at the pace of the ticks and in the client's order: what it asked for after sending audio is asked of the engine once
 * the audio has been heard.
 */
export class RealtimePacing {
  readonly #taker: PacedTaker;
  readonly #most: number;
  #waiting: PacedInput[] = [];
  #samples = 0;
  #texts = 0;
  #images = 0;
  /** Ticks until what was sent before has been heard, for the answer that is next in line; null when none is. */
  #heardIn: number | null = null;

  constructor(taker: PacedTaker) {
    this.#taker = taker;
    this.#most = taker.room();
  }

  get waiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Takes an input and hands over what can be. Returns what is to be told to the client: why something was not taken. */
  put(input: PacedInput): readonly string[] {
    if (input.type === 'audio') {
      if (this.#samples + input.samples.length > MOST_WAITING_SECONDS * SAMPLE_RATE)
        return [`More than ${MOST_WAITING_SECONDS} seconds of audio wait to be heard: send it at the speed of speech. This was dropped.`];
      this.#samples += input.samples.length;
    }
    this.#waiting.push(input);
    return this.#handOver();
  }

  /** A tick began: there is room again. */
  tick(): readonly string[] {
    this.#texts = 0;
    this.#images = 0;
    if (this.#heardIn !== null) this.#heardIn -= 1;
    return this.#handOver();
  }

  /** Drops audio that waits, and nothing else. */
  dropAudio(): void {
    this.#waiting = this.#waiting.filter(({ type }) => type !== 'audio');
    this.#samples = 0;
  }

  /** The answer that was asked for is not wanted any more. */
  dropRespond(): void {
    this.#waiting = this.#waiting.filter((input) => !(input.type === 'extra' && input.part.respond === true));
    this.#heardIn = null;
  }

  #handOver(): readonly string[] {
    const refused: string[] = [];
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const fitting = this.#fitting(next);
      if (fitting === null) break;
      const why = this.#taker.take(fitting);
      if (why !== null) refused.push(why);
    }
    return refused;
  }

  /** As much of the input as can go now, taken off the line; null when nothing can. */
  #fitting(input: PacedInput): PacedInput | null {
    switch (input.type) {
      case 'audio':
        return this.#fittingAudio(input.samples);
      case 'text':
        if (this.#texts >= MOST_TEXTS_A_TICK) return null;
        this.#texts += 1;
        break;
      case 'image':
        if (this.#images > 0) return null;
        this.#images += 1;
        break;
      case 'extra':
        if (input.part.respond === true && !this.#isHeard()) return null;
        break;
    }
    this.#waiting.shift();
    return input;
  }

  /** Whether the engine has had the audio that came before the answer that is asked for. */
  #isHeard(): boolean {
    this.#heardIn ??= Math.ceil((this.#most - this.#taker.room()) / TICK_SAMPLES);
    if (this.#heardIn > 0) return false;
    this.#heardIn = null;
    return true;
  }

  #fittingAudio(samples: Int16Array): PacedInput | null {
    const ahead = this.#most - this.#taker.room();
    const room = Math.min(AHEAD_SAMPLES - ahead, this.#taker.room());
    if (room <= 0 && samples.length > 0) return null;
    const now = samples.subarray(0, room);
    const rest = samples.subarray(now.length);
    this.#samples -= now.length;
    if (rest.length === 0) this.#waiting.shift();
    else this.#waiting[0] = { type: 'audio', samples: rest };
    return { type: 'audio', samples: now };
  }
}
