import { subject } from '@casl/ability';
import { abilitiesOf, ACROSS_TENANTS } from '@wheelhouse/access/abilities';
import { sha256 } from '@wheelhouse/installation/node-crypto';
import { toBase64 } from '@wheelhouse/ledger/base64';
import { utf8 } from '@wheelhouse/ledger/bytes';
import { entryLeafHash } from '@wheelhouse/ledger/entry';
import { assemble, parseLeaf } from '@wheelhouse/ledger/sealed-entry';
import type { Item } from '@wheelhouse/ledger/disclosure';
import type { JsonValue } from '@wheelhouse/ledger/strict-json';
import type { FoundEntry, SearchQuery } from '@wheelhouse/protocol/export';
import { Actor, type Principal } from '@wheelhouse/protocol/identity';
import type { Ledger } from '../ledger/ledger.ts';
import type { StoredRow } from '../ledger/ledger-store.ts';
import { Refusal } from '../problem/refusal.ts';
import type { EntryArchive } from './entry-archive.ts';

/** The kind of an entry whose leaf was altered so that it cannot be read. */
const UNREADABLE = 'unreadable';

/** Answers searches of the ledger, newest first. People of a tenant find their tenant's entries, those of the house everybody's. */
export class EntrySearch {
  readonly #archive: EntryArchive;
  readonly #ledger: Pick<Ledger, 'open'>;

  constructor(archive: EntryArchive, ledger: Pick<Ledger, 'open'>) {
    this.#archive = archive;
    this.#ledger = ledger;
  }

  async find(by: Principal, { cursor, limit, ...filter }: SearchQuery): Promise<{ items: FoundEntry[]; next: string | null }> {
    const query = await this.#archive.query({ filter, tenant: this.#tenantFor(by) });
    const rows = await this.#archive.newest(query, cursor ?? null, limit + 1);
    const items = rows.slice(0, limit).map((row) => this.#view(row));
    return { items, next: rows.length > limit ? String(items.at(-1)?.index ?? 0) : null };
  }

  /** Which of the entries from `from` on and before `to` somebody may see whole. Of the others they see what is public. */
  async mayRead(by: Principal, from: number, to: number): Promise<(index: number) => boolean> {
    const may = abilitiesOf(by);
    if (may.can('read', subject('Entry', { tenant: ACROSS_TENANTS }))) return () => true;
    const { tenant } = by;
    if (!may.can('read', subject('Entry', { tenant }))) return () => false;
    const query = await this.#archive.query({ filter: {}, tenant });
    const own = new Set((await this.#archive.page(query, { from, size: to, limit: to - from })).map(({ index }) => index));
    return (index) => own.has(index);
  }

  /** Whose entries somebody may see: null for everybody's. */
  #tenantFor(by: Principal): string | null {
    const may = abilitiesOf(by);
    if (may.can('read', subject('Entry', { tenant: ACROSS_TENANTS }))) return null;
    if (may.can('read', subject('Entry', { tenant: by.tenant }))) return by.tenant;
    throw new Refusal('forbidden', 'You may not search the ledger.');
  }

  /** An entry that was altered is found with its leaf alone: one that cannot be shown must not hide those around it. */
  #view(row: StoredRow): FoundEntry {
    const items = this.#ledger.open(row) ?? [];
    const leaf = parseLeaf(utf8(row.body));
    const fields = fieldsShown(items);
    const by = leaf.ok ? Actor.safeParse(assemble(leaf.value, items).value['by']) : null;
    const { time } = fields;
    return {
      index: row.index,
      id: leaf.ok ? leaf.value.id : '',
      kind: leaf.ok ? leaf.value.kind : UNREADABLE,
      time: typeof time === 'string' ? time : null,
      by: by?.success === true ? by.data : null,
      fields,
      withheld: items.filter((item) => 'commitment' in item).length,
      leafHash: toBase64(entryLeafHash(utf8(row.body), sha256)),
    };
  }
}

/** The fields that are in the open, by their names. */
export function fieldsShown(items: readonly Item[]): Record<string, JsonValue> {
  return Object.fromEntries(items.flatMap((item) => ('commitment' in item ? [] : [[item.name, item.value]])));
}
