import { readFileSync } from 'node:fs';
import { SAMPLE_RATE } from '@wheelhouse/protocol/tick';
import type { StreamClient } from '@wheelhouse/sdk/stream-client';

const SLICE = (SAMPLE_RATE * 40) / 1000;
const HEADER_BYTES = 12;

/** Samples of a 16 kHz mono PCM16 WAV file. Throws for any other file, and says what it has to be. */
export function readRecording(file: string): Int16Array {
  const bytes = readFileSync(file);
  let at = HEADER_BYTES;
  let right = false;
  while (at + 8 <= bytes.length) {
    const tag = bytes.toString('latin1', at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    if (tag === 'fmt ')
      right =
        bytes.readUInt16LE(at + 8) === 1 &&
        bytes.readUInt16LE(at + 10) === 1 &&
        bytes.readUInt32LE(at + 12) === SAMPLE_RATE &&
        bytes.readUInt16LE(at + 22) === 16;
    if (tag === 'data' && right) {
      const data = new Uint8Array(bytes.subarray(at + 8, at + 8 + size));
      return new Int16Array(data.buffer, 0, data.length >> 1);
    }
    at += 8 + size + (size % 2);
  }
  throw new Error(`${file} is not a WAV file with 16 kHz mono 16-bit samples.`);
}

/** Sends a recording at the speed of speech. Resolves when all is sent, or the connection is gone. */
export async function speak(client: StreamClient, samples: Int16Array): Promise<void> {
  const start = performance.now();
  for (let from = 0; from < samples.length && client.open; from += SLICE) {
    const wait = start + (from / SAMPLE_RATE) * 1000 - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    if (client.open) client.sendAudio(samples.subarray(from, from + SLICE));
  }
}
