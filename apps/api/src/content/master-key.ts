import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { DataFolder } from '@wheelhouse/installation/data-folder';

const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** The master key, in the data folder. */
export const KEY_FILE = 'keys/master.key';
/** The key that takes its place while a rotation is under way. */
export const NEXT_KEY_FILE = `${KEY_FILE}.next`;

export class MasterKeyError extends Error {
  override readonly name = 'MasterKeyError';
}

/**
 * The port to a key management service: it wraps the data subjects' keys, so that the database alone opens nothing.
 *
 * - `wrap` MUST give bytes that only `unwrap` of the same master key with the same `context` turns back; two calls with the same key give
 *   different bytes. `context` names the subject and the key, and MUST be authenticated.
 * - `unwrap` MUST throw `MasterKeyError` for bytes that were altered, belong to another context, or were wrapped by another master key.
 * - `fingerprint` says which master key this is and gives nothing of it away; it MUST stay the same for as long as wrapped keys are kept.
 * - Both calls are synchronous, for the ledger opens what people typed while it is read. An adapter to a service elsewhere fetches a wrapping
 *   key of its own at start, and works with that.
 */
export type MasterKey = {
  readonly fingerprint: string;
  readonly wrap: (key: Uint8Array, context: string) => Uint8Array<ArrayBuffer>;
  readonly unwrap: (wrapped: Uint8Array, context: string) => Uint8Array<ArrayBuffer>;
};

/** The one adapter: 32 bytes of this installation's own, AES-256-GCM. */
export function localMasterKey(secret: Uint8Array): MasterKey {
  if (secret.length !== KEY_BYTES) throw new MasterKeyError(`The master key has ${secret.length} bytes; it has to have ${KEY_BYTES}.`);
  const wrappingKey = derived(secret, 'wheelhouse: wrap the keys of data subjects');
  return {
    fingerprint: createHash('sha256').update(derived(secret, 'wheelhouse: fingerprint')).digest('base64'),
    wrap: (key, context) => {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', wrappingKey, iv).setAAD(Buffer.from(context));
      return plainBytes(Buffer.concat([iv, cipher.update(key), cipher.final(), cipher.getAuthTag()]));
    },
    unwrap: (wrapped, context) => {
      try {
        const decipher = createDecipheriv('aes-256-gcm', wrappingKey, wrapped.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
        decipher.setAAD(Buffer.from(context)).setAuthTag(wrapped.subarray(-TAG_BYTES));
        return plainBytes(Buffer.concat([decipher.update(wrapped.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]));
      } catch (error) {
        throw new MasterKeyError(`A wrapped key (${context}) was altered, or belongs to another master key.`, { cause: error });
      }
    },
  };
}

function derived(secret: Uint8Array, purpose: string): Buffer {
  return createHmac('sha256', secret).update(purpose).digest();
}

function plainBytes(bytes: Buffer): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(bytes);
}

/** Where the master key comes from: the first of these that is set; without any, a file in the data folder, made at first start. */
export type MasterKeySettings = { readonly key: string | null; readonly file: string | null };

/** Which setting says where the master key is; null where it is the file in the data folder. */
export function settingOf({ key, file }: MasterKeySettings): 'WHEELHOUSE_MASTER_KEY' | 'WHEELHOUSE_MASTER_KEY_FILE' | null {
  if (key !== null) return 'WHEELHOUSE_MASTER_KEY';
  return file === null ? null : 'WHEELHOUSE_MASTER_KEY_FILE';
}

/** 32 new random bytes in base64: the text of a master key. */
export function newKeyText(): string {
  return randomBytes(KEY_BYTES).toString('base64');
}

/** The key of a rotation that is under way, or that a crash has interrupted; null where there is none, or none that can be read. */
export function nextMasterKey(folder: DataFolder): MasterKey | null {
  const text = folder.read(NEXT_KEY_FILE);
  const bytes = text === null ? null : keyIn(text);
  return bytes === null ? null : localMasterKey(bytes);
}

/**
 * Reads the master key. `known`: the fingerprints of those that this database's keys were wrapped by. Throws `MasterKeyError` when the key is
 * not among them, or is missing where there has to be one: made anew, it could open nothing, and would hide that. After a crash in the middle of a
 * rotation, the key that was to take its place may be the one.
 */
export function readMasterKey(settings: MasterKeySettings, folder: DataFolder, known: readonly string[]): MasterKey {
  const [text, from] = source(settings, folder, known.length === 0);
  const master = localMasterKey(decoded(text, from));
  if (known.length === 0 || known.includes(master.fingerprint)) return master;
  const next = settingOf(settings) === null ? nextMasterKey(folder) : null;
  if (next !== null && known.includes(next.fingerprint)) return next;
  throw new MasterKeyError(
    `The master key in ${from} is not the one that this database's content and words are encrypted under. Put the right one back; nothing was changed.`,
  );
}

function source({ key, file }: MasterKeySettings, folder: DataFolder, mayMake: boolean): [text: string, from: string] {
  if (key !== null) return [key, 'WHEELHOUSE_MASTER_KEY'];
  if (file !== null) {
    if (!existsSync(file)) throw new MasterKeyError(`WHEELHOUSE_MASTER_KEY_FILE names ${file}, which is not there.`);
    return [readFileSync(file, 'utf8'), `the file ${file}`];
  }
  const kept = folder.read(KEY_FILE);
  if (kept === null && !mayMake) {
    throw new MasterKeyError(
      `${KEY_FILE} is missing from the data folder ${folder.path}, and this database's content and words are encrypted under it. Put it back, or set WHEELHOUSE_MASTER_KEY or WHEELHOUSE_MASTER_KEY_FILE.`,
    );
  }
  if (kept !== null) return [kept, `${KEY_FILE} of the data folder`];
  const made = newKeyText();
  folder.write(KEY_FILE, `${made}\n`);
  return [made, `${KEY_FILE} of the data folder`];
}

function decoded(text: string, from: string): Uint8Array {
  const bytes = keyIn(text);
  if (bytes !== null) return bytes;
  throw new MasterKeyError(
    `The master key in ${from} is not ${KEY_BYTES} bytes in base64 (44 characters). \`openssl rand -base64 32\` makes one.`,
  );
}

/** Node skips what is no base64; a key that was cut or mistyped must not pass for another. */
function keyIn(text: string): Uint8Array | null {
  const bytes = Buffer.from(text.trim(), 'base64');
  return bytes.length === KEY_BYTES && bytes.toString('base64') === text.trim() ? bytes : null;
}
