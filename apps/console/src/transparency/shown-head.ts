import { toBase64 } from '@wheelhouse/ledger/base64';
import { parseCheckpoint } from '@wheelhouse/ledger/checkpoint';
import { parseCosignerKey } from '@wheelhouse/ledger/cosignature';
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
export type ShownSigner = { readonly label: string; readonly by: 'log' | 'witness' | 'other'; readonly at: string | null };

/** The keys that may have signed a head, as the page names them. */
export type NamedKeys = { readonly log: string; readonly witnesses: readonly { readonly key: string }[] };

/** Which keys have signed a head, those that the page names marked. */
export function signersOf(text: string, { log, witnesses }: NamedKeys): readonly ShownSigner[] {
  const note = parseNote(text);
  const key = parseVerifierKey(log, sha256);
  if (!note.ok) return [];
  const own = key.ok ? keyLabel(key.value) : null;
  const named = witnesses.flatMap((witness) => {
    const parsed = parseCosignerKey(witness.key, sha256);
    return parsed.ok ? [keyLabel(parsed.value)] : [];
  });
  return note.value.signatures.map((line) => {
    const label = keyLabel(line);
    if (label === own) return { label, by: 'log', at: null };
    return { label, by: named.includes(label) ? 'witness' : 'other', at: cosignedAt(line) };
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
