import { toBase64 } from '@wheelhouse/ledger/base64';
import { parseCheckpoint } from '@wheelhouse/ledger/checkpoint';
import { keyLabel, parseVerifierKey } from '@wheelhouse/ledger/note-key';
import { parseNote, type NoteSignature } from '@wheelhouse/ledger/signed-note';
import { sha256 } from '../ledger/browser-crypto.ts';
import type { ShownHead } from '../ledger/watch-log.ts';

/** A head as it is shown, read but not yet believed; null where it cannot be read. */
export function readHead(text: string): ShownHead | null {
  const note = parseNote(text);
  const checkpoint = note.ok ? parseCheckpoint(note.value.text) : note;
  return checkpoint.ok ? { text, checkpoint: checkpoint.value } : null;
}

/** A signature under a head, as it says of itself. `at`: when a witness says that it cosigned. */
export type ShownSigner = { readonly label: string; readonly isLog: boolean; readonly at: string | null };

/** Which keys have signed a head, the log's own marked. */
export function signersOf(text: string, logKey: string): readonly ShownSigner[] {
  const note = parseNote(text);
  const key = parseVerifierKey(logKey, sha256);
  if (!note.ok) return [];
  const own = key.ok ? keyLabel(key.value) : null;
  return note.value.signatures.map((line) => {
    const label = keyLabel(line);
    return { label, isLog: label === own, at: label === own ? null : cosignedAt(line) };
  });
}

export function rootInBase64(head: ShownHead): string {
  return toBase64(head.checkpoint.root);
}

const COSIGNATURE_BYTES = 72;

/** C2SP tlog-cosignature: eight bytes of seconds since 1970 stand before the signature. */
function cosignedAt({ signature }: NoteSignature): string | null {
  if (signature.length !== COSIGNATURE_BYTES) return null;
  const seconds = Number(new DataView(signature.buffer, signature.byteOffset).getBigUint64(0));
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
