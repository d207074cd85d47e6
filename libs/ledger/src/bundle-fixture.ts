import { createHash, generateKeyPairSync, randomBytes, sign, verify, createPublicKey } from 'node:crypto';
import { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import { shows } from '@wheelhouse/protocol/field-class';
import type { RedactionProfile } from '@wheelhouse/protocol/field-class';
import { toBase64 } from './base64.ts';
import { bundleItems } from './bundle-items.ts';
import type { SelectedEntry } from './bundle-items.ts';
import { verifyBundle } from './bundle-verify.ts';
import { writeBundle } from './bundle-write.ts';
import type { BundleParts } from './bundle-write.ts';
import { utf8 } from './bytes.ts';
import { signCheckpoint } from './checkpoint.ts';
import { cosign, cosignerKey } from './cosignature.ts';
import type { Cosigner } from './cosignature.ts';
import { sha256 } from './evidence-fixture.ts';
import { noteKey } from './note-key.ts';
import type { NoteKey } from './note-key.ts';
import type { Ed25519Verify } from './primitives.ts';
import { openingOf, sealEntry } from './sealed-entry.ts';
import { formatNote, parseNote } from './signed-note.ts';
import { chainStep, genesisHead } from './tick-chain.ts';
import { leafHash, rootOfLeaves } from './tree-hash.ts';
import type { NodeRef } from './tree-hash.ts';

const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
export const verifyEd25519: Ed25519Verify = (publicKey, message, signature) =>
  verify(null, message, createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' }), signature);
export const newDigest = () => {
  const hash = createHash('sha256');
  return { update: (bytes: Uint8Array) => void hash.update(bytes), digest: () => new Uint8Array(hash.digest()) };
};
const pair = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI.length));
  return { raw, sign: (message: Uint8Array) => new Uint8Array(sign(null, message, privateKey)) };
};

export const ORIGIN = 'wheelhouse.test/bundle';
/** A log's key, and what signs with it. */
export const logKey = (origin = ORIGIN) => {
  const { raw, sign } = pair();
  const key = noteKey(origin, raw, sha256);
  return { key, signer: { name: key.name, keyId: key.keyId, sign } };
};
export const witnessKey = (name: string): Cosigner => {
  const { raw, sign } = pair();
  return { key: cosignerKey(name, raw, sha256), sign };
};

const uuid = (n: number) => `0b7c0c0e-58a2-4d31-8f30-${n.toString(16).padStart(12, '0')}`;
export const SESSION = uuid(1);
export const ORDER = uuid(2);
const SYSTEM = { kind: 'system', id: 'wheelhouse', role: 'system' };
const ANN = { kind: 'person', id: 'ann', role: 'operator' };
const BOB = { kind: 'person', id: 'bob', role: 'administrator' };
const ANNS_KEY = { kind: 'key', id: 'key-of-ann', role: 'operator', person: 'ann' };

/**
 * Kinds, data and authors of a session of ten seconds that was stopped for three, and of things around it. With a crash, the server dies before
 * the last second and takes the evidence of two ticks with it.
 */
export function story(crash = false): { kind: string; data: object; by: object }[] {
  const [session, order] = [SESSION, ORDER];
  const made: { kind: string; data: object; by: object }[] = [];
  const add = (kind: string, data: object, by: object = SYSTEM) => made.push({ kind, data, by });
  const chain = { head: genesisHead(session, sha256), next: 0, out: 0 };
  const segment = (left: number) => {
    const previous = toBase64(chain.head);
    const ticks = Array.from({ length: 5 }, (_, i) => sha256(utf8(`${session} ${chain.next + i}`)));
    chain.head = ticks.reduce((head, tick) => chainStep(head, tick, sha256), chain.head);
    const data = {
      session,
      fromTick: chain.next,
      toTick: chain.next + 4,
      previous,
      ticks: ticks.map(toBase64),
      head: toBase64(chain.head),
    };
    add('session.segment', { ...data, out: { first: chain.out, last: chain.out + left }, withheld: 0, late: 0 });
    chain.next += 5;
    chain.out += left;
  };
  const effect = (tick: number) => [{ session, tick, lastSequence: chain.out, settled: true }];
  add('server.started', { version: '0.1.0', node: 'n', stoppedCleanly: true });
  add('person.joined', { person: 'ann', role: 'operator', tenant: 'häuse' });
  add('key.issued', { key: 'key-of-ann', scopes: ['orders:give'], tenant: 'house' }, ANN);
  add('session.opened', { session, tenant: 'house', deployment: 'relay', model: 'relay-1', level: 3, subject: 'caller-7' }, ANNS_KEY);
  add('session.attached', { session, fromTick: 0, previous: toBase64(chain.head), lost: 0 });
  for (let i = 0; i < 4; i += 1) segment(3);
  const times = { receivedAt: '2026-01-01T00:00:10.000Z', gateClosedUs: 120.5, lastByteUs: null };
  const scope = { type: 'tenant', tenant: 'house' };
  add('order.given', { order, number: 1, kind: 'stop', scope, reason: 'Genug – “enough” \u{1f6d1}', ...times, covered: 1 }, ANN);
  add('order.applied', { order, part: 1, sessions: effect(chain.next - 1) }, ANN);
  for (let i = 0; i < 3; i += 1) segment(0);
  add('release.asked', { release: uuid(3), latch: order, reason: 'fine again' }, ANNS_KEY);
  add('latch.released', { release: uuid(3), latch: order, askedBy: 'ann' }, BOB);
  for (let i = 0; i < 2; i += 1) segment(2);
  if (crash) {
    chain.next += 2;
    chain.out += 4;
    add('server.started', { version: '0.1.0', node: 'n', stoppedCleanly: false });
    add('session.attached', { session, fromTick: chain.next, previous: toBase64(chain.head), lost: 2 });
  }
  segment(2);
  add('session.ended', { session, lastTick: chain.next - 1, head: toBase64(chain.head), reason: 'closed' });
  add('server.stopped', { node: 'n' });
  return made;
}

/** 2026-01-01T00:00:00Z, in seconds. */
const START = 1_767_225_600;

/** A log in memory: sealed entries, signed heads, some of them cosigned. */
export async function testLog(
  entries = story(),
  by: { log?: ReturnType<typeof logKey>; witnesses?: readonly Cosigner[]; headsAt?: readonly number[] } = {},
) {
  const { log = logKey(), witnesses = [witnessKey('witness.test/ann')], headsAt = [5, 12] } = by;
  const sealed = entries.map(({ kind, data, by: actor }, i) => {
    const at = { time: `2026-01-01T00:00:${String(i % 60).padStart(2, '0')}.000Z`, clock: i * 1_000_000 };
    return sealEntry(LedgerEntry.parse({ v: 2, id: uuid(1000 + i), kind, ...at, by: actor, data }), randomBytes, sha256);
  });
  const hashes = sealed.map(({ leaf }) => leafHash(utf8(leaf), sha256));
  const headOf = (size: number) => ({ size, root: rootOfLeaves(hashes.slice(0, size), sha256), origin: log.key.name });
  const sizes = [...headsAt, sealed.length];
  const heads = await Promise.all(
    sizes.map(async (size) => {
      const note = parseNote(await signCheckpoint(headOf(size), log.signer));
      if (!note.ok) throw new Error(note.message);
      const lines = witnesses.map((witness) => cosign(note.value.text, START + size, witness));
      return formatNote({ text: note.value.text, signatures: [...note.value.signatures, ...lines] });
    }),
  );
  const readNodes = (refs: readonly NodeRef[]) =>
    Promise.resolve(refs.map(({ level, index }) => rootOfLeaves(hashes.slice(index * 2 ** level, (index + 1) * 2 ** level), sha256)));
  return { sealed, size: sealed.length, sizes, heads, readNodes, log, witnesses, headOf };
}
export type TestLog = Awaited<ReturnType<typeof testLog>>;

/** An entry as an export shows it. */
export function selected(log: TestLog, index: number, profile: RedactionProfile | ((field: string) => boolean) = 'full'): SelectedEntry {
  const entry = log.sealed[index];
  if (entry === undefined) throw new Error(`There is no entry ${index}.`);
  const show = typeof profile === 'function' ? profile : (field: string) => shows(profile, field);
  return { index, leaf: entry.leaf, opening: openingOf(entry.fields, show) };
}

export type Choice = { which?: (index: number) => boolean; profile?: RedactionProfile; page?: number; parts?: Partial<BundleParts> };

/** Writes a bundle of a log into memory. */
export async function bundleOf(log: TestLog, { which = () => true, profile = 'full', page = 7, parts = {} }: Choice = {}) {
  async function* pages() {
    const indexes = [...log.sealed.keys()].filter(which);
    for (let at = 0; at < indexes.length; at += page)
      yield await Promise.resolve(indexes.slice(at, at + page).map((index) => selected(log, index, profile)));
  }
  const chunks: Uint8Array[] = [];
  const sink = new WritableStream<Uint8Array>({ write: (chunk) => void chunks.push(chunk.slice()) });
  const written = await writeBundle(sink, {
    export: uuid(9),
    // eslint-disable-next-line no-restricted-globals -- what an application would give
    made: new Date('2026-01-02T00:00:00.000Z'),
    filter: { kinds: ['any'] },
    profile,
    key: log.log.key,
    signer: log.log.signer,
    witnesses: log.witnesses.map(({ key }) => key),
    heads: log.heads,
    items: bundleItems({ size: log.size, cuts: log.sizes, selected: pages(), readNodes: log.readNodes }),
    newDigest,
    ...parts,
  });
  return { written, blob: new Blob(chunks.map((chunk) => new Uint8Array(chunk))) };
}

export const check = (blob: Blob, trusted: readonly NoteKey[], options: Partial<Parameters<typeof verifyBundle>[1]> = {}) =>
  verifyBundle(blob, { sha256, newDigest, verify: verifyEd25519, trusted, witnesses: [], ...options });
