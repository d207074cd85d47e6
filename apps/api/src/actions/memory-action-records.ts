import type { ActionRecords } from './action-records.ts';
import type { ActionRow } from './action-row.ts';

/** Actions in memory: the twin of the database's for tests, and what a test may look into or break. */
export class MemoryActionRecords implements ActionRecords {
  readonly rows = new Map<string, ActionRow>();
  away = false;

  insert: ActionRecords['insert'] = (row) =>
    this.#answer(() => {
      if (this.rows.has(row.id)) throw new Error('the id is there already');
      this.rows.set(row.id, row);
    });
  get: ActionRecords['get'] = (id) => this.#answer(() => this.rows.get(id) ?? null);
  remove: ActionRecords['remove'] = (id) => this.#answer(() => void this.rows.delete(id));
  recorded: ActionRecords['recorded'] = (ids) =>
    this.#answer(() => {
      for (const id of ids) this.#change(id, { recorded: true });
    });
  stage: ActionRecords['stage'] = (id, settled) =>
    this.#answer(() => {
      this.#change(id, { settled });
    });
  settle: ActionRecords['settle'] = (id, state) =>
    this.#answer(() => {
      this.#change(id, { state });
    });
  use: ActionRecords['use'] = (id, at) =>
    this.#answer(() => {
      if (this.rows.get(id)?.usedAt !== null) return false;
      this.#change(id, { usedAt: at });
      return true;
    });
  unuse: ActionRecords['unuse'] = (id) =>
    this.#answer(() => {
      this.#change(id, { usedAt: null });
    });
  page: ActionRecords['page'] = ({ tenant, person, state, session, before, limit }) =>
    this.#answer(() =>
      [...this.rows.values()]
        .filter((row) => tenant === null || row.tenant === tenant)
        .filter((row) => person === null || row.person === person)
        .filter((row) => state === null || row.state === state)
        .filter((row) => session === null || row.session === session)
        .filter((row) => before === null || isOlder(row, before.at, before.id))
        .sort((a, b) => (isOlder(a, b.askedAt, b.id) ? 1 : -1))
        .slice(0, limit),
    );
  unfinished: ActionRecords['unfinished'] = () =>
    this.#answer(() => [...this.rows.values()].filter(({ state, recorded }) => state === 'pending' || !recorded));
  latest: ActionRecords['latest'] = () => this.#answer(() => 0);

  #change(id: string, change: Partial<ActionRow>): void {
    const row = this.rows.get(id);
    if (row === undefined) throw new Error(`there is no row ${id}`);
    this.rows.set(id, { ...row, ...change });
  }

  #answer<T>(work: () => T): Promise<T> {
    return this.away ? Promise.reject(new Error('the database is away')) : Promise.resolve().then(work);
  }
}

function isOlder(row: ActionRow, at: Date, id: string): boolean {
  return row.askedAt < at || (row.askedAt.getTime() === at.getTime() && row.id < id);
}
