import type { PictureFate } from '@wheelhouse/protocol/content';

/** A span with this much in it is not kept open for more: no piece gets large, and little waits on the stream thread. */
const MOST_BYTES = 1024 * 1024;

/** A picture that the client showed, with what became of it. `jpeg`: null unless the engine saw it. */
export type Picture = {
  readonly tick: number;
  readonly arrived: number;
  readonly fate: PictureFate;
  readonly jpeg: Uint8Array<ArrayBuffer> | null;
};

/** The pictures of the ticks from `fromTick` up to, and without, `toTick`, in order. None: nothing was shown then. */
export type PictureSpan = { readonly fromTick: number; readonly toTick: number; readonly pictures: readonly Picture[] };

/**
 * The pictures of a recording on the session's own clock. Every tick that ran is in exactly one span, whether something was shown in it or not: what
 * no span covers was lost.
 */
export class PictureTrack {
  readonly #spanTicks: number;
  #first: number;
  #next: number;
  #pictures: Picture[] = [];
  #bytes = 0;
  #done: PictureSpan[] = [];

  /** `firstTick`: the first tick that will begin. `spanTicks`: how many ticks are handed out together at most. */
  constructor(firstTick: number, spanTicks: number) {
    this.#first = firstTick;
    this.#next = firstTick;
    this.#spanTicks = spanTicks;
  }

  /** A tick, with what was shown in it. When ticks were left out, nothing is made up for them: the next span starts later. */
  put(tick: number, pictures: readonly Picture[]): void {
    if (tick !== this.#next) {
      this.#emit();
      this.#first = tick;
    }
    this.#next = tick + 1;
    for (const picture of pictures) {
      this.#pictures.push(picture);
      this.#bytes += picture.jpeg?.length ?? 0;
    }
    if (this.#next - this.#first >= this.#spanTicks || this.#bytes >= MOST_BYTES) this.#emit();
  }

  /** The spans that are full, each handed out once. */
  take(): PictureSpan[] {
    return this.#done.splice(0);
  }

  /** The track ends, with the tick that was put last. */
  close(): PictureSpan[] {
    this.#emit();
    return this.take();
  }

  #emit(): void {
    if (this.#next > this.#first) this.#done.push({ fromTick: this.#first, toTick: this.#next, pictures: this.#pictures });
    this.#first = this.#next;
    this.#pictures = [];
    this.#bytes = 0;
  }
}
