import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64, hashFromBase64, toBase64 } from './base64.ts';
import { canonicalBytes, canonicalJson } from './canonical.ts';
import { decodeEntry, entryLeafHash, MAX_ENTRY_BYTES } from './entry.ts';
import { isSafeJsonNumber, parseStrictJson } from './strict-json.ts';

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
const codeOf = (text: string) => {
  const parsed = parseStrictJson(text);
  return parsed.ok ? 'ok' : `${parsed.code}@${parsed.position}`;
};
const allNumbersSafe = (value: unknown): boolean => {
  if (typeof value === 'number') return isSafeJsonNumber(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(allNumbersSafe);
};
const safeJson = fc.jsonValue({ maxDepth: 5, stringUnit: 'binary' }).filter(allNumbersSafe);

describe('strict JSON', () => {
  it('agrees with JSON.parse on what both take', () => {
    fc.assert(
      fc.property(safeJson, fc.constantFrom('', ' ', '\n\t', '  '), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const expected: unknown = JSON.parse(text);
        expect(parseStrictJson(text)).toEqual({ ok: true, value: expected });
      }),
      { numRuns: 500 },
    );
  });

  it('takes nothing that JSON.parse refuses', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '"b"',
      '1',
      '-',
      '0',
      '.5',
      'e9',
      'true',
      'null',
      ' ',
      '\\',
      '\\u00e9',
      '\u0001',
      'tru',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 9 }), (pieces) => {
        const text = pieces.join('');
        const parsed = parseStrictJson(text);
        if (parsed.ok) expect(parsed.value).toEqual(JSON.parse(text));
      }),
      { numRuns: 3000 },
    );
  });

  it('keeps a key called __proto__', () => {
    const parsed = parseStrictJson('{"__proto__": {"a": 1}}');
    expect(parsed.ok && Object.keys(parsed.value ?? {})).toEqual(['__proto__']);
  });

  it.each([
    ['{"a": 1, "a": 2}', 'duplicate_key@9'],
    ['{"a": 1, "\\u0061": 2}', 'duplicate_key@9'],
    ['[{"__proto__": 1, "__proto__": 1}]', 'duplicate_key@18'],
    ['9007199254740993', 'unsafe_number@0'],
    ['9007199254740992', 'unsafe_number@0'],
    ['[-9007199254740992]', 'unsafe_number@1'],
    ['1e300', 'unsafe_number@0'],
    ['1e400', 'unsafe_number@0'],
    ['1e-400', 'unsafe_number@0'],
    ['0.30000000000000001', 'unsafe_number@0'],
    ['3.14159265358979323846', 'unsafe_number@0'],
    ['9007199254740991', 'ok'],
    ['-9007199254740991', 'ok'],
    ['1.50e2', 'ok'],
    ['0.000', 'ok'],
    ['-0', 'ok'],
    ['5e-324', 'ok'],
    ['"\\ud800"', 'lone_surrogate@0'],
    ['"\\ud83d\\ude00"', 'ok'],
    [`${'['.repeat(64)}${']'.repeat(64)}`, 'ok'],
    [`${'['.repeat(65)}${']'.repeat(65)}`, 'too_deep@64'],
    ['', 'syntax@0'],
    ['01', 'syntax@1'],
    ['1 2', 'syntax@2'],
    ['[1,]', 'syntax@3'],
    ['{"a":1,}', 'syntax@7'],
    ['{a:1}', 'syntax@1'],
    ['"a', 'syntax@2'],
    ['"\t"', 'syntax@1'],
    ['"\\x"', 'syntax@1'],
    ['\ufeff1', 'syntax@0'],
    ['NaN', 'syntax@0'],
    ['nul', 'syntax@0'],
  ])('%s: %s', (text, code) => {
    expect(codeOf(text)).toBe(code);
  });

  it('says at which position, in words', () => {
    expect(parseStrictJson('{"a":1,"a":2}')).toMatchObject({ message: 'The key "a" occurs twice. (position 7)' });
  });
});

describe('canonical JSON', () => {
  it('writes the example of RFC 8785 section 3.2.3 (less its 1E30, an integer that not every reader keeps)', () => {
    const value = {
      numbers: [333333333.3333333, 4.5, 0.002, 1e-27],
      string: '\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts keys by UTF-16 units, RFC 8785 section 3.2.3', () => {
    const keys = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
    const sorted = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33'];
    const text = canonicalJson(Object.fromEntries(keys.map((key) => [key, 0])));
    expect(text).toBe(`{${sorted.map((key) => `${JSON.stringify(key)}:0`).join(',')}}`);
  });

  it.each([
    ['undefined', { a: undefined }],
    ['a hole', { a: Array(2) }],
    ['NaN', { a: Number.NaN }],
    ['an integer beyond 2^53', { a: 2 ** 53 }],
    ['a bigint', { a: 1n }],
    ['a function', { a: () => 1 }],
    ['a date', { a: new Date(0) }],
    ['bytes', { a: new Uint8Array(2) }],
    ['a map', new Map()],
    ['toJSON', { toJSON: () => 'other' }],
    ['a lone surrogate', { a: '\ud800' }],
    ['a lone surrogate in a key', { '\udc00': 1 }],
    ['nothing', undefined],
  ])('refuses %s', (_, value) => {
    expect(() => canonicalBytes(value)).toThrow(expect.objectContaining({ code: 'entry_not_encodable' }));
  });

  it('refuses a cycle', () => {
    const loop: unknown[] = [];
    loop.push(loop);
    expect(() => canonicalJson(loop)).toThrow(/nesting/);
  });
});

describe('entries', () => {
  it('come back as they went in', () => {
    fc.assert(
      fc.property(safeJson, (value) => {
        const bytes = canonicalBytes(value);
        const decoded = decodeEntry(bytes);
        // Through JSON, which has no -0.
        const expected: unknown = JSON.parse(JSON.stringify(value));
        expect(decoded).toEqual({ ok: true, value: expected });
        expect(decoded.ok && canonicalBytes(decoded.value)).toEqual(bytes);
      }),
    );
  });

  it.each([
    ['{"b":1,"a":2}', 'not_canonical'],
    ['{"a": 1}', 'not_canonical'],
    ['{"a":1.0}', 'not_canonical'],
    ['{"a":-0}', 'not_canonical'],
    ['{"a":"\\u0041"}', 'not_canonical'],
    ['{"a":1,"a":1}', 'duplicate_key'],
    ['{"a":12345678901234567890}', 'unsafe_number'],
    ['{"a":1', 'syntax'],
    ['{"toJSON":1}', undefined],
  ])('%s: %s', (text, code) => {
    const decoded = decodeEntry(Buffer.from(text));
    expect(decoded.ok ? undefined : decoded.code).toBe(code);
  });

  it('refuses bytes that are not UTF-8, and a byte order mark', () => {
    expect(decodeEntry(Uint8Array.of(0x22, 0xff, 0x22))).toMatchObject({ code: 'not_utf8' });
    expect(decodeEntry(Uint8Array.of(0xef, 0xbb, 0xbf, 0x31))).toMatchObject({ code: 'syntax' });
  });

  it('have a bound', () => {
    const fits = 'x'.repeat(MAX_ENTRY_BYTES - 2);
    expect(decodeEntry(canonicalBytes(fits))).toEqual({ ok: true, value: fits });
    expect(decodeEntry(canonicalBytes(`${fits}x`))).toMatchObject({ code: 'too_large' });
  });

  it('hash as RFC 6962 leaves', () => {
    expect(entryLeafHash(canonicalBytes({ a: 1 }), sha256)).toEqual(sha256(Buffer.from('\0{"a":1}')));
  });
});

describe('base64', () => {
  it('is what Node writes, and comes back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(fromBase64(toBase64(bytes))).toEqual(bytes);
      }),
    );
  });

  it('has one spelling for each byte string', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('A', 'B', 'Q', 'g', 'w', '/', '+', '='), maxLength: 8 }), (text) => {
        const bytes = fromBase64(text);
        if (bytes !== null) expect(toBase64(bytes)).toBe(text);
      }),
      { numRuns: 1000 },
    );
    expect(['A', 'AA', 'AAA', 'AB==', 'AAB=', 'AA=A', '====', '=AAA', 'AA A', 'A-__', 'AAAA\n', 'AAé=', 'A==='].map(fromBase64)).toEqual(
      Array(13).fill(null),
    );
    expect([hashFromBase64('AAAA'), hashFromBase64(toBase64(new Uint8Array(33)))]).toEqual([null, null]);
  });
});
