import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { CliError, EXIT } from '../cli-error.ts';
import { charterCommand } from './charter-command.ts';

let folder = '';
let out = '';

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'wheelhouse-charter-'));
  out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

async function run(...args: readonly string[]): Promise<{ exit: number; message: string }> {
  try {
    return { exit: await charterCommand(args), message: '' };
  } catch (error) {
    if (error instanceof CliError) return { exit: error.exit, message: error.message };
    throw error;
  }
}

const DEFAULT = path.resolve(import.meta.dirname, '../../../../policies/charter.yaml');

describe('wheelhouse charter check', () => {
  it('shows the table of a charter that holds law 5, and ends with 0', async () => {
    expect(await run('check', DEFAULT, '--at', '2026-03-01')).toEqual({ exit: EXIT.fine, message: '' });
    expect(out).toContain('Law 5 holds');
    expect(out).toMatch(
      /latch\.release +a proposer and 2 of 5 votes from 2 bodies \(operations, safety\) +2 by break glass, 3 by vote +Ann \+ Bob|Dan \+ Eve/,
    );
  });

  it('tells a breach as a chain of acts, and ends with 1', async () => {
    const file = path.join(folder, 'charter.yaml');
    const text = readFileSync(DEFAULT, 'utf8');
    const amend = text.indexOf('charter.amend:');
    writeFileSync(file, text.slice(0, amend) + text.slice(amend).replace('votes: 3, of: 5, bodies: 2', 'votes: 1, of: 5, bodies: 1'));
    expect((await run('check', file)).exit).toBe(EXIT.fault);
    expect(out).toContain('LAW 5 IS BROKEN');
    expect(out).toContain('below_quorum: 2 people can exercise record.erase, whose quorum takes 3.');
    expect(out).toContain('3. With charter.amend they give themselves record.erase, whatever its quorum was.');
    out = '';
    expect((await run('check', file, '--json')).exit).toBe(EXIT.fault);
    const report = z.object({ breaches: z.array(z.object({ kind: z.string(), power: z.string() })) }).parse(JSON.parse(out));
    expect(report.breaches).toContainEqual({ kind: 'below_quorum', power: 'record.erase' });
  });

  it('names the line of a fault, and ends with 3', async () => {
    const file = path.join(folder, 'charter.yaml');
    writeFileSync(file, readFileSync(DEFAULT, 'utf8').replace('holder: ann', 'holder: zoe'));
    expect(await run('check', file)).toEqual({
      exit: EXIT.failed,
      message: `${file}:23: seats > operations-1 > holder: "zoe" is not among the people`,
    });
    expect((await run('check', path.join(folder, 'missing.yaml'))).exit).toBe(EXIT.failed);
  });

  it.each([[[]], [['check']], [['check', 'a', 'b']], [['amend']], [['check', DEFAULT, '--at', 'soon']]])(
    'does not understand %j, and ends with 2',
    async (args) => {
      expect((await run(...args)).exit).toBe(EXIT.usage);
    },
  );
});

describe('wheelhouse charter init', () => {
  it('writes a charter that passes the check, and never overwrites one unless told to', async () => {
    const file = path.join(folder, 'new.yaml');
    expect((await run('init', '--people', 'Ann Lee, Bob, Çem', '--out', file)).exit).toBe(EXIT.fine);
    expect(readFileSync(file, 'utf8')).toContain('  ann-lee: { name: Ann Lee }\n  bob: { name: Bob }\n  cem: { name: "Çem" }');
    expect(await run('init', '--people', 'Ann,Bob,Dan', '--out', file)).toMatchObject({ exit: EXIT.failed });
    expect((await run('init', '--people', 'Ann,Bob,Dan', '--out', file, '--force')).exit).toBe(EXIT.fine);
    expect((await run('check', file)).exit).toBe(EXIT.fine);
  });

  it.each(['Ann,Bob', 'Ann,Bob,ann', 'Ann,Bob,!!'])('refuses the people %j', async (people) => {
    expect((await run('init', '--people', people, '--out', path.join(folder, 'x.yaml'))).exit).toBe(EXIT.usage);
  });
});
