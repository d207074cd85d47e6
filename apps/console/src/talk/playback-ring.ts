/** How loud a rendered block must be to count as sound that somebody could hear: -60 dB of full scale. */
const AUDIBLE = 0.001;

export type PlaybackCounters = {
  /** Samples of the engine's audio that went to the loudspeaker. */
  rendered: number;
  /** Of these, samples in blocks that were not silent. */
  audible: number;
  /** Samples dropped unplayed by a flush or because far too much was waiting. */
  dropped: number;
  /** Silent samples left out to catch up after a stall. */
  trimmed: number;
  /** Times that the ring ran dry while sound was playing. */
  gaps: number;
};

/**
 * What has arrived and not been played: frames of 200 ms go in, blocks of 128 samples come out. After a pause it waits for `headStart`
 * samples of time before it plays, so that a frame which comes a little late leaves no gap. When more than `slack` waits (after a stall),
 * silence is left out until the delay is gone: words are kept, pauses are not. `flush` drops everything at once.
 */
export class PlaybackRing {
  readonly counters: PlaybackCounters = { rendered: 0, audible: 0, dropped: 0, trimmed: 0, gaps: 0 };
  readonly #samples: Float32Array;
  readonly #headStart: number;
  readonly #slack: number;
  #read = 0;
  #length = 0;
  #wait: number;

  constructor(capacity: number, headStart: number, slack = capacity) {
    this.#samples = new Float32Array(capacity);
    this.#headStart = headStart;
    this.#slack = slack;
    this.#wait = headStart;
  }

  get waiting(): number {
    return this.#length;
  }

  push(samples: Int16Array): void {
    const capacity = this.#samples.length;
    const kept = samples.length > capacity ? samples.subarray(samples.length - capacity) : samples;
    // Better to lose the oldest than to answer a question from long ago.
    const excess = Math.max(0, this.#length + kept.length - capacity);
    this.#drop(excess);
    this.counters.dropped += samples.length - kept.length;
    let at = (this.#read + this.#length) % capacity;
    for (const sample of kept) {
      this.#samples[at] = sample / 32768;
      at = at + 1 === capacity ? 0 : at + 1;
    }
    this.#length += kept.length;
  }

  /** Fills `out`, with silence where there is nothing to play. Returns the peak of what was played. */
  pull(out: Float32Array): number {
    out.fill(0);
    if (this.#length === 0) return 0;
    if (this.#wait > 0) {
      this.#wait -= out.length;
      return 0;
    }
    let [peak, played] = this.#take(out);
    while (peak < AUDIBLE && this.#length > this.#slack) {
      this.counters.trimmed += played;
      [peak, played] = this.#take(out);
    }
    this.counters.rendered += played;
    if (peak >= AUDIBLE) this.counters.audible += played;
    if (this.#length === 0) {
      this.#wait = this.#headStart;
      this.counters.gaps += 1;
    }
    return peak;
  }

  #take(out: Float32Array): [peak: number, played: number] {
    const played = Math.min(out.length, this.#length);
    let peak = 0;
    for (let i = 0; i < played; i += 1) {
      const sample = this.#samples[this.#read] ?? 0;
      out[i] = sample;
      peak = Math.max(peak, Math.abs(sample));
      this.#read = this.#read + 1 === this.#samples.length ? 0 : this.#read + 1;
    }
    this.#length -= played;
    return [peak, played];
  }

  flush(): void {
    this.#drop(this.#length);
    this.#wait = this.#headStart;
  }

  #drop(count: number): void {
    this.#read = (this.#read + count) % this.#samples.length;
    this.#length -= count;
    this.counters.dropped += count;
  }
}
