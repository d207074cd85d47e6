import type { Risk } from '@wheelhouse/protocol/signals';
import { fieldsOf, numberOr, parseJson } from './json-field.ts';

/** From which probability on a label is a low, medium or high risk. */
type Thresholds = { readonly low: number; readonly medium: number; readonly high: number };

/** Which of a model's labels are a risk, and how likely is how much. */
export type LabelRisk = {
  readonly labels: readonly string[];
  /** By index of label; undefined where the label is no risk. */
  readonly thresholds: readonly (Thresholds | undefined)[];
  /** Whether the labels are judged each for itself, or one of them is true. */
  readonly independent: boolean;
};

const USUAL: Thresholds = { low: 0.3, medium: 0.5, high: 0.8 };
/** Names that models give to what is fine. */
const FINE = /^(?:label_0|0|safe|benign|neutral|normal|none|no|non[-_ ]?\w+|not[-_ ]\w+|sfw|ok|clean|legit\w*|drawings?)$/i;

/**
 * Reads a model's `config.json` (`id2label`, `problem_type`) and our optional `wheelhouse.json`: `{ "labels": { "INJECTION": { "low": 0.3, "medium": 0.5,
 * "high": 0.8 } } }`. Without the latter each label that is not called safe, benign or the like is a risk. Throws Error when a file is not what it should be.
 */
export function readLabelRisk(config: string, settings: string | null): LabelRisk {
  const model = parseJson(config, 'config.json');
  const names = fieldsOf(model['id2label'], 'config.json: id2label');
  const labels = Object.entries(names)
    .toSorted(([a], [b]) => Number(a) - Number(b))
    .map(([, name]) => String(name));
  if (labels.length === 0) throw new Error('config.json: id2label names no label.');
  const independent = model['problem_type'] === 'multi_label_classification' || labels.length === 1;
  const chosen = settings === null ? null : fieldsOf(parseJson(settings, 'wheelhouse.json')['labels'] ?? {}, 'wheelhouse.json: labels');
  for (const name of Object.keys(chosen ?? {}))
    if (!labels.includes(name)) throw new Error(`wheelhouse.json: the model has no label ${name}; it has ${labels.join(', ')}.`);
  const thresholds = labels.map((label) => {
    if (chosen === null || Object.keys(chosen).length === 0) return FINE.test(label) ? undefined : USUAL;
    return label in chosen ? readThresholds(chosen[label], label) : undefined;
  });
  if (thresholds.every((one) => one === undefined))
    throw new Error(`None of the labels ${labels.join(', ')} says a risk: name them in wheelhouse.json.`);
  return { labels, thresholds, independent };
}

function readThresholds(value: unknown, label: string): Thresholds {
  const fields = fieldsOf(value, `wheelhouse.json: labels.${label}`);
  const { low, medium, high } = {
    low: numberOr(fields['low'], USUAL.low),
    medium: numberOr(fields['medium'], USUAL.medium),
    high: numberOr(fields['high'], USUAL.high),
  };
  if (!(low <= medium && medium <= high)) throw new Error(`wheelhouse.json: labels.${label}: low, medium and high have to rise.`);
  return { low, medium, high };
}

/** The risk that a model's raw outputs (logits, one for each label) speak of. Throws when they are not as many as the labels, or not numbers. */
export function riskOf(logits: Float32Array, { labels, thresholds, independent }: LabelRisk): Exclude<Risk, 'unknown'> {
  if (logits.length !== labels.length) throw new Error(`The model gave ${logits.length} numbers for ${labels.length} labels.`);
  if (!logits.every((logit) => Number.isFinite(logit))) throw new Error('The model gave numbers that are none.');
  const most = Math.max(...logits);
  const powers = Array.from(logits, (logit) => Math.exp(logit - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  const chances = Array.from(logits, (logit, i) => (independent ? 1 / (1 + Math.exp(-logit)) : (powers[i] ?? 0) / sum));
  // Of labels that exclude each other, all that are a risk count together.
  const together = chances.reduce((total, chance, i) => (thresholds[i] === undefined ? total : total + chance), 0);
  const levels = chances.map((chance, i) => levelOf(independent ? chance : together, thresholds[i]));
  return (['high', 'medium', 'low'] as const).find((level) => levels.includes(level)) ?? 'none';
}

function levelOf(chance: number, thresholds: Thresholds | undefined): Exclude<Risk, 'unknown'> {
  if (thresholds === undefined || chance < thresholds.low) return 'none';
  if (chance < thresholds.medium) return 'low';
  return chance < thresholds.high ? 'medium' : 'high';
}
