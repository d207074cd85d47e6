import { readFileSync } from 'node:fs';
import path from 'node:path';
import { SAMPLE_RATE } from '@wheelhouse/protocol/tick';
import type { StreamClient } from '@wheelhouse/sdk/stream-client';
import { readWav } from '@wheelhouse/engine/wav';

const FIXTURES = path.resolve(import.meta.dirname, '../fixtures');

/** The samples of a recording in test/fixtures, 16 kHz mono. */
export function recording(name: string): Int16Array {
  const wav = readWav(readFileSync(path.join(FIXTURES, name)));
  if (wav === null) throw new Error(`${name} is not a WAV file`);
  return wav.samples;
}

/** A tone, for lines that only carry sound. */
export function tone(ms: number, hz = 440): Int16Array {
  return Int16Array.from({ length: (SAMPLE_RATE * ms) / 1000 }, (_, i) =>
    Math.round(8000 * Math.sin((2 * Math.PI * hz * i) / SAMPLE_RATE)),
  );
}

/** Streams samples at the speed of speech, `sliceMs` at a time. Stops early when the client closes or `stop` is called. */
export function speak(
  client: StreamClient,
  samples: Int16Array,
  sliceMs = 40,
): { readonly done: Promise<unknown>; readonly stop: () => void } {
  const slice = (SAMPLE_RATE * sliceMs) / 1000;
  const start = performance.now();
  let at = 0;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setInterval(() => {
    while (at < samples.length && client.open && performance.now() - start >= (at / SAMPLE_RATE) * 1000) {
      client.sendAudio(samples.subarray(at, at + slice));
      at += slice;
    }
    if (at >= samples.length || !client.open) stop();
  }, 10);
  const stop = () => {
    clearInterval(timer);
    resolve(undefined);
  };
  return { done: promise, stop };
}
