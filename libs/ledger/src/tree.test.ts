import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { append, emptyRange, rangeNodes, restoreRange, rootOf } from './compact-range.ts';
import type { CompactRange } from './compact-range.ts';
import type { HashReader } from './proofs.ts';
import { consistencyProof, inclusionProof, nodesOf, planConsistency, planInclusion } from './proofs.ts';
import {
  completedTiles,
  entriesPath,
  parseTilePath,
  partialTiles,
  tileBytes,
  tilePath,
  tileReader,
  tileRoot,
  tilesOfNodes,
} from './tiles.ts';
import type { TileRef } from './tiles.ts';
import { leafHash, nodeHash, rootOfLeaves } from './tree-hash.ts';
import { verifyConsistency, verifyInclusion } from './verify-proof.ts';

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
const BIGGEST = 1100;
const leaves = Array.from({ length: BIGGEST }, (_, i) => leafHash(Buffer.from(`entry ${i}`), sha256));

const nodes = new Map<string, Uint8Array>();
const ranges: CompactRange[] = [emptyRange()];
for (const leaf of leaves)
  ranges.push(append(ranges.at(-1) ?? emptyRange(), leaf, sha256, ({ level, index }, hash) => nodes.set(`${level}/${index}`, hash)));
const rangeAt = (size: number) => ranges[size] ?? emptyRange();
const rootAt = (size: number) => rootOf(rangeAt(size), sha256);
const read: HashReader = (level, index) => {
  const hash = nodes.get(`${level}/${index}`);
  if (hash === undefined) throw new Error(`no node ${index} at level ${level}`);
  return hash;
};
const leafAt = (index: number) => leaves[index] ?? new Uint8Array(0);
const flip = (hash: Uint8Array, bit: number) => hash.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));

const someSize = fc.integer({ min: 1, max: BIGGEST });
const someBit = fc.nat(255);
const someLeaf = someSize.chain((size) => fc.record({ size: fc.constant(size), index: fc.nat(size - 1) }));
const somePair = someSize.chain((second) => fc.record({ second: fc.constant(second), first: fc.integer({ min: 1, max: second }) }));

describe('compact range', () => {
  it('has the root that the definition has', () => {
    fc.assert(
      fc.property(fc.nat(BIGGEST), (size) => {
        expect(rootAt(size)).toEqual(rootOfLeaves(leaves.slice(0, size), sha256));
      }),
    );
  });

  it('goes on where it was stored', () => {
    fc.assert(
      fc.property(fc.nat(BIGGEST - 40), (size) => {
        let range = restoreRange(
          size,
          rangeNodes(size).map(({ level, index }) => read(level, index)),
        );
        for (let i = size; i < size + 40; i += 1) range = append(range, leafAt(i), sha256);
        expect(range).toEqual(rangeAt(size + 40));
      }),
    );
  });

  it('counts beyond 2^32', () => {
    const size = 2 ** 40 + 5;
    expect(rangeNodes(size)).toEqual([
      { level: 40, index: 0 },
      { level: 2, index: 2 ** 38 },
      { level: 0, index: 2 ** 40 + 4 },
    ]);
    const range = restoreRange(size, [leafAt(0), leafAt(1), leafAt(2)]);
    expect(append(range, leafAt(3), sha256).nodes).toHaveLength(3);
  });

  it('refuses nodes that do not fit', () => {
    expect(() => restoreRange(3, [leafAt(0)])).toThrow(/2 nodes/);
    expect(() => restoreRange(1, [new Uint8Array(31)])).toThrow(/32 bytes/);
    expect(() => restoreRange(-1, [])).toThrow(/leaves/);
    expect(() => append(emptyRange(), new Uint8Array(5), sha256)).toThrow(/32 bytes/);
    expect(() => append({ size: 1, nodes: [] }, leafAt(0), sha256)).toThrow(/fewer nodes/);
    expect(() => nodeHash(new Uint8Array(1), leafAt(0), sha256)).toThrow(/32 bytes/);
  });
});

describe('inclusion', () => {
  it('is proved for every leaf of every small tree', () => {
    for (let size = 1; size <= 70; size += 1)
      for (let index = 0; index < size; index += 1) {
        const proof = inclusionProof({ index, size }, read, sha256);
        expect(verifyInclusion({ index, leafHash: leafAt(index), proof }, { size, root: rootAt(size) }, sha256)).toEqual({ ok: true });
      }
  });

  it('is refused after any change of one bit, and of the index', () => {
    fc.assert(
      fc.property(someLeaf, someBit, fc.nat(), (leaf, bit, pick) => {
        const proof = inclusionProof(leaf, read, sha256);
        const claim = { index: leaf.index, leafHash: leafAt(leaf.index), proof };
        const head = { size: leaf.size, root: rootAt(leaf.size) };
        expect(verifyInclusion(claim, head, sha256).ok).toBe(true);
        expect(verifyInclusion({ ...claim, leafHash: flip(claim.leafHash, bit) }, head, sha256)).toMatchObject({ code: 'root_mismatch' });
        expect(verifyInclusion(claim, { ...head, root: flip(head.root, bit) }, sha256)).toMatchObject({ code: 'root_mismatch' });
        const damaged = proof.map((hash, i) => (i === pick % proof.length ? flip(hash, bit) : hash));
        if (proof.length > 0) expect(verifyInclusion({ ...claim, proof: damaged }, head, sha256)).toMatchObject({ code: 'root_mismatch' });
        const other = pick % (leaf.size + 3);
        if (other !== leaf.index) expect(verifyInclusion({ ...claim, index: other }, head, sha256).ok).toBe(false);
        expect(verifyInclusion({ ...claim, proof: [...proof, head.root] }, head, sha256)).toMatchObject({ code: 'wrong_proof_length' });
        expect(verifyInclusion({ ...claim, proof: proof.slice(1) }, head, sha256).ok).toBe(proof.length === 0);
        expect(verifyInclusion({ ...claim, leafHash: claim.leafHash.slice(1) }, head, sha256)).toMatchObject({ code: 'bad_hash_length' });
      }),
    );
  });

  it('names sizes and indexes that cannot be', () => {
    const claim = { index: 0, leafHash: leafAt(0), proof: [] };
    const at = (index: number, size: number) => verifyInclusion({ ...claim, index }, { size, root: leafAt(0) }, sha256);
    expect([at(1, 1), at(0, 0)]).toMatchObject([{ code: 'index_out_of_range' }, { code: 'index_out_of_range' }]);
    expect([at(-1, 1), at(0.5, 1), at(0, 2 ** 60), at(Number.NaN, 1)].map((verdict) => !verdict.ok && verdict.code)).toEqual(
      Array(4).fill('bad_size'),
    );
    expect(() => planInclusion(5, 5)).toThrow(/no leaf 5/);
  });
});

describe('consistency', () => {
  it('is proved between all small trees', () => {
    for (let second = 1; second <= 70; second += 1)
      for (let first = 1; first <= second; first += 1) {
        const claim = {
          first: { size: first, root: rootAt(first) },
          second: { size: second, root: rootAt(second) },
          proof: consistencyProof({ first, second }, read, sha256),
        };
        expect(verifyConsistency(claim, sha256)).toEqual({ ok: true });
      }
  });

  it('is refused after any change of one bit, and of the sizes', () => {
    fc.assert(
      fc.property(somePair, someBit, fc.nat(), ({ first, second }, bit, pick) => {
        const proof = consistencyProof({ first, second }, read, sha256);
        const claim = { first: { size: first, root: rootAt(first) }, second: { size: second, root: rootAt(second) }, proof };
        const verdict = (change: Partial<typeof claim>) => verifyConsistency({ ...claim, ...change }, sha256).ok;
        expect(verdict({})).toBe(true);
        expect(verdict({ first: { size: first, root: flip(claim.first.root, bit) } })).toBe(false);
        expect(verdict({ second: { size: second, root: flip(claim.second.root, bit) } })).toBe(false);
        expect(verdict({ proof: [...proof, claim.second.root] })).toBe(false);
        if (proof.length > 0) {
          expect(verdict({ proof: proof.map((hash, i) => (i === pick % proof.length ? flip(hash, bit) : hash)) })).toBe(false);
          expect(verdict({ proof: proof.slice(0, -1) })).toBe(false);
        }
        const other = 1 + (pick % second);
        if (other !== first) expect(verdict({ first: { size: other, root: claim.first.root } })).toBe(false);
      }),
    );
  });

  it('names what cannot be', () => {
    const head = (size: number) => ({ size, root: leafAt(0) });
    const verdict = (first: number, second: number) => verifyConsistency({ first: head(first), second: head(second), proof: [] }, sha256);
    expect([verdict(2, 1), verdict(0, 1), verdict(-1, 1), verdict(1, 2)]).toMatchObject([
      { code: 'size_shrinks' },
      { code: 'size_zero' },
      { code: 'bad_size' },
      { code: 'wrong_proof_length' },
    ]);
    expect(() => planConsistency(0, 4)).toThrow(/no consistency proof/);
    expect(() => planConsistency(5, 4)).toThrow(/no consistency proof/);
  });
});

describe('tiles', () => {
  const source = (size: number) => {
    const stored = new Map([...completedTiles(0, size), ...partialTiles(size)].map((tile) => [tilePath(tile), tileBytes(tile, read)]));
    return (tile: TileRef) => {
      const bytes = stored.get(tilePath(tile));
      if (bytes === undefined) throw new Error(`not stored: ${tilePath(tile)}`);
      return bytes;
    };
  };

  it('has the example of the specification', () => {
    const full = completedTiles(0, 70_000);
    expect([full.filter(({ level }) => level === 0).length, full.filter(({ level }) => level === 1).length]).toEqual([273, 1]);
    expect(partialTiles(70_000)).toEqual([
      { level: 0, index: 273, width: 112 },
      { level: 1, index: 1, width: 17 },
      { level: 2, index: 0, width: 1 },
    ]);
    expect([completedTiles(0, 256), partialTiles(256)]).toEqual([[{ level: 0, index: 0, width: 256 }], [{ level: 1, index: 0, width: 1 }]]);
  });

  it('completes the same tiles in one step or in many', () => {
    fc.assert(
      fc.property(fc.nat(200_000), fc.nat(200_000), fc.nat(200_000), (...sizes) => {
        const [a, b, c] = sizes.sort((x, y) => x - y);
        const paths = (from: number, to: number) => completedTiles(from, to).map(tilePath);
        expect([...paths(a, b), ...paths(b, c)].sort()).toEqual(paths(a, c).sort());
      }),
    );
  });

  it('reads every node that the tree has, and no other', () => {
    for (const size of [1, 5, 255, 256, 257, 700, BIGGEST]) {
      const fromTiles = tileReader(size, source(size), sha256);
      for (const [path, hash] of nodes) {
        const [level = 0, index = 0] = path.split('/').map(Number);
        if ((index + 1) * 2 ** level <= size) expect(fromTiles(level, index)).toEqual(hash);
        else expect(() => fromTiles(level, index)).toThrow();
      }
    }
  });

  it('proves out of prefetched tiles', () => {
    fc.assert(
      fc.property(somePair, ({ first, second }) => {
        const plan = planConsistency(first, second);
        const all = source(second);
        const prefetched = new Map(tilesOfNodes(nodesOf(plan), second).map((tile) => [tilePath(tile), all(tile)]));
        const fromTiles = tileReader(second, (tile) => prefetched.get(tilePath(tile)) ?? new Uint8Array(0), sha256);
        expect(consistencyProof({ first, second }, fromTiles, sha256)).toEqual(consistencyProof({ first, second }, read, sha256));
      }),
      { numRuns: 30 },
    );
  });

  it('hashes a full tile into the one above', () => {
    expect(tileRoot(tileBytes({ level: 0, index: 2, width: 256 }, read), sha256)).toEqual(read(8, 2));
    expect(() => tileRoot(new Uint8Array(32), sha256)).toThrow(/full tile/);
    expect(() => tileReader(300, () => new Uint8Array(32), sha256)(0, 3)).toThrow(/8192/);
  });

  it('writes and reads paths', () => {
    const path = (index: number, width = 256) => tilePath({ level: 0, index, width });
    expect([path(1067), path(1234067), path(0), path(273, 112)]).toEqual([
      'tile/0/x001/067',
      'tile/0/x001/x234/067',
      'tile/0/000',
      'tile/0/273.p/112',
    ]);
    expect(parseTilePath('tile/entries/x001/067.p/3')).toEqual({
      ok: true,
      value: { kind: 'entries', tile: { level: 0, index: 1067, width: 3 } },
    });
    fc.assert(
      fc.property(fc.nat(63), fc.maxSafeNat(), fc.integer({ min: 1, max: 256 }), (level, index, width) => {
        const tile = { level, index, width };
        expect(parseTilePath(tilePath(tile))).toEqual({ ok: true, value: { kind: 'hashes', tile } });
        expect(parseTilePath(entriesPath(tile))).toEqual({ ok: true, value: { kind: 'entries', tile: { ...tile, level: 0 } } });
      }),
    );
  });

  it.each([
    '',
    'tile/0',
    'tile/64/000',
    'tile/01/000',
    'tile/-1/000',
    'tile/0/1',
    'tile/0/001/002',
    'tile/0/x000/001',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/000/',
    '/tile/0/000',
    'tile/data/000',
    'tile/0/x999/x999/x999/x999/x999/999',
    'tile/0/000\n',
  ])('refuses the path %j', (path) => {
    expect(parseTilePath(path)).toMatchObject({ ok: false, code: 'bad_tile_path' });
  });
});
