import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import consistencyVectors from '../test-vectors/consistency.json' with { type: 'json' };
import inclusionVectors from '../test-vectors/inclusion.json' with { type: 'json' };
import notes from '../test-vectors/notes.json' with { type: 'json' };
import tree from '../test-vectors/reference-tree.json' with { type: 'json' };
import { fromBase64, toBase64 } from './base64.ts';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { append, emptyRange, rootOf } from './compact-range.ts';
import type { NoteKey } from './note-key.ts';
import { formatVerifierKey, keyLabel, parseVerifierKey } from './note-key.ts';
import { formatNote, parseNote, signNote, verifyNote, verifyNoteSync } from './signed-note.ts';
import { leafHash, rootOfLeaves } from './tree-hash.ts';
import { verifyConsistency, verifyInclusion } from './verify-proof.ts';

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytesOf = (encoded: string | null) => fromBase64(encoded ?? '') ?? new Uint8Array(0);

describe('transparency-dev/merkle proofs', () => {
  it('has them all', () => {
    expect([inclusionVectors.length, consistencyVectors.length]).toEqual([98, 98]);
  });

  it.each(inclusionVectors)('$name', (vector) => {
    const proof = (vector.proof ?? []).map(bytesOf);
    const claim = { index: vector.leafIdx, leafHash: bytesOf(vector.leafHash), proof };
    expect(verifyInclusion(claim, { size: vector.treeSize, root: bytesOf(vector.root) }, sha256).ok).toBe(!vector.wantErr);
  });

  it.each(consistencyVectors)('$name', (vector) => {
    const claim = {
      first: { size: vector.size1, root: bytesOf(vector.root1) },
      second: { size: vector.size2, root: bytesOf(vector.root2) },
      proof: (vector.proof ?? []).map(bytesOf),
    };
    expect(verifyConsistency(claim, sha256).ok).toBe(!vector.wantErr);
  });
});

describe('the RFC 6962 reference tree', () => {
  const leaves = tree.leafInputsHex.map((input) => leafHash(new Uint8Array(Buffer.from(input, 'hex')), sha256));

  it('has the known roots at every size', () => {
    let range = emptyRange();
    const roots = [hex(rootOf(range, sha256))];
    for (const leaf of leaves) roots.push(hex(rootOf((range = append(range, leaf, sha256)), sha256)));
    expect(roots).toEqual(tree.rootHashesHex);
    expect(roots.map((_, size) => hex(rootOfLeaves(leaves.slice(0, size), sha256)))).toEqual(tree.rootHashesHex);
  });

  it('has the known inner nodes', () => {
    const nodes: string[][] = [];
    let range = emptyRange();
    for (const leaf of leaves) range = append(range, leaf, sha256, ({ level, index }, hash) => ((nodes[level] ??= [])[index] = hex(hash)));
    expect(nodes).toEqual(tree.nodeHashesHex);
  });
});

describe('golang.org/x/mod sumdb/note', () => {
  const ed25519 = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => {
    const x = Buffer.from(publicKey).toString('base64url');
    return verify(null, message, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature);
  };
  const keyOf = (text: string): NoteKey => {
    const key = parseVerifierKey(text, sha256);
    if (!key.ok) throw new Error(key.message);
    return key.value;
  };
  const open = (encoded: string | Uint8Array, ...keys: NoteKey[]) => {
    const note = parseNote(encoded);
    return note.ok ? verifyNoteSync(note.value, keys, ed25519) : note;
  };
  const peter = keyOf(notes.peterKey);
  const enoch = keyOf(notes.enochKey);
  const { text, peterLine, enochLine } = notes;

  it('reads and writes the verifier keys', () => {
    expect([keyLabel(peter), keyLabel(enoch)]).toEqual(['PeterNeumann+c74f20a3', 'EnochRoot+af0cfe78']);
    expect([peter, enoch].map(formatVerifierKey)).toEqual([notes.peterKey, notes.enochKey]);
  });

  it('refuses every piece and every changed byte of a verifier key', () => {
    const whole = notes.peterKey;
    for (let i = 0; i <= whole.length; i += 1)
      for (let j = i + 1; j <= whole.length; j += 1)
        if (j - i < whole.length) expect(parseVerifierKey(whole.slice(i, j), sha256).ok).toBe(false);
    for (let i = 0; i < whole.length; i += 1) {
      const changed = whole.slice(0, i) + String.fromCharCode(whole.charCodeAt(i) + 1) + whole.slice(i + 1);
      expect(parseVerifierKey(changed, sha256).ok).toBe(false);
    }
  });

  it.each(Object.entries(notes.badKeys))('refuses a key: %s', (_, key) => {
    expect(parseVerifierKey(key, sha256).ok).toBe(false);
  });

  it('signs as the example does, byte for byte', async () => {
    const seed = bytesOf(notes.peterSigningKey.split('+').slice(4).join('+')).slice(1);
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    const note = await signNote(text, { ...peter, sign: (message) => new Uint8Array(sign(null, message, key)) });
    expect(formatNote(note)).toBe(`${text}\n${peterLine}`);
  });

  it('verifies known signatures and keeps unknown ones apart', () => {
    const both = `${text}\n${peterLine}${enochLine}`;
    expect(open(both, peter)).toMatchObject({
      ok: true,
      value: { text, verified: [{ name: 'PeterNeumann' }], unknown: [{ name: 'EnochRoot' }] },
    });
    expect(open(both, peter, enoch)).toMatchObject({
      ok: true,
      value: { verified: [{ keyId: 0xc74f20a3 }, { keyId: 0xaf0cfe78 }], unknown: [] },
    });
    expect(open(both)).toMatchObject({ ok: false, code: 'no_known_signature' });
    const parsed = parseNote(both);
    expect(parsed.ok && formatNote(parsed.value)).toBe(both);
  });

  it('verifies asynchronously too', async () => {
    const parsed = parseNote(`${text}\n${peterLine}`);
    if (!parsed.ok) throw new Error(parsed.message);
    const slow = (...args: Parameters<typeof ed25519>) => Promise.resolve(ed25519(...args));
    expect((await verifyNote(parsed.value, [peter], slow)).ok).toBe(true);
    expect(await verifyNote({ ...parsed.value, text: `${text}x\n` }, [peter], slow)).toMatchObject({ code: 'invalid_signature' });
  });

  it('stumbles over an ambiguous key only where it is used', () => {
    expect(open(`${text}\n${enochLine}`, enoch, peter, enoch)).toMatchObject({ ok: false, code: 'ambiguous_key' });
    expect(open(`${text}\n${peterLine}`, enoch, peter, enoch).ok).toBe(true);
  });

  it('limits signatures and refuses a note with one bad signature by a known key', () => {
    expect(open(`${text}\n${peterLine.repeat(100)}`, peter).ok).toBe(true);
    expect(open(`${text}\n${peterLine.repeat(101)}`, peter)).toMatchObject({ code: 'too_many_signatures' });
    expect(open(`${text}\n${peterLine.slice(0, 60)}ABCD${peterLine.slice(60)}`, peter)).toMatchObject({ code: 'invalid_signature' });
    expect(open(`${text.replace('crypt', 'Crypt')}\n${peterLine}`, peter)).toMatchObject({ code: 'invalid_signature' });
  });

  it.each([
    ['no signatures', text],
    ['an empty block', `${text}\n`],
    ['no last newline', `${text}\n${peterLine.slice(0, -1)}`],
    ['a control character', `\x01${text}\n${peterLine}`],
    ['a space in the name', `${text}\n${peterLine.replace('PeterNeumann', 'Bad Name')}`],
    ['an unexpected line', `${text}\n${peterLine}Unexpected line.\n`],
    ['a hyphen for the dash', `${text}\n${peterLine.replace('—', '-')}`],
    ['a signature of nothing', `${text}\n— PeterNeumann x08gow==\n`],
    ['a lone surrogate', `\ud800${text}\n${peterLine}`],
  ])('refuses a note with %s', (_, encoded) => {
    expect(parseNote(encoded).ok).toBe(false);
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(parseNote(Buffer.concat([Uint8Array.of(0xff), Buffer.from(`${text}\n${peterLine}`)]))).toMatchObject({ code: 'not_utf8' });
  });

  it('verifies the C2SP example', () => {
    expect(open(notes.c2spExample.note, keyOf(notes.c2spExample.key)).ok).toBe(true);
  });

  it('reads checkpoints of others, and writes them the same', () => {
    for (const body of [notes.sumdbTreeText, notes.c2spCheckpoint.slice(0, notes.c2spCheckpoint.indexOf('\n\n') + 1)]) {
      const parsed = parseCheckpoint(body);
      if (!parsed.ok) throw new Error(parsed.message);
      expect(formatCheckpoint(parsed.value)).toBe(body);
    }
    const golden = parseCheckpoint(notes.sumdbTreeText);
    expect(golden.ok && [golden.value.size, toBase64(golden.value.root)]).toEqual([
      123456789012,
      toBase64(leafHash(Buffer.from('hello world'), sha256)),
    ]);
  });
});
