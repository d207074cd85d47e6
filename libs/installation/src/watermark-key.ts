import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { DataFolder } from './data-folder.ts';

const KEY_BYTES = 32;
/** The key of the installation's mark on sound, in the data folder. */
export const WATERMARK_KEY_FILE = 'keys/watermark.key';

/** Where the key comes from: the first of these that is set; without any, the file in the data folder. */
export type WatermarkKeySettings = { readonly key: string | null; readonly file: string | null };

export class WatermarkKeyError extends Error {
  override readonly name = 'WatermarkKeyError';
}

/** The installation's key; made where there is none yet. Throws `WatermarkKeyError` where what there is can't be one. */
export function openWatermarkKey(settings: WatermarkKeySettings, folder: DataFolder): Uint8Array<ArrayBuffer> {
  const known = readWatermarkKey(settings, folder.read(WATERMARK_KEY_FILE));
  if (known !== null) return known;
  const made = randomBytes(KEY_BYTES);
  folder.write(WATERMARK_KEY_FILE, `${made.toString('base64')}\n`);
  return Uint8Array.from(made);
}

/** The key, for whoever looks for the mark; null where there is none. `kept`: what the file in the data folder says, null where there is no such file. */
export function readWatermarkKey({ key, file }: WatermarkKeySettings, kept: string | null): Uint8Array<ArrayBuffer> | null {
  if (key !== null) return decoded(key, 'WHEELHOUSE_WATERMARK_KEY');
  if (file !== null) {
    if (!existsSync(file)) throw new WatermarkKeyError(`There is no file ${file} with the key of the mark.`);
    return decoded(readFileSync(file, 'utf8'), `the file ${file}`);
  }
  return kept === null ? null : decoded(kept, `${WATERMARK_KEY_FILE} of the data folder`);
}

/** Node skips what is no base64; a key that was cut or mistyped must not pass for another. */
function decoded(text: string, from: string): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.from(text.trim(), 'base64');
  if (bytes.length === KEY_BYTES && bytes.toString('base64') === text.trim()) return Uint8Array.from(bytes);
  throw new WatermarkKeyError(
    `The key of the mark in ${from} is not ${KEY_BYTES} bytes in base64 (44 characters). \`openssl rand -base64 32\` makes one.`,
  );
}
