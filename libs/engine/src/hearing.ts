import llamaTokenizer from 'llama-tokenizer-js';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { SAMPLE_RATE } from '@wheelhouse/protocol/tick';
import { openModel } from './model-session.ts';
import { SpeechError } from './speech-error.ts';

const LAYERS = 6;
const HEADS = 8;
const HEAD_SIZE = 36;
const START_TOKEN = 1;
const END_TOKEN = 2;
/** Tokens past the tokenizer's own words mark silence and noise; they have no text. */
const WORD_TOKENS = 32_000;
/** What Moonshine's authors found the fastest speech to need (model card of usefulsensors/moonshine-tiny). */
const TOKENS_A_SECOND = 6.5;
const TOKENS_TO_SPARE = 6;
/** The encoder's convolutions need some sound to work on: shorter audio is padded with silence. */
const LEAST_SAMPLES = SAMPLE_RATE / 2;
/** Longest audio that is transcribed: attention grows with its square. */
export const MOST_HEARD_SECONDS = 24;
/** A phrase of up to LONGEST_LOOP tokens, three times in a row and over at least LEAST_LOOPED tokens, is the decoder's loop. Less is speech: "five five five". */
const LONGEST_LOOP = 10;
const LOOP_REPEATS = 3;
const LEAST_LOOPED = 12;
/** What counts as silence around speech, as a part of the loudest sample. */
const QUIET = 0.03;
/** Less sound than this, 160 ms, is no word. */
const LEAST_LOUD = (SAMPLE_RATE * 16) / 100;

/** Turns speech into text; takes a good part of a second of CPU for a few seconds of speech, so that it belongs in a worker. */
export type Listener = {
  /** The words in 16 kHz mono PCM16 audio, '' if there are none. Throws SpeechError `bad_request` past MOST_HEARD_SECONDS, `model_failed`. */
  transcribe(audio: Int16Array): Promise<string>;
};

type Values = Record<string, Tensor>;

const caches = ['decoder.key', 'decoder.value', 'encoder.key', 'encoder.value'].flatMap((part) =>
  Array.from({ length: LAYERS }, (_, layer) => `${layer}.${part}`),
);

function tensorOf(output: InferenceSession.OnnxValueMapType, name: string): Tensor {
  const value = output[name];
  if (value instanceof Tensor) return value;
  throw new SpeechError('model_failed', `the recogniser gave no ${name}`);
}

function firstCaches(): Values {
  const empty = new Tensor('float32', new Float32Array(HEADS * HEAD_SIZE), [1, HEADS, 1, HEAD_SIZE]);
  return Object.fromEntries(caches.map((name) => [`past_key_values.${name}`, empty]));
}

/** The caches for the next step. What the encoder said is computed in the first step and stands from then on. */
function nextCaches(output: InferenceSession.OnnxValueMapType, before: Values, isFirst: boolean): Values {
  const fresh = caches.filter((name) => isFirst || name.includes('decoder'));
  return { ...before, ...Object.fromEntries(fresh.map((name) => [`past_key_values.${name}`, tensorOf(output, `present.${name}`)])) };
}

function likeliest(logits: Tensor): number {
  const { data } = logits;
  if (!(data instanceof Float32Array)) throw new SpeechError('model_failed', 'the recogniser gave no logits');
  let best = 0;
  for (let i = 1; i < data.length; i += 1) if ((data[i] ?? 0) > (data[best] ?? 0)) best = i;
  return best;
}

/** How many tokens at the end are repeats in a loop: 0 when there is no loop. */
export function loopedTokens(tokens: readonly number[]): number {
  for (let length = 1; length <= LONGEST_LOOP; length += 1) {
    const spread = length * (Math.max(LOOP_REPEATS, Math.ceil(LEAST_LOOPED / length)) - 1);
    if (tokens.length < spread + length) continue;
    const tail = tokens.slice(-spread);
    if (tail.every((token, index) => token === tokens[tokens.length - spread - length + index])) return spread;
  }
  return 0;
}

async function decode(decoder: InferenceSession, heard: Tensor, mostTokens: number): Promise<number[]> {
  const tokens: number[] = [];
  let past = firstCaches();
  let last = START_TOKEN;
  while (tokens.length < mostTokens) {
    const isFirst = tokens.length === 0;
    const output = await decoder.run({
      input_ids: new Tensor('int64', BigInt64Array.of(BigInt(last)), [1, 1]),
      encoder_hidden_states: heard,
      use_cache_branch: new Tensor('bool', [!isFirst], [1]),
      ...past,
    });
    last = likeliest(tensorOf(output, 'logits'));
    if (last === END_TOKEN) break;
    tokens.push(last);
    const looped = loopedTokens(tokens);
    if (looped > 0) return tokens.slice(0, -looped);
    past = nextCaches(output, past, isFirst);
  }
  return tokens;
}

function toFloats(audio: Int16Array): Float32Array {
  const samples = new Float32Array(Math.max(LEAST_SAMPLES, audio.length));
  for (let i = 0; i < audio.length; i += 1) samples[i] = (audio[i] ?? 0) / 32_768;
  return samples;
}

/** The audio from its first to its last sample that is not quiet beside its loudest, with a twentieth of a second left at both ends. */
export function loudPart(audio: Int16Array): Int16Array {
  const quiet = audio.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0) * QUIET;
  const isLoud = (sample: number): boolean => Math.abs(sample) > quiet;
  const edge = SAMPLE_RATE / 20;
  const first = audio.findIndex(isLoud);
  return first < 0 ? audio.subarray(0, 0) : audio.subarray(Math.max(0, first - edge), audio.findLastIndex(isLoud) + edge);
}

const textOf = (tokens: readonly number[]): string => {
  const words = tokens.filter((token) => token > END_TOKEN && token < WORD_TOKENS);
  return words.length === 0 ? '' : llamaTokenizer.decode(words, false, false).replace(/\s+/g, ' ').trim();
};

/**
 * A listener on Moonshine tiny: encoder, then greedy decoding with the key and value caches carried from step to step.
 * Source: Jeffries et al., "Moonshine: Speech Recognition for Live Transcription and Voice Commands" (arXiv 2410.15608).
 */
export async function createListener(encoderWeights: Uint8Array, decoderWeights: Uint8Array): Promise<Listener> {
  const [encoder, decoder] = [await openModel(encoderWeights), await openModel(decoderWeights)];
  const attempt = async (audio: Int16Array): Promise<string> => {
    const samples = toFloats(audio);
    const encoded = await encoder.run({ input_values: new Tensor('float32', samples, [1, samples.length]) });
    const mostTokens = Math.ceil((audio.length / SAMPLE_RATE) * TOKENS_A_SECOND) + TOKENS_TO_SPARE;
    return textOf(await decode(decoder, tensorOf(encoded, 'last_hidden_state'), mostTokens));
  };
  return {
    async transcribe(audio) {
      const seconds = audio.length / SAMPLE_RATE;
      if (seconds > MOST_HEARD_SECONDS) throw new SpeechError('bad_request', `${seconds} s of audio is more than ${MOST_HEARD_SECONDS} s`);
      const text = await attempt(audio);
      if (text !== '') return text;
      // Short speech in much silence is often taken for silence altogether (seen with 1.6 s in 4 s): the speech alone is understood.
      const loud = loudPart(audio);
      return loud.length < LEAST_LOUD || loud.length > audio.length - LEAST_LOUD ? '' : attempt(loud);
    },
  };
}
