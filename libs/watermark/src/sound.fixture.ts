import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { MarkKey } from './mark-sequence.ts';
import { markSequence } from './mark-sequence.ts';
import { Marker } from './marker.ts';

const WAV_HEADER_BYTES = 44;

/** A recording of test/fixtures: 16 kHz, mono, PCM16. */
export function recording(name: string): Int16Array {
  const file = readFileSync(new URL(`../../../test/fixtures/${name}`, import.meta.url));
  return new Int16Array(file.buffer.slice(file.byteOffset + WAV_HEADER_BYTES, file.byteOffset + file.length));
}

/** The key of this name. */
export function keyNamed(name: string): MarkKey {
  const hmac: MarkKey['hmac'] = (key, message) => createHmac('sha256', key).update(message).digest();
  return { key: hmac(new Uint8Array(32), name), hmac };
}

export const OURS = keyNamed('ours');
export const SEQUENCE = markSequence(OURS);

/** The sound with our mark. */
export function withMark(sound: Int16Array): Int16Array {
  const out = new Int16Array(sound.length);
  new Marker(SEQUENCE).mark(sound, out);
  return out;
}

/** Energy of a sound in dB; of the difference to another, where there is one. */
export function decibels(sound: Int16Array, other: Int16Array = new Int16Array(sound.length)): number {
  return 10 * Math.log10(sound.reduce((sum, sample, i) => sum + (sample - (other[i] ?? 0)) ** 2, 0));
}
