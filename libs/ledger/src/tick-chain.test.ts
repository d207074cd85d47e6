import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainStep, genesisHead, TICK_EVIDENCE_BYTES, tickDigest, verifySegment } from './tick-chain.ts';
import type { TickEvidence } from './tick-chain.ts';

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
const digest = (text: string) => sha256(Buffer.from(text));
const evidence: TickEvidence = {
  tick: 7,
  input: digest('in'),
  produced: digest('produced'),
  left: digest('left'),
  verdict: 'allow',
  gateWord: 3,
  outSequence: 41,
  flags: 0,
};
const someEvidence = fc.record({
  tick: fc.maxSafeNat(),
  input: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  produced: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  left: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  verdict: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 31 }),
  gateWord: fc.integer({ min: -(2 ** 31), max: 2 ** 32 - 1 }),
  outSequence: fc.maxSafeNat(),
  flags: fc.nat(0xffffffff),
});

describe('tick digest', () => {
  it('is over the documented bytes', () => {
    const bytes = Buffer.alloc(TICK_EVIDENCE_BYTES);
    bytes.write('wheelhouse.tick1', 0);
    bytes.writeBigUInt64BE(2n ** 53n - 1n, 16);
    bytes.writeBigUInt64BE(41n, 24);
    bytes.writeInt32BE(-2, 32);
    bytes.writeUInt32BE(9, 36);
    bytes[40] = 5;
    bytes.write('allow', 41);
    Buffer.concat([evidence.input, evidence.produced, evidence.left]).copy(bytes, 72);
    expect(tickDigest({ ...evidence, tick: Number.MAX_SAFE_INTEGER, gateWord: -2, flags: 9 }, sha256)).toEqual(sha256(bytes));
  });

  it('does not depend on what the scratch buffer held', () => {
    fc.assert(
      fc.property(someEvidence, fc.uint8Array({ minLength: TICK_EVIDENCE_BYTES, maxLength: TICK_EVIDENCE_BYTES }), (some, scratch) => {
        expect(tickDigest(some, sha256, scratch)).toEqual(tickDigest(some, sha256));
      }),
    );
  });

  it('changes with every field', () => {
    const changes: Partial<TickEvidence>[] = [
      { tick: 8 },
      { input: digest('x') },
      { produced: digest('x') },
      { left: digest('x') },
      { verdict: 'deny' },
      { gateWord: 4 },
      { outSequence: 42 },
      { flags: 1 },
      { produced: evidence.left, left: evidence.produced },
    ];
    const digests = [evidence, ...changes.map((change) => ({ ...evidence, ...change }))].map((each) =>
      Buffer.from(tickDigest(each, sha256)).toString('hex'),
    );
    expect(new Set(digests).size).toBe(digests.length);
  });

  it.each([
    ['a tick below 0', { tick: -1 }],
    ['a tick between two', { tick: 0.5 }],
    ['a short digest', { left: new Uint8Array(31) }],
    ['an empty verdict', { verdict: '' }],
    ['a long verdict', { verdict: 'x'.repeat(32) }],
    ['a verdict beyond ASCII', { verdict: 'erlaubt für' }],
    ['a gate word of 33 bits', { gateWord: 2 ** 32 }],
    ['flags that are no integer', { flags: Number.NaN }],
  ])('refuses %s', (_, change) => {
    expect(() => tickDigest({ ...evidence, ...change }, sha256)).toThrow(expect.objectContaining({ code: 'bad_tick_evidence' }));
  });

  it('refuses a scratch buffer of another size', () => {
    expect(() => tickDigest(evidence, sha256, new Uint8Array(10))).toThrow(/scratch/);
  });
});

describe('tick chain', () => {
  const ticks = Array.from({ length: 5 }, (_, tick) => tickDigest({ ...evidence, tick }, sha256));
  const previousHead = genesisHead('one', sha256);
  const head = ticks.reduce((at, each) => chainStep(at, each, sha256), previousHead);

  it('leads from head to head', () => {
    expect(verifySegment({ previousHead, ticks, head }, sha256)).toEqual({ ok: true });
  });

  it('begins elsewhere for another session', () => {
    expect(verifySegment({ previousHead: genesisHead('two', sha256), ticks, head }, sha256)).toMatchObject({ code: 'head_mismatch' });
  });

  it('is broken by any change of one bit', () => {
    fc.assert(
      fc.property(fc.nat(6), fc.nat(255), (which, bit) => {
        const flip = (bytes: Uint8Array, at: number) =>
          bytes.map((byte, i) => (which === at && i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        const changed = { previousHead: flip(previousHead, 5), ticks: ticks.map(flip), head: flip(head, 6) };
        expect(verifySegment(changed, sha256)).toMatchObject({ code: 'head_mismatch' });
      }),
    );
  });

  it('is broken by a tick less, more, or in another place', () => {
    const [first, second, ...rest] = ticks;
    if (first === undefined || second === undefined) throw new Error('no ticks');
    for (const changed of [ticks.slice(1), [...ticks, first], [second, first, ...rest]])
      expect(verifySegment({ previousHead, ticks: changed, head }, sha256)).toMatchObject({ code: 'head_mismatch' });
  });

  it('names an empty segment and short hashes', () => {
    expect(verifySegment({ previousHead, ticks: [], head: previousHead }, sha256)).toMatchObject({ code: 'empty_segment' });
    expect(verifySegment({ previousHead, ticks: [new Uint8Array(3)], head }, sha256)).toMatchObject({ code: 'bad_hash_length' });
    expect(() => chainStep(previousHead, new Uint8Array(3), sha256)).toThrow(/32 bytes/);
  });
});
