import type { Auditor } from '@wheelhouse/ledger/audit';
import { openCheckpoint } from '@wheelhouse/ledger/checkpoint';
import { readCosignatures } from '@wheelhouse/ledger/cosignature';
import type { CosignerKey } from '@wheelhouse/ledger/cosignature';
import { keyLabel } from '@wheelhouse/ledger/note-key';
import type { NoteKey } from '@wheelhouse/ledger/note-key';
import { parseNote } from '@wheelhouse/ledger/signed-note';
import { verifyEd25519 } from '@wheelhouse/installation/node-crypto';
import type { FindingsBook } from './findings-book.ts';
import type { CosignedReport } from './report.ts';

/** The cosigned checkpoint beside the database (null where there is none), and the witnesses whose keys are known. */
export type Cosigned = { readonly checkpoint: string | null; readonly witnesses: readonly CosignerKey[] };

type Parts = {
  readonly cosigned: Cosigned;
  readonly key: NoteKey;
  readonly audit: Auditor;
  readonly book: FindingsBook;
  readonly now: Date;
};

/** A clock may be wrong by this much before a cosignature counts as made in the future. */
const CLOCK_SKEW_S = 300;

/**
 * Checks the cosigned checkpoint: that the log signed it, that each witness did, and (by the audit, to which it is given) that the entries
 * lead to it. It is what neither the keepers of the log nor those of the database can make anew.
 */
export async function checkCosigned({ cosigned, key, audit, book, now }: Parts): Promise<CosignedReport | null> {
  const { checkpoint: text, witnesses } = cosigned;
  if (text === null) {
    if (witnesses.length > 0) {
      const message =
        'There is no cosigned checkpoint in the data folder, though witnesses are named: nothing shows that they have seen this log.';
      book.add('heads', { code: 'cosigned_checkpoint_missing', severity: 'note', message });
    }
    return null;
  }
  const opened = await openCheckpoint(text, { origin: key.name, keys: [key] }, verifyEd25519);
  const note = parseNote(text);
  if (!opened.ok || !note.ok) {
    const why = opened.ok ? '' : `: ${opened.message}`;
    book.add('heads', { code: 'cosigned_not_genuine', message: `The cosigned checkpoint is not signed by ${keyLabel(key)}${why}` });
    return null;
  }
  const { size, root } = opened.value.checkpoint;
  audit.expectHead({ size, root });
  const signed: { readonly name: string; readonly time: string }[] = [];
  for (const witness of witnesses) {
    const read = await readCosignatures(note.value, [witness], verifyEd25519);
    const [cosignature] = read.ok ? read.value : [];
    if (!read.ok) book.add('heads', { code: 'cosignature_not_genuine', message: `The checkpoint of ${size} entries: ${read.message}` });
    else if (cosignature === undefined) book.add('heads', missing(witness, size));
    else {
      const time = new Date(cosignature.time * 1000).toISOString();
      signed.push({ name: witness.name, time });
      if (cosignature.time > now.getTime() / 1000 + CLOCK_SKEW_S)
        book.add('heads', {
          code: 'cosignature_in_future',
          severity: 'note',
          message: `${witness.name} says that it cosigned on ${time}, which is yet to come: its clock or this one is wrong.`,
        });
    }
  }
  const known = [key, ...witnesses];
  const unknown = note.value.signatures.filter(({ name, keyId }) => !known.some((each) => each.name === name && each.keyId === keyId));
  return { size, witnesses: signed, unchecked: unknown.map(keyLabel) };
}

function missing(witness: CosignerKey, size: number) {
  const message = `${witness.name} has not cosigned the checkpoint of ${size} entries.`;
  return { code: 'cosignature_missing', severity: 'note', message } as const;
}
