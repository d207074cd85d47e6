import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import type { AlsoWritten, KeyRecord, KeyRecords } from './key-records.ts';
import type { WrappedKey, WrappedKeys } from './key-rewrapping.ts';
import type { MasterKey } from './master-key.ts';
import { SwingDoor } from './swing-door.ts';

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
  #master: MasterKey;
  readonly #byId = new Map<string, Held>();
  readonly #living = new Map<string, Held>();
  /** Making keys, and the end of a rotation alone. */
  readonly #making = new SwingDoor();
  /** Subjects whose keys are being destroyed: until that is done none is made for them. */
  readonly #leaving = new Map<string, Promise<unknown>>();
  /** Destroying keys, and a rotation alone: both write the same rows, and a destroyed key must stay so. */
  readonly #destroying = new SwingDoor();

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
    for (;;) {
      const missing = [...new Set(subjects)].filter((subject) => !this.#living.has(subject));
      if (missing.length === 0) return;
      const leaving = await this.#making.beside(() => this.#make(missing));
      if (leaving === null) return;
      await leaving.done;
    }
  }

  /** Makes keys; returns what has to be waited for first where a key of one of them is being destroyed. */
  async #make(missing: readonly string[]): Promise<{ readonly done: Promise<unknown> } | null> {
    for (const subject of missing) {
      const leaving = this.#leaving.get(subject);
      if (leaving !== undefined) return { done: leaving };
    }
    const made = missing.map((subject) => this.#made(subject));
    // Another node may make one for the same subject at this moment: what the database kept counts, not what was made here.
    for (const record of await this.#records.keep(made, this.#master.fingerprint)) this.#hold(record);
    return null;
  }

  /** Which master key the keys are wrapped by. */
  get masterFingerprint(): string {
    return this.#master.fingerprint;
  }

  /**
   * Throws `MasterKeyError` where a living key in the database does not open: it was altered there. `each` opens every one of them, which takes seconds
   * for a hundred thousand; `changed` only those that are not as this server had them at its start.
   */
  async check(which: 'each' | 'changed'): Promise<void> {
    await this.#records.eachLiving((keys) => {
      for (const key of keys) {
        const held = this.#byId.get(key.id)?.wrapped ?? null;
        if (which === 'each' || held === null || Buffer.compare(held, key.wrapped) !== 0) this.#unwrapped(key);
      }
    });
  }

  /**
   * Wraps every living key by `next` instead, in the database and here. What is sealed stays as it is; sealing and opening go on meanwhile, and keys are made
   * up to the last moments. Rejects where that is not sure to be done: until it was called again and resolves, keys may not be made, and nothing is lost.
   */
  rotate(next: MasterKey): Promise<void> {
    return this.#destroying.alone(async () => {
      if (this.#master.fingerprint === next.fingerprint) return;
      await this.#records.rewrap({
        from: this.#master.fingerprint,
        to: next.fingerprint,
        wrap: (key) => next.wrap(this.#unwrapped(key), contextOf(key.subject, key.id)),
        alone: (last) =>
          this.#making.alone(async () => {
            this.#adopt(next, await last());
          }),
      });
    });
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
  destroy(subject: string, also: AlsoWritten): Promise<void> {
    return this.#destroying.beside(async () => {
      const { promise, resolve } = Promise.withResolvers<null>();
      // Keys that are being made are waited for: one that came later would stay in memory.
      while (!(await this.#making.alone(() => Promise.resolve(this.#leave(subject, promise))))) await this.#leaving.get(subject);
      try {
        await this.#records.destroy(subject, also);
        for (const held of this.#byId.values()) if (held.subject === subject) this.#forget(held);
      } finally {
        this.#leaving.delete(subject);
        resolve(null);
      }
    });
  }

  #leave(subject: string, done: Promise<unknown>): boolean {
    if (this.#leaving.has(subject)) return false;
    this.#leaving.set(subject, done);
    return true;
  }

  #forget(held: Held): void {
    held.secret?.fill(0);
    held.secret = null;
    held.wrapped = null;
    if (this.#living.get(held.subject) === held) this.#living.delete(held.subject);
  }

  /** A key that the database has no more was destroyed by another server. */
  #adopt(next: MasterKey, keys: WrappedKeys): void {
    for (const held of this.#byId.values()) {
      if (held.wrapped === null) continue;
      const wrapped = keys.get(held.id);
      if (wrapped === undefined) this.#forget(held);
      else held.wrapped = wrapped;
    }
    this.#master = next;
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
    const { id, subject, wrapped } = held;
    if (held.secret === null && wrapped !== null) held.secret = this.#unwrapped({ id, subject, wrapped });
    return held.secret;
  }

  #unwrapped({ id, subject, wrapped }: WrappedKey): Uint8Array<ArrayBuffer> {
    return this.#master.unwrap(wrapped, contextOf(subject, id));
  }
}

function contextOf(subject: string, id: string): string {
  return `subject key ${id} of ${subject}`;
}

/** The length of the first part keeps two different pairs from reading alike. */
function authenticated({ subject, purpose }: SealedFor, keyId: string): Buffer {
  return Buffer.from(`wheelhouse sealed v1\n${keyId}\n${Buffer.byteLength(subject)}\n${subject}\n${purpose}`);
}
