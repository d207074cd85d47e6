import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OcrFiles } from './guard-messages.ts';
import type { ImageTextFiles } from './image-text.ts';
import type { TextClassifierFiles } from './text-classifier.ts';
import type { UnsafeImageFiles } from './unsafe-image.ts';

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown');

async function bytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new Error(`The model file ${file} could not be read (${codeOf(error)}).`, { cause: error });
  }
}

const text = async (file: string): Promise<string> => new TextDecoder().decode(await bytes(file));

async function textIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw new Error(`The model file ${file} could not be read (${codeOf(error)}).`, { cause: error });
  }
}

/** Reads a text classifier's folder: `model.onnx`, `tokenizer.json`, `config.json`; `tokenizer_config.json` and `wheelhouse.json` where they are. */
export async function readTextClassifier(folder: string): Promise<TextClassifierFiles> {
  return {
    model: await bytes(join(folder, 'model.onnx')),
    tokenizer: await text(join(folder, 'tokenizer.json')),
    tokenizerConfig: await textIfThere(join(folder, 'tokenizer_config.json')),
    config: await text(join(folder, 'config.json')),
    settings: await textIfThere(join(folder, 'wheelhouse.json')),
  };
}

/** Reads an image classifier's folder: `model.onnx`, `preprocessor_config.json`, `config.json`; `wheelhouse.json` where it is. */
export async function readUnsafeImage(folder: string): Promise<UnsafeImageFiles> {
  return {
    model: await bytes(join(folder, 'model.onnx')),
    preprocessor: await text(join(folder, 'preprocessor_config.json')),
    config: await text(join(folder, 'config.json')),
    settings: await textIfThere(join(folder, 'wheelhouse.json')),
  };
}

export async function readImageText({ det, rec, dictionary }: OcrFiles): Promise<ImageTextFiles> {
  return { det: await bytes(det), rec: await bytes(rec), dictionary: await text(dictionary) };
}
