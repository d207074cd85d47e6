import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ExportFile, type Handle } from './export-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'wheelhouse-export-file-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const bytes = (text: string) => new TextEncoder().encode(text);

describe('the file of an export', () => {
  it('has another name until it is whole, then its digest', async () => {
    const name = path.join(folder, 'exports', 'a.csv');
    const file = await ExportFile.create(name);
    await file.write(bytes('one,'));
    await file.write(bytes('two'));
    expect(readdirSync(path.dirname(name))).toEqual(['a.csv.part']);
    expect(await file.finish()).toEqual({ digest: createHash('sha256').update('one,two').digest('base64'), bytes: 7 });
    expect(readdirSync(path.dirname(name))).toEqual(['a.csv']);
    expect(readFileSync(name, 'utf8')).toBe('one,two');
    expect(statSync(name).mode & 0o777).toBe(0o600);
  });

  it('begins anew over what a crash has left', async () => {
    const name = path.join(folder, 'a.csv');
    writeFileSync(`${name}.part`, 'half a file from before');
    const file = await ExportFile.create(name);
    await file.write(bytes('x'));
    await file.finish();
    expect(readFileSync(name, 'utf8')).toBe('x');
  });

  it('leaves nothing when it is given up', async () => {
    const file = await ExportFile.create(path.join(folder, 'a.csv'));
    await file.write(bytes('x'));
    await file.discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['ENOSPC', 'EDQUOT', 'EFBIG'])('says that the disk is full on %s, in writing and in flushing', async (code) => {
    const full = () => Promise.reject(Object.assign(new Error(code), { code }));
    const fine = () => Promise.resolve();
    const writing: Handle = { writeFile: full, sync: fine, close: fine };
    const flushing: Handle = { writeFile: fine, sync: full, close: fine };
    await expect(new ExportFile(writing, 'none').write(bytes('x'))).rejects.toMatchObject({ problem: 'disk_full' });
    await expect(new ExportFile(flushing, 'none').finish()).rejects.toMatchObject({ problem: 'disk_full' });
  });

  it('passes any other failure on as it is', async () => {
    const lost: Handle = {
      writeFile: () => Promise.reject(new Error('lost')),
      sync: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
    await expect(new ExportFile(lost, 'none').write(bytes('x'))).rejects.toThrow('lost');
  });
});
