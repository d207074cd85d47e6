import type { GuardModels, GuardSetup, OcrFiles } from './guard-messages.ts';
import { fieldsOf } from './json-field.ts';
import type { SlowSetup } from './slow-messages.ts';

function pathOf(value: unknown, name: string): string | null {
  if (value === null || typeof value === 'string') return value;
  throw new TypeError(`${name} is neither a path nor null.`);
}

function ocrOf(value: unknown): OcrFiles | null {
  if (value === null) return null;
  const { det, rec, dictionary } = fieldsOf(value, 'models.ocr');
  if (typeof det !== 'string' || typeof rec !== 'string' || typeof dictionary !== 'string')
    throw new TypeError('models.ocr needs det, rec and dictionary.');
  return { det, rec, dictionary };
}

function modelsOf(value: unknown): GuardModels {
  const fields = fieldsOf(value, 'models');
  return {
    silero: pathOf(fields['silero'], 'models.silero'),
    ocr: ocrOf(fields['ocr']),
    injection: pathOf(fields['injection'], 'models.injection'),
    toxicity: pathOf(fields['toxicity'], 'models.toxicity'),
    unsafeImage: pathOf(fields['unsafeImage'], 'models.unsafeImage'),
  };
}

function millisecondsOf(value: unknown, name: string): number {
  if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) return value;
  throw new TypeError(`${name} is no number of milliseconds.`);
}

/** Reads the guard's `workerData`. Throws TypeError. */
export function guardSetupOf(value: unknown): GuardSetup {
  const fields = fieldsOf(value, 'workerData');
  return {
    models: modelsOf(fields['models']),
    waitForMs: millisecondsOf(fields['waitForMs'], 'waitForMs'),
    imageEveryMs: millisecondsOf(fields['imageEveryMs'], 'imageEveryMs'),
  };
}

/** Reads the `workerData` of a worker for slow models. Throws TypeError. */
export function slowSetupOf(value: unknown): SlowSetup {
  const fields = fieldsOf(value, 'workerData');
  if (fields['kind'] === 'text')
    return { kind: 'text', injection: pathOf(fields['injection'], 'injection'), toxicity: pathOf(fields['toxicity'], 'toxicity') };
  if (fields['kind'] === 'image')
    return { kind: 'image', ocr: ocrOf(fields['ocr']), unsafeImage: pathOf(fields['unsafeImage'], 'unsafeImage') };
  throw new TypeError('workerData names no kind of worker.');
}
