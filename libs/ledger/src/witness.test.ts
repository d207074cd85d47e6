import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBase64 } from './base64.ts';
import { formatCheckpoint } from './checkpoint.ts';
import { append, emptyRange, rootOf } from './compact-range.ts';
import { noteKey } from './note-key.ts';
import { consistencyProof } from './proofs.ts';
import { formatNote } from './signed-note.ts';
import { leafHash, nodeHash } from './tree-hash.ts';
import { decide } from './witness.ts';
import type { WitnessState } from './witness.ts';
import { formatAddCheckpoint, parseAddCheckpoint } from './witness-request.ts';

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
const pair = generateKeyPairSync('ed25519');
const publicKey = new Uint8Array(Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'));
const ORIGIN = 'log.example/one';
const key = noteKey(ORIGIN, publicKey, sha256);
const tools = {
  sha256,
  verify: (_: Uint8Array, message: Uint8Array, signature: Uint8Array) =>
    signature.length === 64 && verify(null, message, pair.publicKey, signature),
};
const START: WitnessState = { logs: new Map([[ORIGIN, [key]]]), heads: new Map() };
const SIZE = 300;

/** A log of its own, equal to the main one in its first `shared` leaves. */
function logOf(shared: number) {
  const leaves = Array.from({ length: SIZE }, (_, i) => leafHash(Buffer.from(i < shared ? `leaf ${i}` : `other ${shared} ${i}`), sha256));
  const read = (level: number, index: number): Uint8Array =>
    level === 0 ? (leaves[index] ?? new Uint8Array()) : nodeHash(read(level - 1, index * 2), read(level - 1, index * 2 + 1), sha256);
  const rootAt = (size: number) =>
    rootOf(
      leaves.slice(0, size).reduce((range, leaf) => append(range, leaf, sha256), emptyRange()),
      sha256,
    );
  return {
    rootAt,
    proof: (first: number, second: number) => (first === 0 ? [] : consistencyProof({ first, second }, read, sha256)),
  };
}
const log = logOf(SIZE);

function checkpoint(size: number, root = log.rootAt(size), origin = ORIGIN): string {
  const text = formatCheckpoint({ origin, size, root, extensions: [] });
  return formatNote({
    text,
    signatures: [{ name: key.name, keyId: key.keyId, signature: new Uint8Array(sign(null, Buffer.from(text), pair.privateKey)) }],
  });
}
function ask(state: WitnessState, oldSize: number, proof: readonly Uint8Array[], note: string) {
  const request = parseAddCheckpoint(Buffer.from(formatAddCheckpoint({ oldSize, proof, checkpoint: note })));
  if (!request.ok) throw new Error(request.message);
  return decide(state, request.value, tools);
}
function witnessed(size: number): WitnessState {
  const answer = ask(START, 0, [], checkpoint(size));
  if (answer.type !== 'cosign') throw new Error(answer.type);
  return answer.state;
}

describe('a witness', () => {
  it('cosigns a log that grows, from nothing and step by step', () => {
    let state = START;
    let at = 0;
    for (const size of [0, 0, 1, 7, 8, 8, 200, SIZE]) {
      const answer = ask(state, at, log.proof(at, size), checkpoint(size));
      if (answer.type !== 'cosign') throw new Error(`${size}: ${answer.type}`);
      expect(answer.state.heads.get(ORIGIN)).toEqual({ size, root: log.rootAt(size) });
      expect(answer.text).toContain(`${ORIGIN}\n${size}\n`);
      expect(answer.signatures).toHaveLength(1);
      state = answer.state;
      at = size;
    }
    expect(START.heads.size).toBe(0);
  });

  it('answers each fault as tlog-witness says, in its order', () => {
    const state = witnessed(100);
    const note = checkpoint(200);
    expect(ask(state, 100, log.proof(100, 200), checkpoint(200, undefined, 'log.example/other'))).toMatchObject({ type: 'unknown_log' });
    const forged = note.replace(/— (\S+) \S+/, (_, name: string) => `— ${name} ${toBase64(Uint8Array.of(0, 0, 0, 1, 2))}`);
    expect(ask(state, 100, log.proof(100, 200), forged)).toMatchObject({ type: 'bad_signature' });
    expect(ask(state, 100, log.proof(100, 200), note.replace('\n200\n', '\n201\n'))).toMatchObject({ type: 'bad_signature' });
    expect(ask(state, 201, [], note)).toMatchObject({ type: 'malformed' });
    expect(ask(state, 99, log.proof(99, 200), note)).toEqual({ type: 'conflict', size: 100 });
    expect(ask(state, 0, [], note)).toEqual({ type: 'conflict', size: 100 });
    expect(ask(state, 100, log.proof(99, 200), note)).toMatchObject({ type: 'inconsistent' });
    expect(ask(state, 100, [], note)).toMatchObject({ type: 'inconsistent' });
    expect(ask(START, 0, log.proof(100, 200), note)).toMatchObject({ type: 'inconsistent' });
    expect(ask(START, 0, [], checkpoint(0, new Uint8Array(32)))).toMatchObject({ type: 'inconsistent' });
    expect(ask(state, 100, [], checkpoint(100))).toMatchObject({ type: 'cosign' });
    expect(ask(state, 100, [], checkpoint(100, new Uint8Array(32)))).toMatchObject({ type: 'inconsistent' });
  });

  it('never cosigns a rollback', () => {
    for (const size of [1, 50, 99])
      for (const old of [0, size, 100])
        expect(ask(witnessed(100), old, old === 0 || old === 100 ? [] : log.proof(old, size), checkpoint(size)).type).not.toBe('cosign');
  });

  it('never cosigns two trees, whatever it is asked in whatever order', () => {
    const forks = [log, logOf(40), logOf(150), logOf(0)];
    const step = fc.record({
      fork: fc.nat(forks.length - 1),
      size: fc.nat(SIZE),
      from: fc.nat(SIZE),
      honest: fc.boolean(),
      proofOf: fc.nat(forks.length - 1),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let state = START;
        const promised: { size: number; root: Uint8Array }[] = [];
        for (const { fork, size, from, honest, proofOf } of steps) {
          const at = state.heads.get(ORIGIN)?.size ?? 0;
          const old = honest ? at : from;
          const tree = forks[fork] ?? log;
          const proof = old <= size ? (forks[proofOf] ?? log).proof(old, size) : [];
          const answer = ask(state, old, proof, checkpoint(size, tree.rootAt(size)));
          if (answer.type !== 'cosign') continue;
          state = answer.state;
          promised.push({ size, root: tree.rootAt(size) });
        }
        // What was cosigned must all lie in one tree: that of some fork.
        expect(forks.some((tree) => promised.every(({ size, root }) => Buffer.compare(tree.rootAt(size), root) === 0))).toBe(true);
        expect(promised.map(({ size }) => size)).toEqual(promised.map(({ size }) => size).sort((a, b) => a - b));
      }),
      { numRuns: 60 },
    );
  });
});

describe('an add-checkpoint request', () => {
  const note = checkpoint(200);
  const read = (text: string) => parseAddCheckpoint(Buffer.from(text));
  const hash = toBase64(new Uint8Array(32));

  it('comes back as it went out', () => {
    const proof = log.proof(100, 200);
    expect(read(formatAddCheckpoint({ oldSize: 100, proof, checkpoint: note }))).toMatchObject({
      ok: true,
      value: { oldSize: 100, proof, checkpoint: { size: 200 } },
    });
    expect(read(`old 0\n\n${note}`)).toMatchObject({ ok: true, value: { oldSize: 0, proof: [] } });
    expect(read(`old 5\n${`${hash}\n`.repeat(63)}\n${note}`).ok).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['no old size', `\n${note}`],
    ['a leading zero', `old 01\n\n${note}`],
    ['a negative size', `old -1\n\n${note}`],
    ['a size beyond all numbers', `old 9007199254740993\n\n${note}`],
    ['two spaces', `old  1\n\n${note}`],
    ['carriage returns', `old 1\r\n\r\n${note}`],
    ['a short hash', `old 1\n${toBase64(new Uint8Array(31))}\n\n${note}`],
    ['64 hashes', `old 5\n${`${hash}\n`.repeat(64)}\n${note}`],
    ['no checkpoint', 'old 1\n\n'],
    ['a note that is no checkpoint', 'old 1\n\nhello\n\n— log.example/one AAAAAAA=\n'],
    ['an unsigned checkpoint', `old 1\n\n${note.slice(0, note.indexOf('\n\n') + 1)}`],
  ])('with %s is refused', (_, text) => {
    expect(read(text)).toMatchObject({ ok: false, code: 'malformed_request' });
  });

  it('of any bytes is read or refused, never more', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => !parseAddCheckpoint(bytes).ok));
    fc.assert(
      fc.property(fc.nat(400), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const body = Buffer.from(formatAddCheckpoint({ oldSize: 100, proof: log.proof(100, 200), checkpoint: note }));
        body[at % body.length] = (body[at % body.length] ?? 0) ^ flip;
        const request = parseAddCheckpoint(body);
        if (request.ok) expect(decide(witnessed(100), request.value, tools).type).not.toBe('cosign');
      }),
      { numRuns: 60 },
    );
  });
});
