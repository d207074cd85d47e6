import { SAMPLE_RATE } from '@wheelhouse/protocol/tick';
import { runProgram } from './memory-wasi.ts';
import { SpeechError } from './speech-error.ts';
import { readWav } from './wav.ts';

/** A word and where its sound begins, in samples from the start of the speech. Estimated: Flite tells phonemes' times, not words'. */
export type SpokenWord = { readonly text: string; readonly start: number };

/** Speech: 16 kHz mono PCM16, without silence at its ends, and its words in order. */
export type Speech = { readonly audio: Int16Array; readonly words: readonly SpokenWord[] };

/** Longest text that is synthesised, in characters; some 40 seconds of speech. Callers cut. */
export const MOST_SPOKEN_CHARACTERS = 600;

/** Flite spells what it cannot read, letter by letter: a run without spaces is cut, or a few of them would keep the worker busy for seconds. */
const UNSPEAKABLE_RUN = /(\S{40})\S+/g;
/** What the speaker's loudness must pass to count as sound: Flite's silences are near zero, not zero. */
const AUDIBLE = 200;
/** Left at both ends, so that soft first and last sounds aren't clipped. */
const EDGE_SAMPLES = SAMPLE_RATE / 20;

/** Cuts the silence that Flite puts around its speech (about 200 ms each side): the person should not wait for it. */
function trimmed(audio: Int16Array): Int16Array {
  let first = 0;
  let last = audio.length - 1;
  while (first < last && Math.abs(audio[first] ?? 0) < AUDIBLE) first += 1;
  while (last > first && Math.abs(audio[last] ?? 0) < AUDIBLE) last -= 1;
  return audio.slice(Math.max(0, first - EDGE_SAMPLES), Math.min(audio.length, last + EDGE_SAMPLES));
}

/** Spreads the words over the speech in proportion to their length in characters. */
export function estimateWords(text: string, samples: number): SpokenWord[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const total = words.reduce((sum, word) => sum + word.length + 1, 0);
  let before = 0;
  return words.map((word) => {
    const start = Math.floor((before / total) * samples);
    before += word.length + 1;
    return { text: word, start };
  });
}

/** Text as Flite may have it: no control characters (a NUL would end the argument), one line, bounded. */
function speakable(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\s]+/gu, ' ')
    .trim()
    .slice(0, MOST_SPOKEN_CHARACTERS)
    .replace(UNSPEAKABLE_RUN, '$1');
}

/** Turns text into speech; takes some tens of milliseconds of CPU for each second of it, so that it belongs in a worker. */
export type Speaker = { speak(text: string): Promise<Speech> };

/**
 * A speaker on Flite (voice `slt`) as WebAssembly. The module is compiled once; each utterance runs in a fresh instance with memory of its own,
 * so that text which breaks one utterance cannot touch the next.
 * `speak` throws SpeechError `bad_request` for text without anything to say, `model_failed` when Flite fails.
 */
export async function createSpeaker(wasm: Uint8Array<ArrayBuffer>): Promise<Speaker> {
  const module = await WebAssembly.compile(wasm);
  return {
    async speak(text) {
      const plain = speakable(text);
      if (!/[\p{L}\p{N}]/u.test(plain)) throw new SpeechError('bad_request', 'nothing to say in this text');
      const { status, files } = await runProgram(module, ['flite', '-voice', 'slt', '-t', plain, '-o', '/speech.wav']);
      const [file] = files.values();
      const wav = file === undefined ? null : readWav(file);
      if (status !== 0 || wav === null) throw new SpeechError('model_failed', `Flite ended with status ${status} and no speech`);
      if (wav.sampleRate !== SAMPLE_RATE || wav.channels !== 1)
        throw new SpeechError('model_failed', `Flite spoke at ${wav.sampleRate} Hz`);
      const audio = trimmed(wav.samples);
      return { audio, words: estimateWords(plain, audio.length) };
    },
  };
}
