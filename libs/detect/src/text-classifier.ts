import { Tokenizer } from '@huggingface/tokenizers';
import type { Risk } from '@wheelhouse/protocol/signals';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { numberOr, parseJson } from './json-field.ts';
import { type LabelRisk, readLabelRisk, riskOf } from './label-risk.ts';
import { floatsOf, openModel } from './model-session.ts';

/** What lies in a text classifier's folder, in the Hugging Face export layout. `settings` is our own `wheelhouse.json`. */
export type TextClassifierFiles = {
  readonly model: Uint8Array;
  readonly tokenizer: string;
  readonly tokenizerConfig: string | null;
  readonly config: string;
  readonly settings: string | null;
};

export type TextClassifier = { riskOf(text: string): Promise<Exclude<Risk, 'unknown'>> };

const USUAL_TOKENS = 512;
const KNOWN = new Set(['input_ids', 'attention_mask', 'token_type_ids']);

/** Opens a classifier. Throws Error in words for who configured it when a file is not what it should be. */
export async function createTextClassifier(files: TextClassifierFiles): Promise<TextClassifier> {
  const labels = readLabelRisk(files.config, files.settings);
  const mostTokens = mostTokensOf(files);
  const tokenizer = new Tokenizer(
    parseJson(files.tokenizer, 'tokenizer.json'),
    files.tokenizerConfig === null ? {} : parseJson(files.tokenizerConfig, 'tokenizer_config.json'),
  );
  const model = await openModel(files.model);
  const strange = model.inputNames.filter((name) => !KNOWN.has(name));
  if (strange.length > 0 || !model.inputNames.includes('input_ids'))
    throw new Error(
      `The model's inputs are ${model.inputNames.join(', ')}; a text classifier has input_ids, attention_mask and token_type_ids.`,
    );
  return { riskOf: (text) => classify(text, { tokenizer, model, labels, mostTokens }) };
}

function mostTokensOf({ config, settings }: TextClassifierFiles): number {
  const positions = numberOr(parseJson(config, 'config.json')['max_position_embeddings'], USUAL_TOKENS);
  const asked = settings === null ? USUAL_TOKENS : numberOr(parseJson(settings, 'wheelhouse.json')['maxTokens'], USUAL_TOKENS);
  return Math.max(2, Math.min(positions, asked));
}

type Parts = { readonly tokenizer: Tokenizer; readonly model: InferenceSession; readonly labels: LabelRisk; readonly mostTokens: number };

async function classify(text: string, { tokenizer, model, labels, mostTokens }: Parts): Promise<Exclude<Risk, 'unknown'>> {
  const all = tokenizer.encode(text).ids;
  if (all.length === 0) return 'none';
  // What was said last counts most: the first token, which marks the start for many models, and the end are kept.
  const ids = all.length <= mostTokens ? all : [...all.slice(0, 1), ...all.slice(all.length - mostTokens + 1)];
  const values: Readonly<Record<string, (id: number) => number>> = {
    input_ids: (id) => id,
    attention_mask: () => 1,
    token_type_ids: () => 0,
  };
  const feeds = model.inputNames.map((name): [string, Tensor] => {
    const value = values[name] ?? (() => 0);
    return [
      name,
      new Tensor(
        'int64',
        BigInt64Array.from(ids, (id) => BigInt(value(id))),
        [1, ids.length],
      ),
    ];
  });
  return riskOf(
    floatsOf(
      await model.run(Object.fromEntries(feeds)),
      model.outputNames.find((name) => name === 'logits'),
    ).data,
    labels,
  );
}
