import { decodeFrame, encodeFrame, isRefusal, type Frame, type FrameKind } from '@wheelhouse/protocol/frame';
import type { Attachment } from '@wheelhouse/protocol/session';
import type { ClientEvent } from '@wheelhouse/protocol/stream-event';
import { SAMPLE_RATE, TICK_MS } from '@wheelhouse/protocol/tick';

export type StreamListener = {
  readonly onFrame: (frame: Frame) => void;
  /** The connection is over; `opened` tells whether it ever was. */
  readonly onClose: (why: string, opened: boolean) => void;
};

/** Audio waits here at most this long while the network is slow; what is older is not worth saying any more. */
const SEND_BUFFER_BYTES = SAMPLE_RATE * 2;

/** One connection to a session's stream: numbers what it sends from 1, and hands over what it receives, decoded. */
export class StreamSocket {
  readonly #socket: WebSocket;
  readonly #session: string;
  readonly #startedAt = performance.now();
  #sequence = 0;

  constructor(attachment: Attachment, listener: StreamListener) {
    this.#session = attachment.session.id;
    this.#socket = new WebSocket(attachment.url, ['wheelhouse.v1', `ticket.${attachment.ticket}`]);
    this.#socket.binaryType = 'arraybuffer';
    let opened = false;
    this.#socket.onopen = () => {
      opened = true;
    };
    this.#socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      const frame = data instanceof ArrayBuffer ? decodeFrame(new Uint8Array(data)) : null;
      // A stream that says what is not a frame cannot be trusted about anything after it either.
      if (frame === null || isRefusal(frame)) this.#socket.close(4000, 'not a frame');
      else listener.onFrame(frame);
    };
    this.#socket.onclose = (event) => {
      listener.onClose(event.reason === '' ? 'The connection was lost.' : event.reason, opened);
    };
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  sendAudio(pcm: Int16Array<ArrayBuffer>): void {
    if (this.#socket.bufferedAmount > SEND_BUFFER_BYTES) return;
    this.#send('audio', SAMPLE_RATE, new Uint8Array(pcm.buffer));
  }

  sendEnd(): void {
    const event: ClientEvent = { type: 'end' };
    this.#send('event', 0, new TextEncoder().encode(JSON.stringify(event)));
  }

  close(): void {
    this.#socket.close(1000);
  }

  #send(kind: FrameKind, sampleRate: number, payload: Uint8Array): void {
    if (!this.isOpen) return;
    const timestamp = performance.now() - this.#startedAt;
    this.#sequence += 1;
    const tick = Math.floor(timestamp / TICK_MS);
    this.#socket.send(
      encodeFrame({ kind, source: 'client', sampleRate, tick, sequence: this.#sequence, timestamp, session: this.#session }, payload),
    );
  }
}
