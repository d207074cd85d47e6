import { expect, test } from 'vitest';
import { bytesOfBase64 } from './audio-base64.ts';
import { AudioDecoder, AudioEncoder, type WireAudio } from './audio-codec.ts';

const tone = (length: number) => Int16Array.from({ length }, (_, n) => Math.round(8000 * Math.sin((2 * Math.PI * 440 * n) / 16_000)));
const loudness = (samples: Int16Array) => Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);

test.each<[WireAudio, number]>([
  ['audio/pcm', 9600],
  ['audio/pcmu', 1600],
  ['audio/pcma', 1600],
])('%s: a tick is %i bytes, and comes back as it was', (format, bytes) => {
  const encoder = new AudioEncoder();
  const decoder = new AudioDecoder();
  const back: number[] = [];
  for (let n = 0; n < 10; n += 1) {
    const sent = bytesOfBase64(encoder.take(format, tone(3200)));
    expect(sent?.length).toBe(bytes);
    back.push(...decoder.take(format, sent ?? new Uint8Array(0)));
  }
  expect(back.length).toBe(32_000);
  expect(loudness(Int16Array.from(back.slice(3200)))).toBeGreaterThan(5300);
  expect(loudness(Int16Array.from(back.slice(3200)))).toBeLessThan(5900);
});

test('after a restart, and in another format, nothing of the sound before is in it', () => {
  const encoder = new AudioEncoder();
  const silence = new Int16Array(320);
  encoder.take('audio/pcm', tone(3200).fill(20_000));
  expect(Buffer.from(encoder.take('audio/pcm', silence), 'base64').some((byte) => byte !== 0)).toBe(true);
  encoder.take('audio/pcm', tone(3200).fill(20_000));
  encoder.restart();
  expect(Buffer.from(encoder.take('audio/pcm', silence), 'base64').every((byte) => byte === 0)).toBe(true);
});

test('half a sample is refused', () => {
  expect(() => new AudioDecoder().take('audio/pcm', new Uint8Array(3))).toThrow(RangeError);
});
