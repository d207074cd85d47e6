import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { DataFolder } from '@wheelhouse/installation/data-folder';
import { newEd25519Key, readEd25519Key, sha256, verifyEd25519 } from '@wheelhouse/installation/node-crypto';
import { parseCheckpoint } from '@wheelhouse/ledger/checkpoint';
import { cosignerKey, formatCosignerKey, readCosignatures } from '@wheelhouse/ledger/cosignature';
import type { Cosigner } from '@wheelhouse/ledger/cosignature';
import { isKeyName } from '@wheelhouse/ledger/note-key';
import { parseNote } from '@wheelhouse/ledger/signed-note';
import type { TreeHead } from '@wheelhouse/ledger/tree-hash';
import { z } from 'zod';
import { failed, usage } from '../cli-error.ts';

const KEY_FILE = 'key.json';
const HEADS = 'heads';
const MARK = `${HEADS}/.made`;
const KeyFile = z.strictObject({ name: z.string(), pem: z.string() });

/** The last head of a log that this witness cosigned, and when (seconds since the epoch). */
export type CosignedHead = { readonly head: TreeHead; readonly time: number };

/** What a witness must not forget: its key, and the last checkpoint of each log that it cosigned, kept as the cosigned note itself. */
export class WitnessStore {
  readonly #folder: DataFolder;

  constructor(folder: DataFolder) {
    this.#folder = folder;
  }

  /** The witness's key; made at first start, under `name` where one is given. Name and key are one file, so that neither comes without the other. */
  cosigner(name: string | null): Cosigner {
    const { key, pair } = this.#key(name);
    this.#folder.write('verifier-key.txt', `${formatCosignerKey(key)}\n`);
    return { key, sign: pair.sign };
  }

  #key(wanted: string | null) {
    const text = this.#folder.read(KEY_FILE);
    const stored = text === null ? this.#newKey(wanted) : KeyFile.safeParse(parseJson(text)).data;
    if (stored === undefined) throw failed(`${this.#folder.path}/${KEY_FILE} can't be read. Put it back from a backup.`);
    if (wanted !== null && wanted !== stored.name)
      throw usage(`This witness is called ${stored.name}; a name can't be changed, since it is part of the key.`);
    const pair = readEd25519Key(stored.pem);
    return { key: cosignerKey(stored.name, pair.publicKey, sha256), pair };
  }

  #newKey(wanted: string | null): z.infer<typeof KeyFile> {
    const heads = path.join(this.#folder.path, HEADS);
    if (existsSync(heads) && readdirSync(heads).some((file) => /^[0-9a-f]{64}$/.test(file)))
      throw failed(`${this.#folder.path} has heads of logs but no ${KEY_FILE}. Put it back from a backup, or begin in another folder.`);
    const name = wanted ?? `wheelhouse.witness/${randomBytes(6).toString('hex')}`;
    if (!isKeyName(name)) throw usage('A name has neither spaces nor a plus.');
    const made = { name, pem: newEd25519Key().pem };
    // The mark before the key: a key without it tells that the heads were removed.
    this.#write(MARK, '');
    this.#write(KEY_FILE, JSON.stringify(made));
    return made;
  }

  /** The last head of a log; null where none was ever cosigned. Throws where the file is not as this witness wrote it: it forgets nothing silently. */
  async last(origin: string, cosigner: Cosigner): Promise<CosignedHead | null> {
    const text = this.checkpoint(originHash(origin));
    if (text === null) {
      this.#requireHeads();
      return null;
    }
    const note = parseNote(text);
    const cosigned = note.ok ? await readCosignatures(note.value, [cosigner.key], verifyEd25519) : note;
    const checkpoint = note.ok ? parseCheckpoint(note.value.text) : note;
    const time = cosigned.ok ? cosigned.value[0]?.time : undefined;
    if (!checkpoint.ok || time === undefined || checkpoint.value.origin !== origin)
      throw failed(
        `The last head of ${origin} in ${this.#folder.path}/${HEADS}/${originHash(origin)} was changed or damaged. Put it back from a backup.`,
      );
    return { head: checkpoint.value, time };
  }

  #requireHeads(): void {
    if (this.#folder.read(MARK) === null)
      throw failed(
        `${this.#folder.path}/${HEADS} is gone, and with it what this witness promised. Put it back from a backup, or begin in another folder with a new key.`,
      );
  }

  /** The cosigned checkpoint of the log whose origin has this hash (lowercase hex). */
  checkpoint(hash: string): string | null {
    return this.#folder.read(`${HEADS}/${hash}`);
  }

  /** Durable when it returns, and whole or not at all. */
  save(origin: string, checkpoint: string): void {
    this.#write(`${HEADS}/${originHash(origin)}`, checkpoint);
  }

  #write(name: string, text: string): void {
    this.#folder.write(name, text);
    // The file is flushed before it is renamed; the rename itself outlives a power cut only once the folder is flushed too.
    if (process.platform === 'win32') return;
    const folder = openSync(path.dirname(path.join(this.#folder.path, name)), 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }
}

/** C2SP tlog-witness, "Monitor Retrieval Mechanism": SHA-256 of the origin in lowercase hex. */
export function originHash(origin: string): string {
  return Buffer.from(sha256(Buffer.from(origin, 'utf8'))).toString('hex');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
