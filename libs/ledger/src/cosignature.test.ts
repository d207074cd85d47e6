import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signCheckpoint } from './checkpoint.ts';
import { cosign, cosignedMessage, cosignerKey, formatCosignerKey, parseCosignerKey, readCosignatures } from './cosignature.ts';
import { formatEntryBundle, parseEntryBundle } from './entry-bundle.ts';
import { formatVerifierKey, noteKey, parseVerifierKey } from './note-key.ts';
import { formatNote, parseNote } from './signed-note.ts';
import type { NoteSignature } from './signed-note.ts';

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());

function pairOf(name: string) {
  const pair = generateKeyPairSync('ed25519');
  const publicKey = new Uint8Array(Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'));
  const signWith = (message: Uint8Array) => new Uint8Array(sign(null, message, pair.privateKey));
  return { name, publicKey, sign: signWith, key: cosignerKey(name, publicKey, sha256), public: pair.publicKey };
}
const ann = pairOf('witness.example/ann');
const bob = pairOf('witness.example/bob');
const known = new Map([ann, bob].map((each) => [Buffer.from(each.publicKey).toString('hex'), each.public]));
const ed25519 = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => {
  const key = known.get(Buffer.from(publicKey).toString('hex'));
  return key !== undefined && verify(null, message, key, signature);
};
const text = `log.example\n20852163\n${Buffer.alloc(32, 7).toString('base64')}\n`;
const noteOf = (...signatures: NoteSignature[]) => ({ text, signatures });

describe('a cosignature', () => {
  it('is over the message of the specification', () => {
    // C2SP tlog-cosignature, "Ed25519 signed message".
    const body = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
    expect(Buffer.from(cosignedMessage(body, 1679315147)).toString('utf8')).toBe(`cosignature/v1\ntime 1679315147\n${body}`);
  });

  it('is read from the example of the specification', async () => {
    // C2SP tlog-cosignature, first example. It comes without the witness's key, so what would be verified is held against the text instead.
    const body = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
    const line =
      '— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n';
    const note = parseNote(`${body}\n${line}`);
    if (!note.ok) throw new Error(note.message);
    const key = { ...ann.key, name: 'witness.example.com/w1', keyId: 0x8d66cf3f };
    const asked: string[] = [];
    const read = await readCosignatures(note.value, [key], (_, message, signature) => {
      asked.push(Buffer.from(message).toString('utf8'));
      return signature.length === 64;
    });
    expect(read).toMatchObject({ ok: true, value: [{ time: 1679315147 }] });
    expect(asked).toEqual([`cosignature/v1\ntime 1679315147\n${body}`]);
  });

  it('has the key id of the specification', () => {
    const typed = Buffer.concat([Buffer.from(`${ann.name}\n`), Buffer.of(4), ann.publicKey]);
    expect(ann.key.keyId).toBe(createHash('sha256').update(typed).digest().readUInt32BE(0));
    const vkey = formatCosignerKey(ann.key);
    expect(Buffer.from(vkey.split('+').slice(2).join('+'), 'base64')[0]).toBe(4);
    expect(parseCosignerKey(vkey, sha256)).toEqual({ ok: true, value: ann.key });
    // The same public key as a plain note key is another key.
    const plain = noteKey(ann.name, ann.publicKey, sha256);
    expect(plain.keyId).not.toBe(ann.key.keyId);
    expect(parseCosignerKey(formatVerifierKey(plain), sha256)).toMatchObject({ code: 'unknown_algorithm' });
    expect(parseVerifierKey(vkey, sha256)).toMatchObject({ code: 'unknown_algorithm' });
  });

  it('is read with its time, and others are ignored', async () => {
    const signer = { name: 'log.example', keyId: 1, sign: ann.sign };
    const encoded = await signCheckpoint({ origin: 'log.example', size: 3, root: new Uint8Array(32) }, signer);
    const own = parseNote(encoded);
    if (!own.ok) throw new Error(own.message);
    const line = cosign(own.value.text, 1_700_000_000, ann);
    const signed = parseNote(
      formatNote({ text: own.value.text, signatures: [...own.value.signatures, line, cosign(own.value.text, 5, bob)] }),
    );
    if (!signed.ok) throw new Error(signed.message);
    expect(await readCosignatures(signed.value, [ann.key], ed25519)).toMatchObject({
      ok: true,
      value: [{ time: 1_700_000_000, key: ann.key }],
    });
    expect(await readCosignatures(signed.value, [bob.key, ann.key], ed25519)).toMatchObject({
      value: [{ time: 5 }, { time: 1_700_000_000 }],
    });
    expect(await readCosignatures(own.value, [ann.key], ed25519)).toEqual({ ok: true, value: [] });
  });

  it('of several by one witness is the latest', async () => {
    const lines = [cosign(text, 7, ann), cosign(text, 9, ann), cosign(text, 8, ann)];
    expect(await readCosignatures(noteOf(...lines), [ann.key], ed25519)).toMatchObject({ value: [{ time: 9 }] });
  });

  it('is refused after any change of a byte, of its time and of the text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 40 }), fc.nat(71), fc.integer({ min: 1, max: 255 }), async (time, at, flip) => {
        const line = cosign(text, time, ann);
        expect(await readCosignatures(noteOf(line), [ann.key], ed25519)).toMatchObject({ ok: true, value: [{ time }] });
        const changed = line.signature.map((byte, i) => (i === at ? byte ^ flip : byte));
        expect((await readCosignatures(noteOf({ ...line, signature: changed }), [ann.key], ed25519)).ok).toBe(false);
        expect((await readCosignatures({ text: text.replace('2', '3'), signatures: [line] }, [ann.key], ed25519)).ok).toBe(false);
        const asBob = { ...line, name: bob.key.name, keyId: bob.key.keyId };
        expect(await readCosignatures(noteOf(asBob), [bob.key], ed25519)).toMatchObject({ code: 'invalid_cosignature' });
      }),
      { numRuns: 50 },
    );
  });

  it('of a wrong length or without a time is refused', async () => {
    const line = cosign(text, 1, ann);
    const read = (signature: Uint8Array) => readCosignatures(noteOf({ ...line, signature }), [ann.key], ed25519);
    expect(await read(line.signature.slice(1))).toMatchObject({ code: 'malformed_cosignature' });
    expect(await read(new Uint8Array(72))).toMatchObject({ code: 'bad_time' });
    expect(await read(new Uint8Array(72).fill(255))).toMatchObject({ code: 'bad_time' });
    expect(() => cosign(text, 0, ann)).toThrow(/seconds since 1970/);
    expect(() => cosign(text, 1.5, ann)).toThrow(/seconds since 1970/);
  });
});

describe('an entry bundle', () => {
  it('is read as it was written', () => {
    const some = fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 20 });
    fc.assert(
      fc.property(some, (entries) => {
        const bytes = formatEntryBundle(entries);
        expect(parseEntryBundle(bytes)).toEqual({ ok: true, value: entries });
        if (bytes.length > 0) expect(parseEntryBundle(bytes.slice(0, -1))).toMatchObject({ code: 'truncated_bundle' });
      }),
    );
    expect(formatEntryBundle([new Uint8Array(258).fill(9)]).slice(0, 3)).toEqual(Uint8Array.of(1, 2, 9));
    expect(formatEntryBundle([new Uint8Array(65_535)]).length).toBe(65_537);
    expect(() => formatEntryBundle([new Uint8Array(65_536)])).toThrow(/no bundle/);
  });
});
