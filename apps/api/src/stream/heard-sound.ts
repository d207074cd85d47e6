import { type Span, Track } from '@wheelhouse/content/track';
import { mixInto } from '@wheelhouse/session/human-voice';

/** What a client heard: the engine's sound and a human's, which it plays at once. Both are laid out alike, and handed out as one track. */
export class HeardSound {
  readonly #engine: Track;
  readonly #human: Track;
  /** Stretches of one that wait for the same of the other. */
  readonly #waiting = new Map<number, Span>();

  constructor(fromTick: number, spanTicks: number) {
    this.#engine = new Track(fromTick, spanTicks);
    this.#human = new Track(fromTick, spanTicks);
  }

  begin(tick: number, now: number): void {
    this.#engine.begin(tick, now);
    this.#human.begin(tick, now);
  }

  play(source: 'engine' | 'human', samples: Int16Array, now: number): void {
    this.#of(source).play(samples, now);
  }

  /** The client was told to drop what it has not played of this one's. */
  cut(source: 'engine' | 'human', now: number): void {
    this.#of(source).cut(now);
  }

  /** This one's last sound never reached the client whole. */
  unplay(source: 'engine' | 'human'): void {
    this.#of(source).unplay();
  }

  take(): Span[] {
    return this.#together([...this.#engine.take(), ...this.#human.take()]);
  }

  close(): Span[] {
    return this.#together([...this.#engine.close(), ...this.#human.close()]);
  }

  #of(source: 'engine' | 'human'): Track {
    return source === 'engine' ? this.#engine : this.#human;
  }

  #together(spans: readonly Span[]): Span[] {
    return spans.flatMap((span) => {
      const other = this.#waiting.get(span.fromTick);
      if (other === undefined) {
        this.#waiting.set(span.fromTick, span);
        return [];
      }
      this.#waiting.delete(span.fromTick);
      mixInto(span.samples, span.samples, other.samples);
      return [span];
    });
  }
}
