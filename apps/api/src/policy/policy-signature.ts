import { formatNote, type NoteSigner, signNote } from '@wheelhouse/ledger/signed-note';

/** What a signature on a bundle says, in the lines of a C2SP signed note: that this log's keeper had it in force. No tree head begins like this. */
export async function signedDigest(digest: string, signer: NoteSigner): Promise<string> {
  return formatNote(await signNote(`wheelhouse/policy-bundle/1\n${signer.name}\n${digest}\n`, signer));
}
