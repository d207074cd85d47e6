import { randomBytes } from 'node:crypto';
import { formatVerifierKey, noteKey, parseVerifierKey, type NoteKey } from '@wheelhouse/ledger/note-key';
import type { NoteSigner } from '@wheelhouse/ledger/signed-note';
import type { DataFolder } from '@wheelhouse/installation/data-folder';
import { newEd25519Key, readEd25519Key, sha256 } from '@wheelhouse/installation/node-crypto';

/** Which log this is and the key that signs its heads. `verifierKey` is what a verifier needs, in C2SP's text form. */
export type LedgerIdentity = { readonly origin: string; readonly key: NoteKey; readonly verifierKey: string; readonly signer: NoteSigner };

const KEY_FILE = 'ledger/signing-key.pem';
const VERIFIER_FILE = 'ledger/verifier-key.txt';

export class LedgerIdentityError extends Error {
  override readonly name = 'LedgerIdentityError';
}

/** The log's identity in this data folder; made at first start. */
export function ledgerIdentity(folder: DataFolder): LedgerIdentity {
  const pem = folder.read(KEY_FILE);
  const text = folder.read(VERIFIER_FILE);
  if (pem === null && text === null) return makeIdentity(folder);
  const known = text === null ? null : parseVerifierKey(text.trim(), sha256);
  if (pem === null || known?.ok !== true) {
    throw new LedgerIdentityError(
      `${folder.path}/ledger has only one of signing-key.pem and verifier-key.txt, or one can't be read. Put both back from a backup.`,
    );
  }
  return identityOf(known.value.name, pem);
}

function makeIdentity(folder: DataFolder): LedgerIdentity {
  const made = identityOf(`wheelhouse.local/${randomBytes(6).toString('hex')}`, newEd25519Key().pem);
  folder.write(KEY_FILE, made.pem);
  folder.write(VERIFIER_FILE, `${made.verifierKey}\n`);
  return made;
}

function identityOf(origin: string, pem: string): LedgerIdentity & { readonly pem: string } {
  const pair = readEd25519Key(pem);
  const key = noteKey(origin, pair.publicKey, sha256);
  return { origin, key, verifierKey: formatVerifierKey(key), signer: { name: key.name, keyId: key.keyId, sign: pair.sign }, pem };
}
