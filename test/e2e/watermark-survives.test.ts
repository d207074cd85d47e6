import path from 'node:path';
import { createSpeaker } from '@wheelhouse/engine/speaking';
import { loadWeights } from '@wheelhouse/engine/weights-store';
import { hmacSha256 } from '@wheelhouse/installation/node-crypto';
import { SAMPLE_RATE, TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import { decodeG711, encodeG711, type G711Law } from '@wheelhouse/realtime/audio-g711';
import { type AudioRate, AudioResampler } from '@wheelhouse/realtime/audio-resample';
import { detectMark } from '@wheelhouse/watermark/detect-mark';
import { type MarkKey, markSequence } from '@wheelhouse/watermark/mark-sequence';
import { Marker } from '@wheelhouse/watermark/marker';
import { toMarkRate } from '@wheelhouse/watermark/to-mark-rate';
import { beforeAll, describe, expect, it } from 'vitest';
import { together } from '../harness/sound.ts';
import { recording } from '../harness/speech.ts';

const MODELS = path.resolve(import.meta.dirname, '../../.wheelhouse/models');
const TEXTS = [
  'Good morning, and thank you for waiting. I have found your order from the ninth of March: two lamps, one of which was broken when it arrived. I can send another one today, or give you the money back, whichever you prefer.',
  'The museum opens at ten and closes at six. On Thursdays it stays open until nine in the evening. Children under twelve do not pay, and the guided tour begins every hour at the large staircase behind the entrance.',
  'Before I book anything, let me read it back to you. One return ticket to Lisbon, leaving on the fourth, coming back on the eleventh, a seat at the window, and no luggage except for a small bag. Is that right?',
];
const FIVE_SECONDS = 5 * SAMPLE_RATE;

const key = (name: string): MarkKey => ({ key: hmacSha256(new Uint8Array(32), name), hmac: hmacSha256 });
const ours = key('ours');

function resampled(sound: Int16Array, from: AudioRate, to: AudioRate): Int16Array {
  return new AudioResampler(from, to).take(sound);
}

/** To a telephone and back. */
function telephoned(law: G711Law) {
  return (sound: Int16Array) => resampled(decodeG711(law, encodeG711(law, resampled(sound, 16_000, 8000))), 8000, 16_000);
}

/** With white noise so many dB under it; the same each time. */
function noisy(decibels: number) {
  return (sound: Int16Array) => {
    const power = sound.reduce((sum, sample) => sum + sample * sample, 0) / sound.length;
    const strength = Math.sqrt(power) * 10 ** (-decibels / 20);
    let state = 1;
    const uniform = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return (state + 1) / 4_294_967_297;
    };
    return sound.map((sample) => {
      const noise = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
      return Math.max(-32_768, Math.min(32_767, Math.round(sample + strength * noise)));
    });
  };
}

/** What happens to sound on its way, and is survived. */
const WAYS: readonly [string, (sound: Int16Array) => Int16Array][] = [
  ['nothing', (sound) => sound],
  ['16 to 24 kHz, as the OpenAI doors send it', (sound) => toMarkRate(resampled(sound, 16_000, 24_000), 24_000)],
  ['16 to 24 kHz and back', (sound) => resampled(resampled(sound, 16_000, 24_000), 24_000, 16_000)],
  ['a quarter as loud', (sound) => sound.map((sample) => Math.round(sample / 4))],
  ['upside down', (sound) => sound.map((sample) => Math.max(-32_767, sample) * -1)],
  ['twice as loud, and clipped', (sound) => sound.map((sample) => Math.max(-32_768, Math.min(32_767, sample * 2)))],
  ['noise 20 dB under it', noisy(20)],
  ['G.711 mu-law', telephoned('mulaw')],
  ['G.711 A-law', telephoned('alaw')],
  ['G.711 mu-law, and noise 20 dB under it', (sound) => noisy(20)(telephoned('mulaw')(sound))],
  ['another voice as loud before and after', (sound) => together([recording('refund.wav'), sound, recording('interrupt.wav')])],
];

describe('the mark on speech', () => {
  const spoken: Int16Array[] = [];
  const pieces: Int16Array[] = [];

  beforeAll(async () => {
    const speaker = await createSpeaker(new Uint8Array(await loadWeights(MODELS, 'flite')));
    for (const text of TEXTS) {
      const { audio } = await speaker.speak(text);
      spoken.push(audio);
      const marker = new Marker(markSequence(ours));
      const marked = new Int16Array(audio.length);
      for (let at = 0; at < audio.length; at += TICK_SAMPLES)
        marker.mark(audio.subarray(at, at + TICK_SAMPLES), marked.subarray(at, at + TICK_SAMPLES));
      for (const from of [1234, 54_321]) pieces.push(marked.subarray(from, from + FIVE_SECONDS));
    }
  });

  it.each(WAYS)('is found in five seconds of it after: %s', (_, way) => {
    expect(pieces).toHaveLength(2 * TEXTS.length);
    for (const piece of pieces) {
      const changed = way(piece);
      expect(detectMark(changed, ours).found).toBe(true);
      expect(detectMark(changed, key('theirs')).found).toBe(false);
    }
  });

  it('is not found in a minute of the same voice without it, nor in the recordings, by any of many keys', () => {
    const sounds = [...spoken, ...['long.wav', 'refund.wav', 'short.wav', 'interrupt.wav'].map(recording), together(spoken)];
    for (const sound of sounds) for (let i = 0; i < 2; i += 1) expect(detectMark(noisy(30)(sound), key(`key ${i}`)).found).toBe(false);
  });

  it('does not survive being played faster or slower, as docs/watermark.md says', () => {
    for (const speed of [1.03, 0.97])
      for (const piece of pieces) expect(detectMark(toMarkRate(piece, SAMPLE_RATE * speed), ours).found).toBe(false);
  });
});
