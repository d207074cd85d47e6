import { type Picture, type PictureSpan, PictureTrack } from '@wheelhouse/content/picture-track';
import type { ShownPicture } from '@wheelhouse/session/input-checkpoint';

/** As of sound, five seconds are handed over at a time: what a crash can take. */
const SPAN_TICKS = 25;

/** Takes down what the client of one attached session showed to its engine. Copies, and nothing else. */
export class VideoTap {
  readonly #track: PictureTrack;
  readonly #handOver: (spans: readonly PictureSpan[]) => void;

  constructor(fromTick: number, handOver: (spans: readonly PictureSpan[]) => void) {
    this.#track = new PictureTrack(fromTick, SPAN_TICKS);
    this.#handOver = handOver;
  }

  /** A tick's input is out. `image`: what of `shown` was in it; `reached`: whether the engine was given that input. */
  took(tick: number, shown: readonly ShownPicture[], given: { readonly image: Uint8Array | undefined; readonly reached: boolean }): void {
    this.#track.put(
      tick,
      shown.map(({ since, image }): Picture => {
        const base = { tick, arrived: since };
        if (image === null) return { ...base, fate: 'refused', jpeg: null };
        const isSeen = given.reached && image === given.image;
        // A copy: what came from the socket is a view of memory that is not ours to hand over.
        return isSeen ? { ...base, fate: 'seen', jpeg: new Uint8Array(image) } : { ...base, fate: 'missed', jpeg: null };
      }),
    );
    this.#flush(this.#track.take());
  }

  /** The client has gone. */
  close(): void {
    this.#flush(this.#track.close());
  }

  #flush(spans: readonly PictureSpan[]): void {
    if (spans.length > 0) this.#handOver(spans);
  }
}
