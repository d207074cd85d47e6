import { Track } from '@wheelhouse/content/track';
import type { TickAnswer } from '@wheelhouse/protocol/engine-tick';
import type { Outgoing } from '@wheelhouse/session/tick';
import type { RecordedSpan } from './thread-messages.ts';

/** Five seconds are handed over at a time: what a crash can take, and few enough pieces to keep. */
const SPAN_TICKS = 25;

/** Takes down the sound of one attached session: what its client sent, and what of the engine's the client could hear. Copies, and nothing else. */
export class RecordingTap {
  readonly #sent: Track;
  readonly #heard: Track;
  readonly #handOver: (spans: readonly RecordedSpan[]) => void;
  #lastWasSound = false;

  constructor(fromTick: number, handOver: (spans: readonly RecordedSpan[]) => void) {
    this.#sent = new Track(fromTick, SPAN_TICKS);
    this.#heard = new Track(fromTick, SPAN_TICKS);
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
  answered(answer: TickAnswer, frames: readonly Outgoing[], now: number): void {
    // Its first frame says that the engine yields, and makes the client drop what it has not played.
    if (answer.yielded && frames[0]?.left === true) this.#heard.cut(now);
    for (const { kind, left } of frames) {
      if (!left) continue;
      this.#lastWasSound = kind === 'audio';
      if (kind === 'audio' && answer.audio !== null) this.#heard.play(answer.audio, now);
    }
  }

  /** The client was told to drop what it has not played, or has gone. */
  cut(now: number): void {
    this.#heard.cut(now);
  }

  /** The frame under way was cut off with its connection: half a frame is played by nobody. */
  lostUnderWay(): void {
    if (this.#lastWasSound) this.#heard.unplay();
    this.#lastWasSound = false;
  }

  /** The client has gone; whatever it had not played it does not play any more. */
  close(now: number): void {
    this.#heard.cut(now);
    this.#flush(this.#sent.close(), this.#heard.close());
  }

  #flush(sent: ReturnType<Track['take']>, heard: ReturnType<Track['take']>): void {
    if (sent.length === 0 && heard.length === 0) return;
    const mark = (track: 'in' | 'out') => (span: (typeof sent)[number]) => ({ ...span, track });
    this.#handOver([...sent.map(mark('in')), ...heard.map(mark('out'))]);
  }
}
