import { readFileSync } from 'node:fs';
import { readWav } from '@wheelhouse/engine/wav';
import { SAMPLE_RATE } from '@wheelhouse/protocol/tick';
import type { StreamClient } from '@wheelhouse/sdk/stream-client';

const SLICE = (SAMPLE_RATE * 40) / 1000;

/** Samples of a 16 kHz mono PCM16 WAV file. Throws for any other file, and says what it has to be. */
export function readRecording(file: string): Int16Array {
  const wav = readWav(readFileSync(file));
  if (wav?.sampleRate === SAMPLE_RATE && wav.channels === 1) return wav.samples;
  throw new Error(`${file} is not a WAV file with 16 kHz mono 16-bit samples.`);
}

/** Sends a recording at the speed of speech. Resolves when all is sent, or the connection is gone. */
export async function speak(client: StreamClient, samples: Int16Array): Promise<void> {
  const start = performance.now();
  for (let from = 0; from < samples.length && client.open; from += SLICE) {
    const wait = start + (from / SAMPLE_RATE) * 1000 - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    client.sendAudio(samples.subarray(from, from + SLICE));
  }
}
