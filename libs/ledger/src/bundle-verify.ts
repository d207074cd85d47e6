import { toBase64 } from './base64.ts';
import type { NewDigest } from './bundle-digest.ts';
import { openEntriesCheck } from './bundle-entries.ts';
import { BUNDLE_MEMBERS, BundleManifest, DIGESTED_MEMBERS, parseDocument, toHex } from './bundle-format.ts';
import type { BundleMember, DigestedMember } from './bundle-format.ts';
import { checkHeads } from './bundle-heads.ts';
import { readKeys, settleSigner } from './bundle-keys.ts';
import type { NamedKeys } from './bundle-keys.ts';
import type { BundleCode, BundleReport, FurtherAudit } from './bundle-report.ts';
import { reportOf } from './bundle-summary.ts';
import type { Draft } from './bundle-summary.ts';
import { openZip, readMember, streamMember } from './bundle-zip.ts';
import type { OpenedZip } from './bundle-zip.ts';
import { fromUtf8 } from './bytes.ts';
import type { CosignerKey } from './cosignature.ts';
import { findingList } from './findings.ts';
import type { FindingList } from './findings.ts';
import { keyLabel } from './note-key.ts';
import type { NoteKey } from './note-key.ts';
import type { Ed25519Verify, Sha256 } from './primitives.ts';

export type VerifyBundleOptions = {
  readonly sha256: Sha256;
  readonly newDigest: NewDigest;
  readonly verify: Ed25519Verify;
  /** Keys of the log that the caller got from somebody else than the bundle. With none, a bundle can only be shown to agree with itself. */
  readonly trusted: readonly NoteKey[];
  /** Witnesses that the caller trusts. Those that the bundle names are checked too, and marked. */
  readonly witnesses: readonly CosignerKey[];
  /** Told as entries are read: how many of the log's have passed, of how many. */
  readonly onProgress?: (done: number, of: number) => void;
  /** Ends the work: `verifyBundle` then rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Another audit of the same entries. */
  readonly further?: FurtherAudit;
  /** How many findings of each severity are kept; 100 unless given. */
  readonly limit?: number;
};

/**
 * Verifies a bundle, in Node and in browsers alike: everything that it holds, and everything that can be said about what it does not. `file` is
 * read where needed and never held in memory. Whatever is wrong with the bundle is a finding in the report; the promise rejects only where the
 * file cannot be read or `signal` says so.
 */
export async function verifyBundle(file: Blob, options: VerifyBundleOptions): Promise<BundleReport> {
  const findings = findingList<BundleCode>(options.limit ?? 100);
  const draft: Draft = { findings, manifest: null, signer: null, heads: null, entries: null, further: null };
  const zip = await openZip(file);
  if (!zip.ok) findings.add({ code: zip.code, message: zip.message });
  else {
    for (const { code, message } of zip.value.faults) findings.add({ code, message });
    await verifyMembers(zip.value, options, draft);
  }
  return reportOf(draft);
}

async function verifyMembers(zip: OpenedZip, options: VerifyBundleOptions, draft: Draft): Promise<void> {
  const { findings } = draft;
  const read = await readSmallMembers(zip, options, findings);
  const text = (name: BundleMember): string => fromUtf8(read.get(name) ?? new Uint8Array(0)) ?? '';
  const manifest = readManifest(read.get('manifest.json'), findings);
  if (manifest === null) return;
  draft.manifest = manifest;
  const digests = new Map(manifest.members.map((member) => [member.name, member]));
  for (const name of DIGESTED_MEMBERS) {
    const bytes = read.get(name);
    if (bytes !== undefined) checkMember(digests, name, { bytes: bytes.length, digest: options.sha256(bytes) }, findings);
  }
  const named: NamedKeys = read.has('keys.json') ? readKeys(text('keys.json'), options.sha256, findings) : { log: null, witnesses: [] };
  const digest = options.sha256(read.get('manifest.json') ?? new Uint8Array(0));
  const signed = { signature: text('manifest.sig'), digest, manifest };
  draft.signer = await settleSigner(signed, { named: named.log, trusted: options.trusted }, options.verify, findings);
  if (draft.signer === null) return;
  const trustedLabels = new Set(options.witnesses.map(keyLabel));
  const others = named.witnesses.filter((key) => !trustedLabels.has(keyLabel(key)));
  const witnesses = [...options.witnesses.map((key) => ({ key, trusted: true })), ...others.map((key) => ({ key, trusted: false }))];
  if (!read.has('heads.jsonl')) return;
  draft.heads = await checkHeads(text('heads.jsonl'), { log: draft.signer.key, witnesses }, options.verify, findings);
  const counted = await verifyEntries(zip, options, draft);
  if (counted !== null) checkMember(digests, 'entries.jsonl', counted, findings);
  checkClaims(manifest, draft);
}

async function readSmallMembers(
  { members }: OpenedZip,
  { signal }: VerifyBundleOptions,
  findings: FindingList<BundleCode>,
): Promise<ReadonlyMap<BundleMember, Uint8Array>> {
  const read = new Map<BundleMember, Uint8Array>();
  for (const name of BUNDLE_MEMBERS) {
    const member = members.get(name);
    if (member === undefined || name === 'entries.jsonl') continue;
    const bytes = await readMember(member, signal);
    if (bytes.ok) read.set(name, bytes.value);
    else findings.add({ code: bytes.code, message: bytes.message });
  }
  return read;
}

function readManifest(bytes: Uint8Array | undefined, findings: FindingList<BundleCode>): BundleManifest | null {
  if (bytes === undefined) return null;
  const text = fromUtf8(bytes);
  const manifest = text === null ? null : parseDocument(text, BundleManifest);
  if (manifest?.ok === true) return manifest.value;
  findings.add({ code: 'manifest_malformed', message: `manifest.json: ${manifest?.message ?? 'It is not valid UTF-8.'}` });
  return null;
}

type Counted = { readonly bytes: number; readonly digest: Uint8Array };

function checkMember(
  digests: ReadonlyMap<DigestedMember, BundleManifest['members'][number]>,
  name: DigestedMember,
  found: Counted,
  findings: FindingList<BundleCode>,
): void {
  const said = digests.get(name);
  const digest = toHex(found.digest);
  if (said?.bytes === found.bytes && said.sha256 === digest) return;
  const manifest =
    said === undefined ? 'the manifest does not name it' : `the manifest says ${said.bytes} bytes with SHA-256 ${said.sha256}`;
  findings.add({
    code: 'member_differs',
    message: `${name} was changed: it has ${found.bytes} bytes with SHA-256 ${digest}, ${manifest}.`,
  });
}

async function verifyEntries({ members }: OpenedZip, options: VerifyBundleOptions, draft: Draft): Promise<Counted | null> {
  const member = members.get('entries.jsonl');
  const { findings, manifest, heads } = draft;
  if (member === undefined || manifest === null || heads === null) return null;
  const { profile, made, tree } = manifest;
  const check = openEntriesCheck({ heads: heads.heads, profile, made, sha256: options.sha256, findings, further: options.further });
  const digest = options.newDigest();
  let bytes = 0;
  const take = (chunk: Uint8Array): void => {
    digest.update(chunk);
    bytes += chunk.length;
    check.take(chunk);
    options.onProgress?.(Math.min(check.done(), tree.size), tree.size);
  };
  const streamed = await streamMember(member, take, options.signal);
  draft.entries = check.finish();
  draft.further = (await options.further?.finish()) ?? null;
  if (!streamed.ok) {
    findings.add({ code: streamed.code, message: streamed.message });
    return null;
  }
  return { bytes, digest: digest.digest() };
}

/** Holds what the manifest says of the bundle against what is in it. */
function checkClaims(manifest: BundleManifest, { findings, heads, entries }: Draft): void {
  if (heads === null || entries === null) return;
  const { tree, counts, complete } = manifest;
  const { last } = heads;
  if (last !== null && (last.size !== tree.size || toBase64(last.root) !== tree.root)) {
    const message = `The manifest says that the entries are proven against a head of ${tree.size} entries, the last head is another one, of ${last.size}.`;
    findings.add({ code: 'last_head_differs', message });
  }
  const said = `${counts.entries} entries (${manifest.from} to ${manifest.to}), ${counts.gaps} gaps, ${counts.heads} heads`;
  const found = `${entries.entries} entries (${entries.from} to ${entries.to}), ${entries.gaps} gaps, ${heads.lines} heads`;
  if (said !== found) findings.add({ code: 'counts_differ', message: `The manifest says ${said}; in the bundle are ${found}.` });
  if (complete !== (entries.entries === entries.to - entries.from)) {
    const message = complete
      ? 'The manifest calls the bundle complete, but entries between its first and last are left out.'
      : 'The manifest calls the bundle incomplete, but nothing between its first and last entry is left out.';
    findings.add({ code: 'completeness_differs', message });
  }
}
