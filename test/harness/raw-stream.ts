import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { decodeFrame, type Frame, isRefusal } from '@wheelhouse/protocol/frame';
import type { Attachment } from '@wheelhouse/protocol/session';

/** A stream client by hand, over plain TCP: one that can stop reading, as no library lets one. */
export class RawStream {
  readonly #chunks: Buffer[] = [];
  readonly #socket: Socket;
  ended = false;

  constructor(attachment: Pick<Attachment, 'url' | 'ticket'>) {
    const url = new URL(attachment.url);
    this.#socket = connect(Number(url.port), url.hostname);
    this.#socket.on('data', (chunk) => this.#chunks.push(chunk));
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      this.ended = true;
    });
    const lines = [
      `GET ${url.pathname} HTTP/1.1`,
      `Host: ${url.host}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      `Sec-WebSocket-Protocol: wheelhouse.v1, ticket.${attachment.ticket}`,
    ];
    this.#socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  }

  stopReading(): void {
    this.#socket.pause();
  }

  readOn(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }

  /** The frames that arrived whole. */
  frames(): Frame[] {
    const bytes = Buffer.concat(this.#chunks);
    let at = bytes.indexOf('\r\n\r\n') + 4;
    const frames: Frame[] = [];
    while (at >= 4 && at + 4 <= bytes.length) {
      const short = (bytes[at + 1] ?? 0) & 0x7f;
      const [size, header] = short < 126 ? [short, 2] : short === 126 ? [bytes.readUInt16BE(at + 2), 4] : [bytes.length, 10];
      if (at + header + size > bytes.length) break;
      const frame = decodeFrame(bytes.subarray(at + header, at + header + size));
      if (!isRefusal(frame)) frames.push(frame);
      at += header + size;
    }
    return frames;
  }
}
