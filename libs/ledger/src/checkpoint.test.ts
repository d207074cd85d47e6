import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBase64 } from './base64.ts';
import { formatCheckpoint, openCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.ts';
import { noteKey } from './note-key.ts';
import { formatNote, formatSignatureLine, signNote } from './signed-note.ts';

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
const pair = generateKeyPairSync('ed25519');
const publicKey = new Uint8Array(Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'));
const origin = 'wheelhouse.example/log';
const key = noteKey(origin, publicKey, sha256);
const signer = { ...key, sign: (message: Uint8Array) => new Uint8Array(sign(null, message, pair.privateKey)) };
const ed25519 = (_: Uint8Array, message: Uint8Array, signature: Uint8Array) => verify(null, message, pair.publicKey, signature);
const root = sha256(Buffer.from('root'));
const log = { origin, keys: [key] };

describe('checkpoint', () => {
  it('is signed and opened again', async () => {
    const encoded = await signCheckpoint({ origin, size: 12, root }, signer);
    expect(encoded.split('\n').slice(0, 4)).toEqual([origin, '12', toBase64(root), '']);
    const opened = await openCheckpoint(encoded, log, ed25519);
    expect(opened).toMatchObject({ ok: true, value: { checkpoint: { origin, size: 12, root, extensions: [] }, note: { unknown: [] } } });
    expect((await openCheckpoint(Buffer.from(encoded), log, ed25519)).ok).toBe(true);
  });

  it('is refused after a change of any byte', async () => {
    const encoded = Buffer.from(await signCheckpoint({ origin, size: 12, root }, signer));
    for (let i = 0; i < encoded.length; i += 1) {
      const changed = Buffer.from(encoded);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect((await openCheckpoint(changed, log, ed25519)).ok).toBe(false);
    }
  });

  it('is refused from another log', async () => {
    const encoded = await signCheckpoint({ origin: 'other.example/log', size: 12, root }, signer);
    expect(await openCheckpoint(encoded, log, ed25519)).toMatchObject({ code: 'wrong_origin' });
    expect(await openCheckpoint(encoded, { ...log, keys: [] }, ed25519)).toMatchObject({ code: 'no_known_signature' });
  });

  it('is refused when a good signature stands under something else', async () => {
    const encoded = formatNote(await signNote('no checkpoint\n', signer));
    expect(await openCheckpoint(encoded, log, ed25519)).toMatchObject({ code: 'bad_text' });
  });

  it('comes back as it went out', () => {
    const line = fc.string({ minLength: 1 }).filter((text) => !text.includes('\n'));
    const some = fc.record({
      origin: line,
      size: fc.maxSafeNat(),
      root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      extensions: fc.array(line, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(some, (checkpoint) => {
        expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual({ ok: true, value: checkpoint });
      }),
    );
  });

  const good = ['origin', '5', toBase64(root)];
  const withLine = (at: number, line: string) => `${good.map((each, i) => (i === at ? line : each)).join('\n')}\n`;
  it.each([
    ['bad_text', 'origin\n5\n'],
    ['bad_text', good.join('\n')],
    ['bad_origin', withLine(0, '')],
    ['bad_size', withLine(1, '05')],
    ['bad_size', withLine(1, '-1')],
    ['bad_size', withLine(1, '+5')],
    ['bad_size', withLine(1, '5 ')],
    ['bad_size', withLine(1, '0x5')],
    ['bad_size', withLine(1, '')],
    ['bad_size', withLine(1, '9007199254740992')],
    ['bad_root', withLine(2, toBase64(root.slice(1)))],
    ['bad_root', withLine(2, 'x')],
    ['bad_root', withLine(2, `${toBase64(root)}AAAA`)],
    ['bad_extension', `${withLine(9, '')}\n`],
  ])('%s: %j', (code, text) => {
    expect(parseCheckpoint(text)).toMatchObject({ ok: false, code });
  });

  it('is not written with what could not be read', () => {
    expect(() => formatCheckpoint({ origin: 'a\nb', size: 1, root, extensions: [] })).toThrow(/single lines/);
    expect(() => formatCheckpoint({ origin, size: 1, root, extensions: [''] })).toThrow(/single lines/);
    expect(() => formatCheckpoint({ origin, size: -1, root, extensions: [] })).toThrow(/leaves/);
    expect(() => formatCheckpoint({ origin, size: 1, root: new Uint8Array(2), extensions: [] })).toThrow(/32 bytes/);
    expect(() => formatNote({ text: 'no newline', signatures: [] })).toThrow(/newline/);
    expect(() => formatNote({ text: 'unsigned\n', signatures: [] })).toThrow(/signatures/);
    expect(() => formatSignatureLine({ name: 'a b', keyId: 1, signature: root })).toThrow(/key name/);
    expect(() => noteKey('a+b', publicKey, sha256)).toThrow(/plus/);
    expect(() => noteKey('a', root.slice(1), sha256)).toThrow(/32 bytes/);
  });
});
