import { Track } from '@wheelhouse/content/track';
import type { TickAnswer } from '@wheelhouse/protocol/engine-tick';
import type { Outgoing } from '@wheelhouse/session/tick-state';
import { HeardSound } from './heard-sound.ts';
import type { RecordedSpan } from './thread-messages.ts';

/** Five seconds are handed over at a time: what a crash can take, and few enough pieces to keep. */
const SPAN_TICKS = 25;

/** Takes down the sound of one attached session: what its client sent, and what of the engine's and of a human's the client could hear. Copies, and nothing else. */
export class RecordingTap {
  readonly #sent: Track;
  readonly #heard: HeardSound;
  readonly #handOver: (spans: readonly RecordedSpan[]) => void;
  /** Whose sound the frame was that left last; null: it was none. */
  #last: 'engine' | 'human' | null = null;

  constructor(fromTick: number, handOver: (spans: readonly RecordedSpan[]) => void) {
    this.#sent = new Track(fromTick, SPAN_TICKS);
    this.#heard = new HeardSound(fromTick, SPAN_TICKS);
    this.#handOver = handOver;
  }

  /** A tick began, with this sound of the client's. */
  began(tick: number, audio: Int16Array, now: number): void {
    this.#sent.begin(tick, now);
    this.#sent.put(audio);
    this.#heard.begin(tick, now);
    this.#flush(this.#sent.take(), this.#heard.take());
  }

  /** The gate judged an answer: of its frames, those that left reach the client. */
  answered(answer: Pick<TickAnswer, 'audio' | 'yielded'>, frames: readonly Outgoing[], now: number): void {
    // Its first frame says that the engine yields, and makes the client drop what it has not played.
    if (answer.yielded && frames[0]?.left === true) this.#heard.cut('engine', now);
    for (const { kind, left } of frames) {
      if (!left) continue;
      this.#last = kind === 'audio' ? 'engine' : null;
      if (kind === 'audio' && answer.audio !== null) this.#heard.play('engine', answer.audio, now);
    }
  }

  /** A human's voice left. No order to drop what the engine said is about it. */
  spoke(samples: Int16Array, now: number): void {
    this.#heard.play('human', samples, now);
    this.#last = 'human';
  }

  /** The client was told to drop what it has not played of the engine's. */
  cut(now: number): void {
    this.#heard.cut('engine', now);
  }

  /** The frame under way was cut off with its connection: half a frame is played by nobody. */
  lostUnderWay(): void {
    if (this.#last !== null) this.#heard.unplay(this.#last);
    this.#last = null;
  }

  /** The client has gone; whatever it had not played it does not play any more. */
  close(now: number): void {
    this.#heard.cut('engine', now);
    this.#heard.cut('human', now);
    this.#flush(this.#sent.close(), this.#heard.close());
  }

  #flush(sent: ReturnType<Track['take']>, heard: ReturnType<Track['take']>): void {
    if (sent.length === 0 && heard.length === 0) return;
    const mark = (track: 'in' | 'out') => (span: (typeof sent)[number]) => ({ ...span, track });
    this.#handOver([...sent.map(mark('in')), ...heard.map(mark('out'))]);
  }
}
