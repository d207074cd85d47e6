import type { PrismaClient } from '../generated/prisma/client.ts';
import { BEFORE_ALL, KEYS_AT_ONCE, rewrapKeys, type Rewrapping } from './key-rewrapping.ts';

/** A subject's key as it is stored: wrapped, and empty once it is destroyed. */
export type KeyRecord = {
  readonly id: string;
  readonly subject: string;
  readonly living: string | null;
  readonly wrapped: Uint8Array<ArrayBuffer>;
};

/** What is written together with the destruction of a key, or not at all. */
export type AlsoWritten = (transaction: Pick<PrismaClient, 'contentPiece' | 'erasureDone'>) => Promise<void>;

/** Where wrapped keys are kept. Every method but `rewrap` rejects while the database is away, and then has changed nothing. */
export type KeyRecords = {
  readonly fingerprints: () => Promise<string[]>;
  readonly addFingerprint: (fingerprint: string) => Promise<void>;
  readonly all: () => Promise<KeyRecord[]>;
  /** Reads every living key, some hundreds at a time. */
  readonly eachLiving: (read: (keys: readonly KeyRecord[]) => void) => Promise<void>;
  /**
   * Keeps those whose subject has no living key yet, durably. Returns the living keys of all these subjects. Rejects where `master`, the
   * fingerprint of the master key that they are wrapped by, is not the one in use any more.
   */
  readonly keep: (made: readonly KeyRecord[], master: string) => Promise<KeyRecord[]>;
  /** Overwrites every key of the subject with nothing. */
  readonly destroy: (subject: string, also: AlsoWritten) => Promise<void>;
  /** Wraps every living key anew, under another master key, all or none. Rejects where that is not sure to be done; calling it again finds out. */
  readonly rewrap: (rewrapping: Rewrapping) => Promise<void>;
};

/** Making a key waits no longer than this for whoever else writes keys; then it is tried again. */
const LOCK_WAIT = '2s';

export function prismaKeyRecords(prisma: PrismaClient, databaseUrl: string): KeyRecords {
  const fields = { id: true, subject: true, living: true, wrapped: true } as const;
  return {
    fingerprints: async () => (await prisma.masterKey.findMany()).map(({ fingerprint }) => fingerprint),
    addFingerprint: async (fingerprint) => {
      await prisma.masterKey.createMany({ data: [{ fingerprint, firstUsedAt: new Date() }], skipDuplicates: true });
    },
    all: () => prisma.subjectKey.findMany({ select: fields }),
    eachLiving: async (read) => {
      let after = BEFORE_ALL;
      for (;;) {
        const where = { destroyedAt: null, id: { gt: after } };
        const page = await prisma.subjectKey.findMany({ where, orderBy: { id: 'asc' }, take: KEYS_AT_ONCE, select: fields });
        const last = page.at(-1);
        if (last === undefined) return;
        read(page);
        after = last.id;
      }
    },
    keep: (made, master) =>
      prisma.$transaction(async (transaction) => {
        await transaction.$queryRaw`SELECT set_config('lock_timeout', ${LOCK_WAIT}, true)`;
        const inUse = await transaction.$queryRaw<unknown[]>`SELECT 1 FROM master_key WHERE fingerprint = ${master} FOR SHARE`;
        if (inUse.length === 0) throw new Error('The master key that this server has is not the one in use any more.');
        const createdAt = new Date();
        await transaction.subjectKey.createMany({ data: made.map((key) => ({ ...key, createdAt })), skipDuplicates: true });
        return transaction.subjectKey.findMany({ where: { living: { in: made.map(({ subject }) => subject) } }, select: fields });
      }),
    destroy: async (subject, also) => {
      await prisma.$transaction(async (transaction) => {
        await transaction.subjectKey.updateMany({
          where: { subject, destroyedAt: null },
          data: { living: null, wrapped: new Uint8Array(), destroyedAt: new Date() },
        });
        await also(transaction);
      });
    },
    rewrap: (rewrapping) => rewrapKeys(databaseUrl, rewrapping),
  };
}
