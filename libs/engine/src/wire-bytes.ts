import { Buffer } from 'node:buffer';
import { EngineWireError } from './engine-wire-error.ts';

// Every field starts at a multiple of four bytes within its message, so that audio can be read where it lies.
// Numbers are little-endian. Audio goes in the machine's own order: both ends are one machine, and each that Node runs on for us is little-endian.

/** Bytes that a field of `length` bytes takes with its padding. */
export const padded = (length: number): number => (length + 3) & ~3;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes that a text takes: its length, its UTF-8, padding. */
export const textSize = (text: string): number => 4 + padded(Buffer.byteLength(text));

/** Writes fields one after the other into memory that was measured before. */
export class WireWriter {
  readonly bytes: Buffer;
  at = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  u32(value: number): void {
    this.at = this.bytes.writeUInt32LE(value, this.at);
  }

  text(text: string): void {
    const length = text === '' ? 0 : this.bytes.write(text, this.at + 4);
    this.u32(length);
    this.#pad(length);
  }

  audio(samples: Int16Array): void {
    this.bytes.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), this.at);
    this.#pad(samples.byteLength);
  }

  /** Bytes as they are; their length is written elsewhere. */
  blob(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.at);
    this.#pad(bytes.length);
  }

  /** The padding is zeroed: memory from the pool may hold what is nobody else's business. */
  #pad(length: number): void {
    const end = this.at + padded(length);
    this.bytes.fill(0, this.at + length, end);
    this.at = end;
  }
}

/** Reads fields of one message body, each checked against what is left. */
export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #take(length: number): number {
    const at = this.#at;
    if (at + padded(length) > this.#bytes.length) throw new EngineWireError('wrong_length', 'the message ends inside a field');
    this.#at = at + padded(length);
    return at;
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.#take(4));
  }

  /** A number of things, refused before anything is made for them. */
  count(most: number, what: string): number {
    const count = this.u32();
    if (count > most) throw new EngineWireError('bad_value', `${count} ${what} are more than ${most}`);
    return count;
  }

  text(mostBytes: number): string {
    const length = this.u32();
    if (length > mostBytes) throw new EngineWireError('bad_value', `a text of ${length} bytes is longer than ${mostBytes}`);
    if (length === 0) return '';
    const at = this.#take(length);
    try {
      return utf8.decode(this.#bytes.subarray(at, at + length));
    } catch {
      throw new EngineWireError('bad_value', 'a text is not UTF-8');
    }
  }

  /** A view where the samples lie on even memory, a copy where they don't. */
  audio(samples: number): Int16Array {
    const at = this.#take(samples * 2);
    const start = this.#bytes.byteOffset + at;
    if (start % 2 === 0) return new Int16Array(this.#bytes.buffer, start, samples);
    const copy = new Int16Array(samples);
    new Uint8Array(copy.buffer).set(this.#bytes.subarray(at, at + samples * 2));
    return copy;
  }

  /** Bytes of their own memory. */
  blob(length: number): Uint8Array {
    const at = this.#take(length);
    return new Uint8Array(this.#bytes.subarray(at, at + length));
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new EngineWireError('wrong_length', 'the message goes on past its fields');
  }
}
