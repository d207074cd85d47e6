import { verifyEd25519 } from '@wheelhouse/installation/node-crypto';
import { readCosignatures, formatCosignerKey } from '@wheelhouse/ledger/cosignature';
import { keyLabel } from '@wheelhouse/ledger/note-key';
import { parseNote } from '@wheelhouse/ledger/signed-note';
import type { ExportContext } from './export-writer.ts';

/** What vouches for an export: the signed head that its entries lead to, and who cosigned it when. */
export type IntegrityStatement = {
  readonly log: string;
  readonly treeSize: number;
  readonly signedBy: string;
  readonly verifierKey: string;
  readonly cosignedBy: readonly { readonly witness: string; readonly key: string; readonly at: string }[];
  readonly checkpoint: string;
};

export async function cosignersOf({
  head,
  witnesses,
}: Pick<ExportContext, 'head' | 'witnesses'>): Promise<IntegrityStatement['cosignedBy']> {
  const note = parseNote(head.checkpoint);
  if (!note.ok) return [];
  const read = await readCosignatures(note.value, witnesses, verifyEd25519);
  if (!read.ok) return [];
  return read.value.map(({ key, time }) => ({
    witness: key.name,
    key: formatCosignerKey(key),
    at: new Date(time * 1000).toISOString(),
  }));
}

export async function integrityOf(context: Pick<ExportContext, 'head' | 'witnesses' | 'identity'>): Promise<IntegrityStatement> {
  const { head, identity } = context;
  return {
    log: identity.origin,
    treeSize: head.size,
    signedBy: keyLabel(identity.key),
    verifierKey: identity.verifierKey,
    cosignedBy: await cosignersOf(context),
    checkpoint: head.checkpoint,
  };
}
