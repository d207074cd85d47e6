import { randomFillSync } from 'node:crypto';
import { sha256 } from '@wheelhouse/installation/node-crypto';
import { equalBytes, utf8 } from '@wheelhouse/ledger/bytes';
import { commitmentOf, type Item, parseOpening } from '@wheelhouse/ledger/disclosure';
import { entryLeafHash } from '@wheelhouse/ledger/entry';
import { checkFields, openingOf, parseLeaf, sealEntry, type SealedField } from '@wheelhouse/ledger/sealed-entry';
import { readFields } from '@wheelhouse/ledger/read-entry';
import { personOf, subjectOf } from '@wheelhouse/ledger/subject';
import { classOf } from '@wheelhouse/protocol/field-class';
import type { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import { z } from 'zod';
import type { WordsVault } from '../content/words-vault.ts';
import type { Leaf, StoredRow } from './ledger-store.ts';

/** What is stored of the words in an entry: the disclosure's text, encrypted for whoever typed it. */
const Words = z.array(z.strictObject({ subject: z.string(), sealed: z.base64() }));

/** An entry that the store holds, and that is not what the tree commits to. */
export class AlteredEntryError extends Error {
  override readonly name = 'AlteredEntryError';
  readonly index: number;
  constructor(index: number, message: string) {
    super(`Entry ${index} was changed: ${message}`);
    this.index = index;
  }
}

/** An entry on its way into the store: sealed at once, so that whoever made a mistake is told; its words are encrypted when it is written. */
export type Prepared = Omit<Leaf, 'opening' | 'words'> & { readonly fields: readonly SealedField[] };

const POOL_BYTES = 65_536;

/** Turns entries into what is stored of them, and back. What people typed is encrypted under the key of the person who typed it. */
export class EntrySealer {
  readonly #vault: WordsVault;
  #pool = new Uint8Array(0);

  constructor(vault: WordsVault) {
    this.#vault = vault;
  }

  /** Throws `LedgerError` where the entry has no canonical form or is too large. */
  prepare(entry: LedgerEntry): Prepared {
    const { leaf, fields } = sealEntry(entry, (bytes) => this.#random(bytes), sha256);
    const leafHash = entryLeafHash(utf8(leaf), sha256);
    const { id, kind, time } = entry;
    return { id, kind, subject: subjectOf(entry), body: leaf, leafHash, at: time, person: personOf(entry), fields };
  }

  /** Makes the keys that these entries need, durably. */
  async ensureKeys(entries: readonly Prepared[]): Promise<void> {
    const authors = new Set(entries.flatMap(({ person, fields }) => (person !== null && fields.some(isWords) ? [person] : [])));
    if (authors.size > 0) await this.#vault.ensure([...authors]);
  }

  /** What is stored. Only after `ensureKeys`. */
  finish({ fields, ...leaf }: Prepared): Leaf {
    const author = leaf.person;
    const said = author === null ? [] : fields.filter(isWords);
    if (author === null || said.length === 0) return { ...leaf, opening: openingOf(fields, () => true), words: null };
    const words = said.map(({ text }): z.infer<typeof Words>[number] => {
      const sealed = this.#vault.seal(author, text);
      if (sealed === null) throw new Error('The key of the person who typed this is not at hand.');
      return { subject: author, sealed };
    });
    return { ...leaf, opening: openingOf(fields, (name) => classOf(name) !== 'words'), words: JSON.stringify(words) };
  }

  /** Everything of a stored entry that can still be shown: its fields, in order. Throws `AlteredEntryError`. */
  open(row: StoredRow): readonly Item[] {
    const leaf = parseLeaf(utf8(row.body));
    if (!leaf.ok) throw new AlteredEntryError(row.index, leaf.message);
    const items = parseOpening(row.opening);
    if (!items.ok) throw new AlteredEntryError(row.index, items.message);
    const checked = checkFields(leaf.value, items.value, sha256);
    if (!checked.ok) throw new AlteredEntryError(row.index, checked.message);
    return row.words === null ? items.value : this.#withWords(row.index, items.value, row.words);
  }

  /** The entry itself. Words of people whose key was destroyed read `ERASED_WORDS`. Throws `AlteredEntryError`. */
  read(row: StoredRow): LedgerEntry {
    const items = this.open(row);
    const leaf = parseLeaf(utf8(row.body));
    const read = leaf.ok ? readFields(leaf.value, items) : null;
    if (read?.entry == null) throw new AlteredEntryError(row.index, read?.faults[0] ?? 'fields that it needs are gone.');
    return read.entry;
  }

  #withWords(index: number, items: readonly Item[], text: string): Item[] {
    const words = Words.safeParse(parseJson(text));
    if (!words.success) throw new AlteredEntryError(index, 'its encrypted words cannot be read.');
    const shown = [...items];
    for (const { subject, sealed } of words.data) {
      const plain = this.#decrypt(index, subject, sealed);
      if (plain === null) continue;
      const read = parseOpening(`[${plain}]`);
      const item = read.ok ? read.value[0] : undefined;
      const commitment = item === undefined ? null : commitmentOf(item, sha256);
      const at = commitment === null ? -1 : shown.findIndex((one) => 'commitment' in one && equalBytes(one.commitment, commitment));
      if (item === undefined || at < 0) throw new AlteredEntryError(index, 'its encrypted words are not those that it commits to.');
      shown[at] = item;
    }
    return shown;
  }

  #decrypt(index: number, subject: string, sealed: string): string | null {
    try {
      return this.#vault.open(subject, sealed);
    } catch (error) {
      throw new AlteredEntryError(index, `its encrypted words were altered (${error instanceof Error ? error.message : String(error)}).`);
    }
  }

  /** Random bytes by the page: asking the system for a few at a time costs more than hashing them. */
  #random(bytes: number): Uint8Array {
    if (this.#pool.length < bytes) this.#pool = randomFillSync(new Uint8Array(Math.max(POOL_BYTES, bytes)));
    const taken = this.#pool.subarray(0, bytes);
    this.#pool = this.#pool.subarray(bytes);
    return taken;
  }
}

function isWords({ name }: SealedField): boolean {
  return classOf(name) === 'words';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
