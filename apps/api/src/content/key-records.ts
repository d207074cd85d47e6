import type { PrismaClient } from '../generated/prisma/client.ts';

/** A subject's key as it is stored: wrapped, and empty once it is destroyed. */
export type KeyRecord = {
  readonly id: string;
  readonly subject: string;
  readonly living: string | null;
  readonly wrapped: Uint8Array<ArrayBuffer>;
};

/** What is written together with the destruction of a key, or not at all. */
export type AlsoWritten = (transaction: Pick<PrismaClient, 'contentPiece' | 'erasureDone'>) => Promise<void>;

/** Where wrapped keys are kept. Every method rejects while the database is away, and then has changed nothing. */
export type KeyRecords = {
  readonly fingerprints: () => Promise<string[]>;
  readonly addFingerprint: (fingerprint: string) => Promise<void>;
  readonly all: () => Promise<KeyRecord[]>;
  /** Keeps those whose subject has no living key yet, durably. Returns the living keys of all these subjects. */
  readonly keep: (made: readonly KeyRecord[]) => Promise<KeyRecord[]>;
  /** Overwrites every key of the subject with nothing. */
  readonly destroy: (subject: string, also: AlsoWritten) => Promise<void>;
};

export function prismaKeyRecords(prisma: PrismaClient): KeyRecords {
  const fields = { id: true, subject: true, living: true, wrapped: true } as const;
  return {
    fingerprints: async () => (await prisma.masterKey.findMany()).map(({ fingerprint }) => fingerprint),
    addFingerprint: async (fingerprint) => {
      await prisma.masterKey.createMany({ data: [{ fingerprint, firstUsedAt: new Date() }], skipDuplicates: true });
    },
    all: () => prisma.subjectKey.findMany({ select: fields }),
    keep: async (made) => {
      const createdAt = new Date();
      await prisma.subjectKey.createMany({ data: made.map((key) => ({ ...key, createdAt })), skipDuplicates: true });
      return prisma.subjectKey.findMany({ where: { living: { in: made.map(({ subject }) => subject) } }, select: fields });
    },
    destroy: async (subject, also) => {
      await prisma.$transaction(async (transaction) => {
        await transaction.subjectKey.updateMany({
          where: { subject, destroyedAt: null },
          data: { living: null, wrapped: new Uint8Array(), destroyedAt: new Date() },
        });
        await also(transaction);
      });
    },
  };
}
