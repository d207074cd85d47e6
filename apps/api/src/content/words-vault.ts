import type { SubjectKeys } from './subject-keys.ts';

/** Where the ledger keeps what people typed: beside its entries, under the key of whoever typed it. */
export type WordsVault = {
  /** Makes keys, durably, for those subjects that have none alive. Rejects while the database is away. */
  readonly ensure: (subjects: readonly string[]) => Promise<void>;
  /** `plain` under the subject's living key, in base64 (key id, iv, ciphertext, tag); null where there is no living key in memory. Synchronous. */
  readonly seal: (subject: string, plain: string) => string | null;
  /** What was sealed; null where its key was destroyed or is not known. Throws where the bytes were altered (authentication failed). */
  readonly open: (subject: string, sealed: string) => string | null;
};

const PURPOSE = 'words';
const ID_BYTES = 16;

export function wordsVault(keys: SubjectKeys): WordsVault {
  return {
    ensure: (subjects) => keys.ensure(subjects),
    seal: (subject, plain) => {
      const sealed = keys.seal({ subject, purpose: PURPOSE }, Buffer.from(plain));
      if (sealed === null) return null;
      return Buffer.concat([Buffer.from(sealed.keyId.replaceAll('-', ''), 'hex'), sealed.bytes]).toString('base64');
    },
    open: (subject, sealed) => {
      const bytes = Buffer.from(sealed, 'base64');
      const keyId = idIn(bytes.subarray(0, ID_BYTES));
      return keys.open({ subject, purpose: PURPOSE }, { keyId, bytes: bytes.subarray(ID_BYTES) })?.toString('utf8') ?? null;
    },
  };
}

function idIn(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
