import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import type { AlsoWritten, KeyRecord, KeyRecords } from './key-records.ts';
import type { MasterKey } from './master-key.ts';

const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Sealed bytes were altered, or do not belong where they were found. */
export class SealBrokenError extends Error {
  override readonly name = 'SealBrokenError';
}

/** What sealed bytes belong to. It is authenticated with them: moved to another place, they do not open. */
export type SealedFor = { readonly subject: string; readonly purpose: string };
export type Sealed = { readonly keyId: string; readonly bytes: Uint8Array<ArrayBuffer> };

type Held = { readonly id: string; readonly subject: string; wrapped: Uint8Array | null; secret: Uint8Array | null };

/**
 * One key a data subject, wrapped by the master key: whatever is kept of a person is sealed under it, and destroying it erases the person.
 * Keys are in memory from the start on, wrapped until they are needed, so that sealing and opening wait for nothing.
 */
export class SubjectKeys {
  readonly #records: KeyRecords;
  readonly #master: MasterKey;
  readonly #byId = new Map<string, Held>();
  readonly #living = new Map<string, Held>();

  private constructor(records: KeyRecords, master: MasterKey) {
    this.#records = records;
    this.#master = master;
  }

  /** `readMaster` gets the fingerprints of the master keys that this database knows, and throws when it has another. */
  static async open(records: KeyRecords, readMaster: (known: readonly string[]) => MasterKey): Promise<SubjectKeys> {
    const known = await records.fingerprints();
    const master = readMaster(known);
    const keys = new SubjectKeys(records, master);
    for (const record of await records.all()) keys.#hold(record);
    // The fingerprint is only a row: one key that opens is the proof.
    const [some] = keys.#living.values();
    if (some !== undefined) keys.#secret(some);
    if (!known.includes(master.fingerprint)) await records.addFingerprint(master.fingerprint);
    return keys;
  }

  /** Makes keys, durably, for those subjects that have none alive. Rejects while the database is away. */
  async ensure(subjects: readonly string[]): Promise<void> {
    const missing = [...new Set(subjects)].filter((subject) => !this.#living.has(subject));
    if (missing.length === 0) return;
    // Another node may make one for the same subject at this moment: what the database kept counts, not what was made here.
    for (const record of await this.#records.keep(missing.map((subject) => this.#made(subject)))) this.#hold(record);
  }

  /** The id of the subject's living key; null where it has none. */
  livingId(subject: string): string | null {
    return this.#living.get(subject)?.id ?? null;
  }

  /** `plain` sealed under the subject's living key (iv, ciphertext, tag); null where it has none. */
  seal(target: SealedFor, plain: Uint8Array): Sealed | null {
    const held = this.#living.get(target.subject);
    const secret = held === undefined ? null : this.#secret(held);
    if (held === undefined || secret === null) return null;
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', secret, iv).setAAD(authenticated(target, held.id));
    return { keyId: held.id, bytes: Uint8Array.from(Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()])) };
  }

  /** What was sealed; null where the key is destroyed or not known. Throws `SealBrokenError` where the bytes do not authenticate. */
  open(target: SealedFor, { keyId, bytes }: { readonly keyId: string; readonly bytes: Uint8Array }): Buffer | null {
    const held = this.#byId.get(keyId);
    const secret = held === undefined ? null : this.#secret(held);
    if (secret === null) return null;
    try {
      const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAAD(authenticated(target, keyId)).setAuthTag(bytes.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch (error) {
      throw new SealBrokenError(`Sealed ${target.purpose} was altered, or belongs to another place.`, { cause: error });
    }
  }

  /** Whether what was sealed under this key can be opened yet. */
  canOpen(keyId: string): boolean {
    const held = this.#byId.get(keyId);
    return held !== undefined && held.wrapped !== null;
  }

  /** Destroys every key of the subject, in the database and here, together with what else is written. */
  async destroy(subject: string, also: AlsoWritten): Promise<void> {
    await this.#records.destroy(subject, also);
    this.#living.delete(subject);
    for (const held of this.#byId.values()) {
      if (held.subject !== subject) continue;
      held.secret?.fill(0);
      held.secret = null;
      held.wrapped = null;
    }
  }

  #made(subject: string): KeyRecord {
    const id = randomUUID();
    return { id, subject, living: subject, wrapped: this.#master.wrap(randomBytes(KEY_BYTES), contextOf(subject, id)) };
  }

  #hold({ id, subject, living, wrapped }: KeyRecord): void {
    if (this.#byId.has(id)) return;
    const held: Held = { id, subject, wrapped: wrapped.length === 0 ? null : wrapped, secret: null };
    this.#byId.set(id, held);
    if (living !== null && held.wrapped !== null) this.#living.set(subject, held);
  }

  #secret(held: Held): Uint8Array | null {
    if (held.secret === null && held.wrapped !== null) held.secret = this.#master.unwrap(held.wrapped, contextOf(held.subject, held.id));
    return held.secret;
  }
}

function contextOf(subject: string, id: string): string {
  return `subject key ${id} of ${subject}`;
}

/** The length of the first part keeps two different pairs from reading alike. */
function authenticated({ subject, purpose }: SealedFor, keyId: string): Buffer {
  return Buffer.from(`wheelhouse sealed v1\n${keyId}\n${Buffer.byteLength(subject)}\n${subject}\n${purpose}`);
}
