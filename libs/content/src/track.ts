import { SAMPLE_RATE, TICK_MS, TICK_SAMPLES } from '@wheelhouse/protocol/tick';

const SAMPLES_A_MS = SAMPLE_RATE / 1000;
/** A client that was sent more than it could play keeps at most this much of it. */
const MOST_AHEAD_TICKS = 3000 / TICK_MS;

/** A stretch of a track without a gap: from `fromTick` up to, and without, `toTick`; exactly as many samples as these ticks have. */
export type Span = { readonly fromTick: number; readonly toTick: number; readonly samples: Int16Array<ArrayBuffer> };

/** Sound that was handed to the client: where it lies, in samples since the session began, and when the client could start to play it. */
type Clip = { readonly at: number; readonly length: number; readonly startsAt: number };

/**
 * One track of a recording, laid out on the session's own clock: tick n lies at n * 200 ms whatever arrives, so that N ticks are exactly
 * N * 200 ms of sound. What is missing is silence; what is too long is not allowed to push what follows.
 *
 * Two ways in: `put` for what belongs to the running tick and is final, `play` for what a client gets to play and may yet be told to drop.
 * A clock in milliseconds comes with every call that needs one; it is used for differences only.
 */
export class Track {
  readonly #spanTicks: number;
  /** Sound of the ticks from `#first` on, also of those that have not begun; null is silence. */
  #ticks: (Int16Array | null)[] = [];
  #first: number;
  /** The tick that runs is the one before. */
  #next: number;
  /** What the client may not have played yet, in order. */
  #clips: Clip[] = [];
  #done: Span[] = [];

  /** `firstTick`: the first tick that will begin. `spanTicks`: how many ticks are handed out together. */
  constructor(firstTick: number, spanTicks: number) {
    this.#first = firstTick;
    this.#next = firstTick;
    this.#spanTicks = spanTicks;
  }

  /** The tick begins. When ticks were left out, nothing is made up for them: the next span starts later. */
  begin(tick: number, now: number): void {
    if (tick !== this.#next) this.#restart(tick);
    this.#next = tick + 1;
    this.#clips = this.#clips.filter((clip) => clip.startsAt + clip.length / SAMPLES_A_MS > now);
    const open = this.#clips[0];
    const settled = open === undefined ? this.#next - 1 : Math.min(this.#next - 1, Math.floor(open.at / TICK_SAMPLES));
    while (settled - this.#first >= this.#spanTicks) this.#emit(this.#spanTicks);
  }

  /** The running tick's sound, final. What goes beyond a tick is left off. */
  put(samples: Int16Array): void {
    if (samples.length > 0 && this.#next > this.#first) this.#write((this.#next - 1) * TICK_SAMPLES, samples.subarray(0, TICK_SAMPLES));
  }

  /** Sound handed to the client at `now`: it plays it as soon as it has played what it got before. */
  play(samples: Int16Array, now: number): void {
    const last = this.#clips.at(-1);
    const at = Math.max((this.#next - 1) * TICK_SAMPLES, last === undefined ? 0 : last.at + last.length);
    const length = Math.min(samples.length, (this.#next + MOST_AHEAD_TICKS) * TICK_SAMPLES - at);
    if (length <= 0 || this.#next <= this.#first) return;
    this.#clips.push({ at, length, startsAt: Math.max(now, last === undefined ? 0 : last.startsAt + last.length / SAMPLES_A_MS) });
    this.#write(at, samples.subarray(0, length));
  }

  /** The client was told at `now` to drop what it has not played: of that nothing was heard. */
  cut(now: number): void {
    for (const clip of this.#clips) {
      const heard = Math.min(clip.length, Math.max(0, Math.round((now - clip.startsAt) * SAMPLES_A_MS)));
      this.#silence(clip.at + heard, clip.at + clip.length);
    }
    this.#clips = [];
  }

  /** The last sound that was handed over never reached the client whole, and so was not played at all. */
  unplay(): void {
    const clip = this.#clips.pop();
    if (clip !== undefined) this.#silence(clip.at, clip.at + clip.length);
  }

  /** The spans that are full, each handed out once. */
  take(): Span[] {
    return this.#done.splice(0);
  }

  /** The track ends, with the tick that runs. What lies beyond it is cut off. */
  close(): Span[] {
    this.#restart(this.#next);
    return this.take();
  }

  #restart(tick: number): void {
    while (this.#next > this.#first) this.#emit(Math.min(this.#spanTicks, this.#next - this.#first));
    this.#ticks = [];
    this.#clips = [];
    this.#first = tick;
  }

  #emit(count: number): void {
    const samples = new Int16Array(count * TICK_SAMPLES);
    for (const [i, tick] of this.#ticks.splice(0, count).entries()) if (tick !== null) samples.set(tick, i * TICK_SAMPLES);
    this.#done.push({ fromTick: this.#first, toTick: this.#first + count, samples });
    this.#first += count;
  }

  #write(at: number, samples: Int16Array): void {
    this.#each(at, at + samples.length, (tick, from, to, offset) => {
      while (this.#ticks.length <= tick) this.#ticks.push(null);
      const sound = (this.#ticks[tick] ??= new Int16Array(TICK_SAMPLES));
      sound.set(samples.subarray(offset, offset + to - from), from);
    });
  }

  #silence(from: number, to: number): void {
    this.#each(from, to, (tick, start, end) => this.#ticks[tick]?.fill(0, start, end));
  }

  /** Calls `visit` for each tick that [from, to) touches: its place in `#ticks`, the stretch within it, and the offset of that from `from`. */
  #each(from: number, to: number, visit: (tick: number, start: number, end: number, offset: number) => void): void {
    for (let at = from; at < to;) {
      const tick = Math.floor(at / TICK_SAMPLES);
      const end = Math.min(to, (tick + 1) * TICK_SAMPLES);
      if (tick >= this.#first) visit(tick - this.#first, at - tick * TICK_SAMPLES, end - tick * TICK_SAMPLES, at - from);
      at = end;
    }
  }
}
