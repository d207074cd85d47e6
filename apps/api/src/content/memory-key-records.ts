import type { AlsoWritten, KeyRecord, KeyRecords } from './key-records.ts';

/** Keys in memory: the twin of the database's for tests, and what a test may look into or break. */
export type MemoryKeyRecords = KeyRecords & { readonly rows: Map<string, KeyRecord>; readonly known: string[]; away: boolean };

export function memoryKeyRecords(also: (written: AlsoWritten) => Promise<void> = () => Promise.resolve()): MemoryKeyRecords {
  const rows = new Map<string, KeyRecord>();
  const known: string[] = [];
  const records: MemoryKeyRecords = {
    rows,
    known,
    away: false,
    fingerprints: () => Promise.resolve([...known]),
    addFingerprint: (fingerprint) => Promise.resolve(void known.push(fingerprint)),
    all: () => Promise.resolve([...rows.values()]),
    keep: (made) => {
      if (records.away) return Promise.reject(new Error('the database is away'));
      const living = () => [...rows.values()].filter((row) => made.some(({ subject }) => subject === row.living));
      for (const key of made) if (!living().some(({ subject }) => subject === key.subject)) rows.set(key.id, key);
      return Promise.resolve(living());
    },
    destroy: async (subject, written) => {
      if (records.away) throw new Error('the database is away');
      await also(written);
      for (const row of rows.values()) if (row.subject === subject) rows.set(row.id, { ...row, living: null, wrapped: new Uint8Array() });
    },
  };
  return records;
}
