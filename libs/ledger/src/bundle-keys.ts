import { BundleKeys, manifestNote, parseDocument, toHex } from './bundle-format.ts';
import type { BundleManifest } from './bundle-format.ts';
import type { KeyCode, ManifestCode } from './bundle-report.ts';
import { parseCosignerKey } from './cosignature.ts';
import type { CosignerKey } from './cosignature.ts';
import type { FindingSink } from './findings.ts';
import { keyLabel, parseVerifierKey } from './note-key.ts';
import type { NoteKey } from './note-key.ts';
import { equalBytes } from './bytes.ts';
import type { Ed25519Verify, Sha256 } from './primitives.ts';
import { parseNote, verifyNote } from './signed-note.ts';

type Sink = FindingSink<KeyCode | ManifestCode>;

/** The keys that a bundle says are the log's and its witnesses'. */
export type NamedKeys = { readonly log: NoteKey | null; readonly witnesses: readonly CosignerKey[] };

/** Reads `keys.json`. A key that is none is a finding. */
export function readKeys(text: string, sha256: Sha256, findings: Sink): NamedKeys {
  const add = (message: string): void => {
    findings.add({ code: 'keys_malformed', message: `keys.json: ${message}` });
  };
  const keys = parseDocument(text, BundleKeys);
  if (!keys.ok) {
    add(keys.message);
    return { log: null, witnesses: [] };
  }
  const log = parseVerifierKey(keys.value.log, sha256);
  if (!log.ok) add(`the log's key: ${log.message}`);
  const witnesses: CosignerKey[] = [];
  for (const each of keys.value.witnesses) {
    const key = parseCosignerKey(each, sha256);
    if (key.ok) witnesses.push(key.value);
    else add(`a witness's key: ${key.message}`);
  }
  return { log: log.ok ? log.value : null, witnesses };
}

/** The key that everything is checked with, and whether the caller trusts it and the manifest's signature by it is good. */
export type Signer = { readonly key: NoteKey; readonly anchored: boolean };

type SignedManifest = {
  /** The text of `manifest.sig`, the digest of `manifest.json` and what it says. */
  readonly signature: string;
  readonly digest: Uint8Array;
  readonly manifest: BundleManifest;
};

/**
 * Checks the manifest's signature, and settles which key the rest is checked with: a trusted one that signed it; else the one that the bundle
 * names, so that it can at least be said whether the bundle agrees with itself. Null where there is neither.
 */
export async function settleSigner(
  signed: SignedManifest,
  keys: { readonly named: NoteKey | null; readonly trusted: readonly NoteKey[] },
  verify: Ed25519Verify,
  findings: Sink,
): Promise<Signer | null> {
  const { named, trusted } = keys;
  const { origin } = signed.manifest;
  const note = parseNote(signed.signature);
  if (!note.ok) {
    findings.add({ code: 'manifest_signature_malformed', message: `manifest.sig: ${note.message}` });
    return fallback(keys, origin);
  }
  if (note.value.text !== manifestNote(origin, toHex(signed.digest)))
    findings.add({
      code: 'manifest_differs',
      message: 'manifest.sig was made over another manifest.json: the manifest was changed, or swapped.',
    });
  const ours = trusted.filter((key) => key.name === origin);
  if (trusted.length > 0 && ours.length === 0) {
    const message = `The bundle is from another log: it says ${origin}, and the key that you trust is of ${trusted.map(keyLabel).join(', ')}.`;
    findings.add({ code: 'other_log', message });
  }
  const signers = note.value.signatures.map(keyLabel).join(', ');
  const opened = await verifyNote(note.value, ours, verify);
  if (opened.ok) {
    const line = opened.value.verified[0];
    const key = ours.find((each) => each.keyId === line?.keyId);
    if (key === undefined) return null;
    if (named !== null && !equalBytes(named.publicKey, key.publicKey))
      findings.add({
        code: 'keys_differ',
        message: `keys.json names ${keyLabel(named)} as the log's key, but ${keyLabel(key)} signed the manifest.`,
      });
    return { key, anchored: true };
  }
  if (ours.length > 0 && opened.code === 'no_known_signature') {
    const message = `The manifest is signed by another key: by ${signers}, not by ${ours.map(keyLabel).join(', ')}, which you trust.`;
    findings.add({ code: 'other_key', message });
  } else if (ours.length > 0) {
    findings.add({ code: 'manifest_not_genuine', message: `manifest.sig: ${opened.message}` });
    return fallback(keys, origin);
  }
  if (named === null) return null;
  const own = await verifyNote(note.value, [named], verify);
  if (!own.ok)
    findings.add({
      code: 'manifest_not_genuine',
      message: `manifest.sig is not by the log's key that keys.json names (${keyLabel(named)}): ${own.message}`,
    });
  if (named.name !== origin)
    findings.add({ code: 'keys_differ', message: `keys.json names a key of ${named.name}, but the manifest is of the log ${origin}.` });
  return { key: named, anchored: false };
}

function fallback({ named, trusted }: { named: NoteKey | null; trusted: readonly NoteKey[] }, origin: string): Signer | null {
  const key = trusted.find(({ name }) => name === origin) ?? named;
  return key === null ? null : { key, anchored: false };
}
