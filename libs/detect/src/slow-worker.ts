import { parentPort, workerData } from 'node:worker_threads';
import { decodeFrame } from './frame.ts';
import type { ImageFindings, TextRisks } from './guard.ts';
import { createImageText, type ImageText } from './image-text.ts';
import { readImageText, readTextClassifier, readUnsafeImage } from './model-files.ts';
import type { SlowAnswer, SlowAsk, SlowEnd, SlowSetup } from './slow-messages.ts';
import { slowSetupOf } from './setups.ts';
import { createTextClassifier, type TextClassifier } from './text-classifier.ts';
import { createUnsafeImage, type UnsafeImage } from './unsafe-image.ts';

/** What this worker has loaded. On-screen text is loaded at the first frame: most sessions have none. */
class Models {
  readonly #setup: SlowSetup;
  #injection: Promise<TextClassifier> | null = null;
  #toxicity: Promise<TextClassifier> | null = null;
  #unsafe: Promise<UnsafeImage> | null = null;
  #screen: Promise<ImageText> | null = null;

  constructor(setup: SlowSetup) {
    this.#setup = setup;
    if (setup.kind === 'text') {
      this.#injection = opened('WHEELHOUSE_INJECTION_MODEL', setup.injection, openText);
      this.#toxicity = opened('WHEELHOUSE_TOXICITY_MODEL', setup.toxicity, openText);
    } else this.#unsafe = opened('WHEELHOUSE_UNSAFE_IMAGE_MODEL', setup.unsafeImage, openUnsafe);
  }

  async load(): Promise<void> {
    await Promise.all([this.#injection, this.#toxicity, this.#unsafe]);
  }

  async text(text: string): Promise<TextRisks> {
    return {
      injection: (await (await this.#injection)?.riskOf(text)) ?? 'unknown',
      toxicity: (await (await this.#toxicity)?.riskOf(text)) ?? 'unknown',
    };
  }

  async image(image: Uint8Array): Promise<ImageFindings> {
    if (this.#setup.kind === 'image' && this.#setup.ocr !== null) this.#screen ??= readImageText(this.#setup.ocr).then(createImageText);
    const frame = decodeFrame(image);
    return {
      foundOnScreen: (await (await this.#screen)?.findingsOf(frame)) ?? [],
      unsafeImage: (await (await this.#unsafe)?.riskOf(frame)) ?? 'unknown',
    };
  }
}

const openText = async (folder: string): Promise<TextClassifier> => createTextClassifier(await readTextClassifier(folder));
const openUnsafe = async (folder: string): Promise<UnsafeImage> => createUnsafeImage(await readUnsafeImage(folder));

function opened<Model>(setting: string, folder: string | null, open: (folder: string) => Promise<Model>): Promise<Model> | null {
  if (folder === null) return null;
  const model = open(folder).catch((error: unknown) => {
    throw new Error(`${setting} (${folder}): ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  });
  // Whoever asks for it learns of the failure.
  model.catch(() => undefined);
  return model;
}

async function answer(models: Models, asked: SlowAsk): Promise<SlowAnswer> {
  const { id } = asked;
  try {
    switch (asked.type) {
      case 'load':
        await models.load();
        return { id, type: 'loaded' };
      case 'text':
        return { id, type: 'text', risks: await models.text(asked.text) };
      case 'image':
        return { id, type: 'image', findings: await models.image(asked.image) };
    }
  } catch (error) {
    return { id, type: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

function serve(port: NonNullable<typeof parentPort>): void {
  const models = new Models(slowSetupOf(workerData));
  let last = Promise.resolve();
  port.on('message', (asked: SlowAsk | SlowEnd) => {
    // Models run in turns of their own: none runs now.
    if (asked.type === 'end') process.exit(0);
    last = last.then(async () => {
      port.postMessage(await answer(models, asked));
    });
  });
}

if (parentPort === null) throw new Error('This module runs as a worker.');
serve(parentPort);
