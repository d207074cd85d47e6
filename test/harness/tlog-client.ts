import { createHash, createPublicKey, verify } from 'node:crypto';

// A client for C2SP transparency logs, written from the texts of signed-note, tlog-checkpoint, tlog-tiles, tlog-cosignature and RFC 6962
// alone. It must not use libs/ledger: what it finds right would then only agree with itself.

export type OpenedCheckpoint = {
  readonly text: string;
  readonly size: number;
  readonly root: string;
  readonly lines: readonly SignatureLine[];
};
type SignatureLine = { readonly name: string; readonly keyId: string; readonly signature: Buffer };

export const hashOf = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
const leaf = (entry: Uint8Array) => hashOf(Buffer.of(0), entry);
const node = (left: Uint8Array, right: Uint8Array) => hashOf(Buffer.of(1), left, right);

/** MTH(D[n]) of RFC 6962 section 2.1 over leaf hashes. */
export function treeHash(leaves: readonly Buffer[]): Buffer {
  const [first] = leaves;
  if (first === undefined) return hashOf();
  if (leaves.length === 1) return first;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return node(treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)));
}

/** PATH(m, D[n]) of RFC 6962 section 2.1.1. */
export function auditPath(index: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length <= 1) return [];
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return index < split ? [...auditPath(index, left), treeHash(right)] : [...auditPath(index - split, right), treeHash(left)];
}

/** The root that an audit path leads to, RFC 9162 section 2.1.3.2. */
export function rootOfPath(entry: Uint8Array, at: { index: number; size: number }, path: readonly Buffer[]): Buffer {
  let hash = leaf(entry);
  let [fn, sn] = [at.index, at.size - 1];
  for (const step of path) {
    if (fn % 2 === 1 || fn === sn) {
      hash = node(step, hash);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    } else {
      hash = node(hash, step);
    }
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  if (sn !== 0) throw new Error('the path is too short');
  return hash;
}

/** PROOF(m, D[n]) of RFC 6962 section 2.1.2. */
export function consistencyProof(from: number, leaves: readonly Buffer[], whole = true): Buffer[] {
  if (from === leaves.length) return whole ? [] : [treeHash(leaves)];
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
  return from <= split
    ? [...consistencyProof(from, left, whole), treeHash(right)]
    : [...consistencyProof(from - split, right, false), treeHash(left)];
}

/** A vkey of signed-note, of signature type `type`. */
function keyOf(vkey: string, type: number) {
  const [name = '', id = '', ...rest] = vkey.trim().split('+');
  const material = Buffer.from(rest.join('+'), 'base64');
  if (material[0] !== type || material.length !== 33) throw new Error(`not a key of type ${type}: ${vkey}`);
  if (
    hashOf(Buffer.from(`${name}\n`), material)
      .subarray(0, 4)
      .toString('hex') !== id
  )
    throw new Error(`the key id of ${vkey} is wrong`);
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: material.subarray(1).toString('base64url') }, format: 'jwk' });
  return { name, id, key };
}

/** Reads a checkpoint and verifies the log's signature. */
export function openCheckpoint(note: string, vkey: string): OpenedCheckpoint {
  const { name, id, key } = keyOf(vkey, 1);
  const split = note.lastIndexOf('\n\n');
  const text = note.slice(0, split + 1);
  const lines = note
    .slice(split + 2, -1)
    .split('\n')
    .map((line): SignatureLine => {
      const [dash, signer = '', blob = ''] = line.split(' ');
      if (dash !== '—') throw new Error(`no signature line: ${line}`);
      const bytes = Buffer.from(blob, 'base64');
      return { name: signer, keyId: bytes.subarray(0, 4).toString('hex'), signature: bytes.subarray(4) };
    });
  const own = lines.filter((line) => line.name === name && line.keyId === id);
  if (own.length === 0 || !own.every((line) => verify(null, Buffer.from(text), key, line.signature)))
    throw new Error(`not signed by ${name}`);
  const [origin, size, root = ''] = text.split('\n');
  if (origin !== name || !/^(0|[1-9]\d*)$/.test(size ?? '')) throw new Error(`not a checkpoint of ${name}: ${text}`);
  return { text, size: Number(size), root, lines };
}

/** When the witness of this vkey cosigned the checkpoint, in seconds since the epoch; null where it has not. */
export function cosignedAt({ text, lines }: OpenedCheckpoint, vkey: string): number | null {
  const { name, id, key } = keyOf(vkey, 4);
  const line = lines.find((each) => each.name === name && each.keyId === id);
  if (line === undefined) return null;
  const time = line.signature.readBigUInt64BE(0);
  if (!verify(null, Buffer.from(`cosignature/v1\ntime ${time}\n${text}`), key, line.signature.subarray(8)))
    throw new Error(`${name} did not cosign this`);
  return Number(time);
}

/** A log under a URL prefix. */
export class TlogClient {
  readonly #prefix: string;
  readonly #vkey: string;

  constructor(prefix: string, vkey: string) {
    this.#prefix = prefix;
    this.#vkey = vkey;
  }

  async checkpoint(): Promise<OpenedCheckpoint> {
    return openCheckpoint((await this.#get('checkpoint')).toString('utf8'), this.#vkey);
  }

  /** The leaf hashes of the log, out of its level 0 tiles; full tiles are held against level 1. */
  async leafHashes(size: number): Promise<Buffer[]> {
    const leaves: Buffer[] = [];
    for (const path of paths(size)) {
      const tile = await this.#get(`tile/0/${path}`);
      for (let at = 0; at < tile.length; at += 32) leaves.push(tile.subarray(at, at + 32));
    }
    const full = Math.floor(size / 256);
    const above = full === 0 ? Buffer.alloc(0) : await this.#get(`tile/1/${paths(full).at(-1) ?? ''}`);
    for (let n = 0; n < full; n += 1)
      if (!treeHash(leaves.slice(n * 256, (n + 1) * 256)).equals(above.subarray(n * 32, (n + 1) * 32)))
        throw new Error(`tile ${n} is not in level 1`);
    return leaves;
  }

  /** All entries, out of the entry bundles. */
  async entries(size: number): Promise<Buffer[]> {
    const entries: Buffer[] = [];
    for (const path of paths(size)) {
      const bundle = await this.#get(`tile/entries/${path}`);
      for (let at = 0; at < bundle.length; at += 2 + bundle.readUInt16BE(at))
        entries.push(bundle.subarray(at + 2, at + 2 + bundle.readUInt16BE(at)));
    }
    return entries;
  }

  async #get(path: string): Promise<Buffer> {
    const response = await fetch(`${this.#prefix}/${path}`);
    if (response.status !== 200) throw new Error(`${path}: ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  }
}

/** The leaf hash of each entry. */
export function leavesOf(entries: readonly Buffer[]): Buffer[] {
  return entries.map(leaf);
}

/** Paths of the level's tiles in a tree with `hashes` hashes at that level (below 256,000, as every test's is). */
function paths(hashes: number): string[] {
  const full = Math.floor(hashes / 256);
  const all = Array.from({ length: full }, (_, n) => String(n).padStart(3, '0'));
  return hashes % 256 === 0 ? all : [...all, `${String(full).padStart(3, '0')}.p/${hashes % 256}`];
}
