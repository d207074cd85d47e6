import { KeyScope } from '@wheelhouse/protocol/identity';
import type { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import { z } from 'zod';
import type { FindingsBook } from './findings-book.ts';
import type { KeyRow, LogReader, PersonRow, SessionRow } from './log-reader.ts';
import { personBehind } from './person-behind.ts';

type Of<K extends LedgerEntry['kind']> = Extract<LedgerEntry, { kind: K }>;
type Opened = { readonly index: number; readonly entry: Of<'session.opened'>; used: boolean };
type Joined = { readonly index: number; readonly entry: Of<'person.joined'> };
type Issued = { readonly index: number; readonly entry: Of<'key.issued'>; revoked: boolean };
const Permissions = z.object({ wheelhouse: z.array(KeyScope) });

/**
 * Holds the tables that the server works with against what the ledger says of them: who may do what, and which session is whose. A change
 * there would be no change of the ledger, and just as much of a lie.
 */
export class RecordCheck {
  readonly #book: FindingsBook;
  readonly #sessions = new Map<string, Opened>();
  readonly #people = new Map<string, Joined>();
  readonly #keys = new Map<string, Issued>();

  constructor(book: FindingsBook) {
    this.#book = book;
  }

  entry(index: number, entry: LedgerEntry): void {
    switch (entry.kind) {
      case 'session.opened':
        this.#sessions.set(entry.data.session, { index, entry, used: false });
        return;
      case 'session.attached':
      case 'session.segment': {
        const opened = this.#sessions.get(entry.data.session);
        if (opened !== undefined) opened.used = true;
        return;
      }
      case 'person.joined':
        this.#people.set(entry.data.person, { index, entry });
        return;
      case 'key.issued':
        this.#keys.set(entry.data.key, { index, entry, revoked: false });
        return;
      case 'key.revoked': {
        const issued = this.#keys.get(entry.data.key);
        if (issued !== undefined) issued.revoked = true;
        return;
      }
      default:
        return;
    }
  }

  /** `youngSince`: a key made from then on may not have reached the ledger; it does not work before it has. */
  async finish(
    reader: LogReader,
    people: readonly PersonRow[],
    youngSince: string,
  ): Promise<{ sessions: number; people: number; keys: number }> {
    for (const table of await reader.unguarded()) {
      this.#book.add('guard', { code: 'guard_off', message: `The trigger that keeps ${table} from being changed is missing or off.` });
    }
    const sessions = await reader.sessions();
    for (const row of sessions) this.#session(row);
    this.#missingSessions(new Set(sessions.map((row) => row.id)));
    for (const row of people) this.#person(row);
    this.#missingPeople(new Set(people.map((row) => row.id)));
    const keys = await reader.keys();
    for (const row of keys) this.#key(row, youngSince);
    return { sessions: sessions.length, people: people.length, keys: keys.length };
  }

  #session(row: SessionRow): void {
    const opened = this.#sessions.get(row.id);
    if (opened === undefined) {
      this.#book.add('records', {
        code: 'session_not_in_ledger',
        session: row.id,
        message: `Session ${row.id} is in engine_session, but the ledger never opened it.`,
      });
      return;
    }
    const { data, by } = opened.entry;
    const differs = [
      ['tenant', row.tenant, data.tenant],
      ['deployment', row.deployment, data.deployment],
      ['model', row.model, data.model],
      ['level', String(row.level), String(data.level)],
      ['opened_by', row.opened_by, row.opened_by === by.person ? by.person : by.id],
    ] as const;
    for (const [column, stored, said] of differs) {
      if (stored === said) continue;
      const message = `Session ${row.id}: engine_session says ${column} "${stored}", the ledger (entry ${opened.index}) "${said}".`;
      this.#book.add('records', { code: 'session_row_differs', index: opened.index, session: row.id, message });
    }
  }

  /** The ledger is written first, so a server that died in between leaves a session that was never used without its row. */
  #missingSessions(rows: ReadonlySet<string>): void {
    for (const [session, { index, used }] of this.#sessions) {
      if (rows.has(session)) continue;
      const message = `Session ${session} was opened in entry ${index}, but has no row in engine_session${used ? ': it was removed.' : '; it was never used.'}`;
      this.#book.add('records', { code: 'session_row_missing', severity: used ? 'fault' : 'note', index, session, message });
    }
  }

  #person(row: PersonRow): void {
    const joined = this.#people.get(row.id);
    if (joined === undefined) {
      this.#book.add('records', {
        code: 'person_not_in_ledger',
        message: `Person ${row.id} (${row.name}) is in the database, but never joined in the ledger.`,
      });
      return;
    }
    const { role, tenant } = joined.entry.data;
    if (row.role === role && row.tenant === tenant) return;
    const message = `Person ${row.id} (${row.name}): the database says ${row.role} of ${row.tenant}, the ledger (entry ${joined.index}) ${role} of ${tenant}.`;
    this.#book.add('records', { code: 'person_row_differs', index: joined.index, message });
  }

  #missingPeople(rows: ReadonlySet<string>): void {
    for (const [person, { index }] of this.#people) {
      if (rows.has(person)) continue;
      const message = `Person ${person} joined in entry ${index}, but is not in the database.`;
      this.#book.add('records', { code: 'person_row_missing', severity: 'note', index, message });
    }
  }

  #key(row: KeyRow, youngSince: string): void {
    const add = (code: string, message: string, severity: 'fault' | 'note' = 'fault'): void => {
      this.#book.add('records', { code, severity, message: `API key ${row.id}: ${message}` });
    };
    const issued = this.#keys.get(row.id);
    if (issued === undefined) {
      add(
        'key_not_in_ledger',
        'it is in the database, but was never issued in the ledger.',
        row.created_at.toISOString() >= youngSince ? 'note' : 'fault',
      );
      return;
    }
    if (issued.revoked) add('key_revoked', 'the ledger revoked it, but it is still in the database.');
    const scopes = scopesOf(row);
    if (scopes !== [...issued.entry.data.scopes].sort().join(' ')) {
      add(
        'key_row_differs',
        `the database gives it "${scopes}", the ledger (entry ${issued.index}) "${issued.entry.data.scopes.join(' ')}".`,
      );
    }
    const holder = personBehind(issued.entry.by);
    if (row.person_id !== holder)
      add('key_row_differs', `the database says that ${row.person_id} holds it, the ledger (entry ${issued.index}) ${holder}.`);
  }
}

function scopesOf(row: KeyRow): string {
  try {
    const permissions = Permissions.safeParse(JSON.parse(row.permissions ?? '{}'));
    return permissions.success ? [...permissions.data.wheelhouse].sort().join(' ') : (row.permissions ?? '');
  } catch {
    return row.permissions ?? '';
  }
}
