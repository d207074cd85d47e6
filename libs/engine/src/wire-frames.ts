import { Buffer } from 'node:buffer';
import { EngineWireError } from './engine-wire-error.ts';

/** The longest message in bytes, header included. */
export const MOST_MESSAGE_BYTES = 16 * 1024 * 1024;
/** Length of the whole message (u32), then its type (u32). Both little-endian, so that a message is a multiple of four bytes. */
export const FRAME_HEADER = 8;

/** One message off the wire; `body` is a view that nobody writes to again. */
export type Frame = { readonly type: number; readonly body: Uint8Array };

/** A message that comes in several chunks, gathered in memory of its own. */
type Gathering = { readonly bytes: Uint8Array; filled: number };

function lengthOf(header: Uint8Array): number {
  const length = new DataView(header.buffer, header.byteOffset, FRAME_HEADER).getUint32(0, true);
  if (length > MOST_MESSAGE_BYTES)
    throw new EngineWireError('too_large', `a message of ${length} bytes is longer than ${MOST_MESSAGE_BYTES}`);
  if (length < FRAME_HEADER || length % 4 !== 0) throw new EngineWireError('wrong_length', `no message is ${length} bytes long`);
  return length;
}

function frameOf(message: Uint8Array): Frame {
  const type = new DataView(message.buffer, message.byteOffset, FRAME_HEADER).getUint32(4, true);
  return { type, body: message.subarray(FRAME_HEADER) };
}

/** Cuts a byte stream into messages, whatever the chunks. A message that lies whole in one chunk is not copied. After an error it must not be used again. */
export class FrameDecoder {
  #head = new Uint8Array(0);
  #gathering: Gathering | null = null;

  /**
   * The messages that this chunk completes. The chunk must not be changed afterwards.
   * @throws EngineWireError `too_large`, `wrong_length`.
   */
  push(chunk: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    let at = 0;
    while (at < chunk.length) {
      const gathering = this.#gathering ?? this.#begin(chunk, at, frames);
      if (typeof gathering === 'number') {
        at = gathering;
        continue;
      }
      const part = chunk.subarray(at, at + gathering.bytes.length - gathering.filled);
      gathering.bytes.set(part, gathering.filled);
      gathering.filled += part.length;
      at += part.length;
      const isWhole = gathering.filled === gathering.bytes.length;
      if (isWhole) frames.push(frameOf(gathering.bytes));
      this.#gathering = isWhole ? null : gathering;
    }
    return frames;
  }

  /** Starts a message at `at`: takes it whole if it is there (and gives where the next begins), else opens memory for it. */
  #begin(chunk: Uint8Array, at: number, frames: Frame[]): Gathering | number {
    const missing = FRAME_HEADER - this.#head.length;
    const rest = chunk.subarray(at, at + missing);
    const head = this.#head.length === 0 ? rest : Buffer.concat([this.#head, rest]);
    if (head.length < FRAME_HEADER) {
      this.#head = new Uint8Array(head);
      return at + rest.length;
    }
    const length = lengthOf(head);
    if (this.#head.length === 0 && at + length <= chunk.length) {
      frames.push(frameOf(chunk.subarray(at, at + length)));
      return at + length;
    }
    const bytes = Buffer.allocUnsafeSlow(length);
    bytes.set(head);
    this.#head = new Uint8Array(0);
    // What was kept of the header counts as filled; the rest of it is still in the chunk.
    return { bytes, filled: FRAME_HEADER - rest.length };
  }
}
