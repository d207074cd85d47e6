import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FLOAT, INT64, type Node, onnxModel, type Port } from './onnx.fixture.ts';
import type { TextClassifierFiles } from './text-classifier.ts';
import type { UnsafeImageFiles } from './unsafe-image.ts';

/** A vocabulary of words, each with what it adds to the second label where it is the strongest. */
const WORDS: Readonly<Record<string, number>> = {
  '[PAD]': -4,
  '[UNK]': -4,
  '[CLS]': -4,
  '[SEP]': -4,
  hello: -3,
  please: -2,
  ignore: 1,
  previous: 2,
  instructions: 6,
};

export const tokenizerJson = JSON.stringify({
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: ['[PAD]', '[UNK]', '[CLS]', '[SEP]'].map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  })),
  normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [
      { SpecialToken: { id: '[CLS]', type_id: 0 } },
      { Sequence: { id: 'A', type_id: 0 } },
      { SpecialToken: { id: '[SEP]', type_id: 0 } },
    ],
    pair: [],
    special_tokens: { '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] }, '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] } },
  },
  decoder: null,
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(Object.keys(WORDS).map((word, id) => [word, id])),
  },
});

const ids = (name: string): Port => ({ name, type: INT64, dims: [1, 'tokens'] });

/** A model that looks each token up, leaves out what is masked, and takes the strongest: logits [1, 2]. With or without token_type_ids. */
export function textModel(extra: readonly string[] = []): Uint8Array {
  const weights = Object.values(WORDS);
  return onnxModel({
    inputs: ['input_ids', 'attention_mask', ...extra].map(ids),
    outputs: [{ name: 'logits', type: FLOAT, dims: [1, 2] }],
    constants: [
      { name: 'table', dims: [weights.length, 2], values: Float32Array.from(weights.flatMap((weight) => [0, weight])) },
      { name: 'last', dims: [1], values: BigInt64Array.of(2n) },
    ],
    nodes: [
      { op: 'Gather', inputs: ['table', 'input_ids'], output: 'looked' },
      { op: 'Cast', inputs: ['attention_mask'], output: 'mask', int: { to: FLOAT } },
      { op: 'Unsqueeze', inputs: ['mask', 'last'], output: 'wide' },
      { op: 'Mul', inputs: ['looked', 'wide'], output: 'seen' },
      { op: 'ReduceMax', inputs: ['seen'], output: 'logits', ints: { axes: [1] }, int: { keepdims: 0 } },
    ],
  });
}

export const textFiles = (extra: readonly string[] = [], settings: string | null = null): TextClassifierFiles => ({
  model: textModel(extra),
  tokenizer: tokenizerJson,
  tokenizerConfig: null,
  config: JSON.stringify({ id2label: { 0: 'SAFE', 1: 'INJECTION' }, max_position_embeddings: 16 }),
  settings,
});

/** A model that takes the means of red, green and blue, and says `unsafe` of red: logits [1, 2]. */
export function imageModel(channelsLast: boolean): Uint8Array {
  const mean: Node = {
    op: 'ReduceMean',
    inputs: ['pixel_values'],
    output: 'means',
    ints: { axes: channelsLast ? [1, 2] : [2, 3] },
    int: { keepdims: 0 },
  };
  return onnxModel({
    inputs: [{ name: 'pixel_values', type: FLOAT, dims: channelsLast ? [1, 8, 8, 3] : [1, 3, 8, 8] }],
    outputs: [{ name: 'logits', type: FLOAT, dims: [1, 2] }],
    constants: [{ name: 'weights', dims: [3, 2], values: Float32Array.of(0, 5, 3, -5, 3, -5) }],
    nodes: [mean, { op: 'MatMul', inputs: ['means', 'weights'], output: 'logits' }],
  });
}

export const imageFiles = (channelsLast = false): UnsafeImageFiles => ({
  model: imageModel(channelsLast),
  preprocessor: JSON.stringify({
    do_normalize: true,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.5, 0.5, 0.5],
    size: { height: 8, width: 8 },
  }),
  config: JSON.stringify({ id2label: { 0: 'normal', 1: 'nsfw' } }),
  settings: null,
});

/** Writes the files of a text classifier into a folder, as an export leaves them. */
export function writeTextFolder(folder: string): string {
  const files = textFiles(['token_type_ids']);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.onnx'), files.model);
  writeFileSync(join(folder, 'tokenizer.json'), files.tokenizer);
  writeFileSync(join(folder, 'config.json'), files.config);
  return folder;
}

export function writeImageFolder(folder: string): string {
  const files = imageFiles();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.onnx'), files.model);
  writeFileSync(join(folder, 'preprocessor_config.json'), files.preprocessor);
  writeFileSync(join(folder, 'config.json'), files.config);
  return folder;
}
