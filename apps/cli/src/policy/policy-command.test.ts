import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CliError, EXIT } from '../cli-error.ts';
import type { Settings } from '../settings.ts';
import { policyCommand } from './policy-command.ts';

const OWN = path.resolve(import.meta.dirname, '../../../../policies');
const SETTINGS: Settings = {
  ...{ dataFolder: path.join(tmpdir(), 'no-such-folder'), databaseUrl: null, apiKey: null, witnesses: null },
  watermarkKey: { key: null, file: null },
};

let folder = '';
let out = '';

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'wheelhouse-policy-'));
  cpSync(OWN, folder, { recursive: true });
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
    return { exit: await policyCommand(args, SETTINGS), message: '' };
  } catch (error) {
    if (error instanceof CliError) return { exit: error.exit, message: error.message };
    throw error;
  }
}

describe('wheelhouse policy', () => {
  it('tests and lints the policies that Wheelhouse brings along, and finds nothing', async () => {
    expect((await run('test')).exit).toBe(EXIT.fine);
    expect(out).toMatch(/^(\d+) of \1 tests pass\. sha256:[0-9a-f]{64}\n$/);
    out = '';
    expect((await run('lint', folder)).exit).toBe(EXIT.fine);
    expect(out).toBe('0 errors, 0 warnings.\n');
  });

  it('ends with 1 where a test fails, and says what came instead', async () => {
    cpSync(path.join(folder, 'tests/HOLD/output-draft.json'), path.join(folder, 'tests/ALLOW/wrong.json'));
    expect((await run('test', folder)).exit).toBe(EXIT.fault);
    expect(out).toContain('FAIL wrong: allow expected, hold came, by output-draft');
    out = '';
    expect((await run('test', folder, '--json')).exit).toBe(EXIT.fault);
    expect(out).toMatch(/^\{\n {2}"bundle": "sha256:/);
  });

  it('names file and line of what does not load, and ends with 3; lint ends with 1', async () => {
    writeFileSync(path.join(folder, 'more.cedar'), '// more\npermit (principal, action, resource);\n');
    const message = `${path.join(folder, 'more.cedar')}: error: line 2: the permit has no @id("..."); give it one of letters, digits, ".", "_" and "-"`;
    expect(await run('test', folder)).toEqual({ exit: EXIT.failed, message });
    expect((await run('lint', folder)).exit).toBe(EXIT.fault);
    expect(out).toContain(message);
    mkdirSync(path.join(folder, 'sub'));
    cpSync(path.join(folder, 'input.cedar'), path.join(folder, 'sub/input.cedar'));
    expect((await run('lint', folder)).exit).toBe(EXIT.failed);
  });

  it('explains a request, or that of a test: 0 where it is allowed, 1 where not', async () => {
    expect((await run('explain', path.join(folder, 'tests/HOLD/level-3-refund.json'), folder)).exit).toBe(EXIT.fault);
    expect(out).toContain(
      "Held: a human has to decide at tool.call: At level 3 a human decides on what can't be taken back. (tool-irreversible)",
    );
    const file = path.join(folder, 'request.json');
    writeFileSync(file, JSON.stringify({ checkpoint: 'session.open' }));
    expect((await run('explain', file)).exit).toBe(EXIT.fine);
    writeFileSync(file, JSON.stringify({ checkpoint: 'nowhere' }));
    expect((await run('explain', file)).exit).toBe(EXIT.failed);
    writeFileSync(file, '{');
    expect((await run('explain', file)).exit).toBe(EXIT.failed);
  });

  it.each([[[]], [['change']], [['test', 'a', 'b']], [['explain']], [['replay', '--since', 'soon']]])(
    'does not understand %j, and ends with 2',
    async (args) => {
      expect((await run(...args)).exit).toBe(EXIT.usage);
    },
  );

  it('ends with 3 where there is no folder, and no server to replay on', async () => {
    expect((await run('lint', path.join(folder, 'nothing'))).exit).toBe(EXIT.failed);
    expect((await run('replay', folder)).exit).toBe(EXIT.failed);
  });
});
