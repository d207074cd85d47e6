import type { AlsoWritten, KeyRecord, KeyRecords } from './key-records.ts';
import type { Rewrapping } from './key-rewrapping.ts';

/**
 * Keys in memory: the twin of the database's for tests, and what a test may look into or break. `away`: the database does not answer; `answerLost`: the next
 * rotation is done, and its answer never comes.
 */
export type MemoryKeyRecords = KeyRecords & {
  readonly rows: Map<string, KeyRecord>;
  readonly known: string[];
  away: boolean;
  answerLost: boolean;
};

const ROWS_AT_ONCE = 3;

export function memoryKeyRecords(also: (written: AlsoWritten) => Promise<void> = () => Promise.resolve()): MemoryKeyRecords {
  const rows = new Map<string, KeyRecord>();
  const known: string[] = [];
  const living = () => [...rows.values()].filter((row) => row.living !== null);
  const answer = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    if (records.away) throw new Error('the database is away');
  };
  const records: MemoryKeyRecords = {
    rows,
    known,
    away: false,
    answerLost: false,
    fingerprints: () => Promise.resolve([...known]),
    addFingerprint: (fingerprint) => Promise.resolve(void known.push(fingerprint)),
    all: () => Promise.resolve([...rows.values()]),
    eachLiving: async (read) => {
      await answer();
      read(living());
    },
    keep: async (made, master) => {
      await answer();
      if (!known.includes(master)) throw new Error('another master key is in use');
      const wanted = () => living().filter((row) => made.some(({ subject }) => subject === row.living));
      for (const key of made) if (!wanted().some(({ subject }) => subject === key.subject)) rows.set(key.id, key);
      const kept = wanted();
      await answer();
      return kept;
    },
    destroy: async (subject, written) => {
      await answer();
      await also(written);
      for (const row of rows.values()) if (row.subject === subject) rows.set(row.id, { ...row, living: null, wrapped: new Uint8Array() });
    },
    rewrap: (rewrapping) => rewrapped(records, rewrapping, answer),
  };
  return records;
}

async function rewrapped(records: MemoryKeyRecords, { from, to, wrap, alone }: Rewrapping, answer: () => Promise<void>): Promise<void> {
  const { rows, known } = records;
  const living = () => [...rows.values()].filter((row) => row.living !== null);
  await answer();
  const keys = new Map<string, Uint8Array<ArrayBuffer>>();
  const done = known.includes(to);
  for (const [i, row] of (done ? [] : living()).entries()) {
    keys.set(row.id, wrap(row));
    if (i % ROWS_AT_ONCE === 0) await answer();
  }
  await alone(async () => {
    await answer();
    if (done) return new Map(living().map(({ id, wrapped }) => [id, wrapped]));
    if (!known.includes(from)) throw new Error('another master key is in use');
    for (const row of living()) {
      const wrapped = keys.get(row.id) ?? wrap(row);
      keys.set(row.id, wrapped);
      rows.set(row.id, { ...row, wrapped });
    }
    known.splice(0, known.length, to);
    if (!records.answerLost) return keys;
    records.answerLost = false;
    throw new Error('the connection was lost');
  });
}
