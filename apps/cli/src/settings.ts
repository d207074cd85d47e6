import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { RunState } from '@wheelhouse/installation/data-folder';
import type { WatermarkKeySettings } from '@wheelhouse/installation/watermark-key';
import { failed } from './cli-error.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');

/** The environment and places that the commands work on. This file is the command line's one reader of the environment. */
export type Settings = {
  readonly dataFolder: string;
  readonly databaseUrl: string | null;
  readonly apiKey: string | null;
  /** The server's witnesses, VKEY@URL separated by commas. */
  readonly witnesses: string | null;
  /** Where the key of the mark on sound is, when it is not in the data folder. */
  readonly watermarkKey: WatermarkKeySettings;
};

export function readSettings(variables: NodeJS.ProcessEnv = process.env): Settings {
  const given = (name: string) => (variables[name] === undefined || variables[name] === '' ? null : variables[name]);
  return {
    dataFolder: path.resolve(ROOT, given('WHEELHOUSE_DATA') ?? '.wheelhouse'),
    databaseUrl: given('DATABASE_URL'),
    apiKey: given('WHEELHOUSE_KEY'),
    witnesses: given('WHEELHOUSE_WITNESSES'),
    watermarkKey: { key: given('WHEELHOUSE_WATERMARK_KEY'), file: given('WHEELHOUSE_WATERMARK_KEY_FILE') },
  };
}

/** What the server of a data folder says about itself, or null when none runs there. */
export function runningServer(dataFolder: string): RunState | null {
  const file = path.join(dataFolder, 'run.json');
  if (!existsSync(file)) return null;
  const state = RunState.safeParse(parseJson(readText(file)));
  return state.success && isAlive(state.data.pid) ? state.data : null;
}

export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw failed(`${file} can't be read`, error);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
