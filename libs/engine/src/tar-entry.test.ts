import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readTarEntry } from './tar-entry.ts';
import { makeTar } from './tar.fixture.ts';

const one = Uint8Array.of(1, 2, 3);
const two = new Uint8Array(700).fill(7);

test('finds a file behind others and gives its bytes exactly', () => {
  const tar = makeTar({ 'package/a': one, 'package/b': two });
  expect(readTarEntry(tar, 'package/b')).toEqual(two);
  expect(readTarEntry(tar, 'package/a')).toEqual(one);
});

test('a file that is not there is null', () => {
  expect(readTarEntry(makeTar({ 'package/a': one }), 'a')).toBeNull();
  expect(readTarEntry(new Uint8Array(0), 'a')).toBeNull();
});

test('a damaged header or a cut archive is null', () => {
  const tar = makeTar({ 'package/a': two });
  const damaged = tar.slice();
  damaged[130] = 0x37;
  expect(readTarEntry(damaged, 'package/a')).toBeNull();
  expect(readTarEntry(tar.subarray(0, 800), 'package/a')).toBeNull();
});

test('any bytes give a file or null, never an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2048 }), (bytes) => {
      expect(readTarEntry(bytes, 'package/a')).toBeNull();
    }),
  );
});
