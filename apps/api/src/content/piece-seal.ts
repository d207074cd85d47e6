import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { type PieceKind, type Retention, RETENTION_DAYS } from '@wheelhouse/protocol/content';
import type { NewPiece, StoredPiece } from './content-store.ts';
import { SealBrokenError, type SealedFor, type SubjectKeys } from './subject-keys.ts';

const SALT_BYTES = 32;
const DAY_MS = 24 * 60 * 60 * 1000;

/** What a piece is, before it is sealed. */
export type PlainPiece = {
  readonly session: string;
  readonly subject: string;
  readonly what: PieceKind;
  readonly fromMs: number;
  readonly toMs: number;
  readonly retention: Retention;
  readonly bytes: Uint8Array;
};

/**
 * Seals a piece under its subject's key; null where there is no living key. The random bytes before the content make its digest, which stays
 * in the ledger for ever, say nothing: not even silence can be guessed from it.
 */
export function sealPiece(keys: SubjectKeys, piece: PlainPiece, now: Date): NewPiece | null {
  const { bytes, ...facts } = piece;
  const id = randomUUID();
  const salted = Buffer.concat([randomBytes(SALT_BYTES), bytes]);
  const sealed = keys.seal(targetOf({ id, ...facts }), salted);
  if (sealed === null) return null;
  const retainUntil = new Date(now.getTime() + RETENTION_DAYS[piece.retention] * DAY_MS);
  return { id, ...facts, keyId: sealed.keyId, sealed: sealed.bytes, digest: digestOf(salted), retainUntil };
}

/** The content of a piece; null where its key is destroyed. Throws `SealBrokenError` where anything of it was altered. */
export function openPiece(keys: SubjectKeys, piece: StoredPiece, sealed: Uint8Array): Buffer | null {
  const salted = keys.open(targetOf(piece), { keyId: piece.keyId, bytes: sealed });
  if (salted === null) return null;
  if (digestOf(salted) !== piece.digest) throw new SealBrokenError(`The digest of piece ${piece.id} was altered.`);
  return salted.subarray(SALT_BYTES);
}

function digestOf(salted: Uint8Array): string {
  return createHash('sha256').update(salted).digest('base64');
}

function targetOf({
  id,
  session,
  subject,
  what,
  fromMs,
  toMs,
}: Omit<StoredPiece, 'keyId' | 'digest' | 'retention' | 'retainUntil' | 'gone'>): SealedFor {
  return { subject, purpose: `content ${id} of session ${session}: ${what}, ${fromMs} to ${toMs} ms` };
}
