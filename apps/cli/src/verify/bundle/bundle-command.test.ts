import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { bundleOf, logKey, story, testLog } from '@wheelhouse/ledger/bundle-fixture';
import { formatCosignerKey } from '@wheelhouse/ledger/cosignature';
import { formatVerifierKey } from '@wheelhouse/ledger/note-key';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { progressBar } from './progress-bar.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'wheelhouse-bundle-'));
const file = (name: string) => path.join(folder, name);
const main = path.resolve(import.meta.dirname, '../../main.ts');
let key = '';
let witness = '';

beforeAll(async () => {
  const log = await testLog();
  key = formatVerifierKey(log.log.key);
  witness = log.witnesses.map((each) => formatCosignerKey(each.key)).join(',');
  const { blob } = await bundleOf(log);
  const bytes = Buffer.from(await blob.arrayBuffer());
  writeFileSync(file('whole.zip'), bytes);
  writeFileSync(file('cut.zip'), bytes.subarray(0, bytes.length - 100));
  const partial = await bundleOf(log, { which: (index) => index % 2 === 0, profile: 'public' });
  writeFileSync(file('partial.zip'), Buffer.from(await partial.blob.arrayBuffer()));
  const eve = await bundleOf(await testLog(story(), { log: logKey() }));
  writeFileSync(file('forged.zip'), Buffer.from(await eve.blob.arrayBuffer()));
  writeFileSync(file('key.txt'), `${key}\n`);
  mkdirSync(file('installation/ledger'), { recursive: true });
  writeFileSync(file('installation/ledger/verifier-key.txt'), `${key}\n`);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the command as a script would, with nothing of an installation but what is said. */
async function run(args: readonly string[], data = 'nowhere') {
  const env = { ...process.env, WHEELHOUSE_DATA: file(data), WHEELHOUSE_WITNESSES: '', DATABASE_URL: '' };
  const started = promisify(execFile)(process.execPath, [main, 'verify', ...args], { env });
  const done = await started.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: unknown) => {
      if (error instanceof Error && 'code' in error && 'stdout' in error && 'stderr' in error)
        return { code: Number(error.code), stdout: String(error.stdout), stderr: String(error.stderr) };
      throw error;
    },
  );
  return done;
}

describe('wheelhouse verify FILE', () => {
  it('proves a bundle with a key that was given, or that the installation has', async () => {
    for (const [args, data] of [
      [['--key', key, '--witness', witness], 'nowhere'],
      [['--key-file', file('key.txt')], 'nowhere'],
      [[], 'installation'],
    ] as const) {
      const { code, stdout, stderr } = await run([file('whole.zip'), ...args], data);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^Verified: 21 entries of the 21 in the log, under a signed head; nothing was changed\.\n/);
      expect(stdout).toMatch(/witness\.test\/ann\+\w{8} vouches for the first 21 as of 2026-01-01T00:00:21\.000Z/);
    }
  });

  it('says what it could not check', async () => {
    const { code, stdout } = await run([file('partial.zip'), '--key', key]);
    expect(code).toBe(0);
    expect(stdout).toContain("10 of the log's 21 entries are not in the bundle");
    expect(stdout).toContain('fields are withheld');
  });

  it('does not call proven what no trusted key vouches for', async () => {
    const { code, stdout } = await run([file('whole.zip')]);
    expect(code).toBe(4);
    expect(stdout).toMatch(/^Consistent, but not proven/);
  });

  it('ends with 1 for a fault, 2 for a wrong command, 3 where it cannot be carried out', async () => {
    const cut = await run([file('cut.zip'), '--key', key, '--json']);
    expect([cut.code, cut.stderr]).toEqual([1, 'VERIFICATION FAILED\n']);
    expect(JSON.parse(cut.stdout)).toMatchObject({ ok: false, findings: [{ code: 'zip_unreadable' }] });
    const forged = await run([file('forged.zip'), '--key', key]);
    expect(forged.code).toBe(1);
    expect(forged.stdout).toContain('signed by another key');
    expect((await run([file('whole.zip'), '--key', 'nonsense'])).code).toBe(2);
    expect((await run([file('whole.zip'), '--session', '0b7c0c0e-58a2-4d31-8f30-62a4b9a0a001'])).code).toBe(2);
    expect((await run([file('whole.zip'), file('cut.zip')])).code).toBe(2);
    expect((await run(['--key', key])).code).toBe(2);
    expect((await run([file('missing.zip')])).code).toBe(3);
    expect(readFileSync(main, 'utf8')).toContain('\n4 a bundle agrees with itself');
  });
});

it('draws how far it is on a terminal, and nothing elsewhere', () => {
  const drawn: string[] = [];
  const bar = progressBar({ isTTY: true, write: (text) => drawn.push(text) });
  bar.show(1, 200);
  bar.show(1, 200);
  bar.show(100, 200);
  bar.clear();
  expect(drawn).toEqual([
    `\r[${'.'.repeat(30)}] 0 % of 200 entries`,
    `\r[${'#'.repeat(15)}${'.'.repeat(15)}] 50 % of 200 entries`,
    '\r\x1b[K',
  ]);
  const silent = progressBar({ write: (text) => drawn.push(text) });
  silent.show(1, 2);
  silent.clear();
  expect(drawn).toHaveLength(3);
});
