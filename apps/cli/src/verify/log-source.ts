import { existsSync } from 'node:fs';
import path from 'node:path';
import { DataFolder } from '@wheelhouse/installation/data-folder';
import { EmbeddedPostgres } from '@wheelhouse/installation/embedded-postgres';
import { sha256 } from '@wheelhouse/installation/node-crypto';
import { parseCosignerKey } from '@wheelhouse/ledger/cosignature';
import type { CosignerKey } from '@wheelhouse/ledger/cosignature';
import { keyLabel, parseVerifierKey } from '@wheelhouse/ledger/note-key';
import type { NoteKey } from '@wheelhouse/ledger/note-key';
import pg from 'pg';
import { failed, usage } from '../cli-error.ts';
import { readText, runningServer, type Settings } from '../settings.ts';

/** An open database with a log in it. `close` leaves everything as it was. */
export type LogSource = { readonly client: pg.Client; readonly live: boolean; readonly from: string; readonly close: () => Promise<void> };

/** The key that the log's heads must be signed with, in C2SP's text form. It is all that a verifier has to trust. */
export function readVerifierKey(settings: Settings, keyFile: string | null): NoteKey {
  const file = keyFile ?? path.join(settings.dataFolder, 'ledger', 'verifier-key.txt');
  if (!existsSync(file)) {
    throw failed(
      `There is no key file ${file}. Give the log's verifier key with --key-file, or the installation's folder with WHEELHOUSE_DATA.`,
    );
  }
  const key = parseVerifierKey(readText(file).trim(), sha256);
  if (!key.ok) throw failed(`${file} holds no verifier key: ${key.message}`);
  return key.value;
}

/** The copy of the last signed head that lies beside the database. */
export function readCheckpointFile(settings: Settings): string | null {
  const file = path.join(settings.dataFolder, 'ledger', 'checkpoint');
  return existsSync(file) ? readText(file) : null;
}

/** The last checkpoint that the witnesses cosigned, as the server keeps it. */
export function readCosignedFile(settings: Settings): string | null {
  const file = path.join(settings.dataFolder, 'ledger', 'cosigned-checkpoint');
  return existsSync(file) ? readText(file) : null;
}

/** Keys of witnesses: those given (each VKEY or VKEY@URL, some separated by commas), else those of WHEELHOUSE_WITNESSES. */
export function readWitnessKeys(settings: Pick<Settings, 'witnesses'>, given: readonly string[]): CosignerKey[] {
  const texts = given.length > 0 ? given : [settings.witnesses ?? ''];
  const keys = new Map<string, CosignerKey>();
  for (const text of texts.flatMap((each) => each.split(',')).filter((each) => each.trim() !== '')) {
    const key = parseCosignerKey(text.trim().replace(/@https?:.*$/, ''), sha256);
    if (!key.ok) throw usage(`"${text}" is not the key of a witness: ${key.message}`);
    keys.set(keyLabel(key.value), key.value);
  }
  return [...keys.values()];
}

/** DATABASE_URL where it is set; the database of the running server; else the built-in PostgreSQL, started for this and stopped again. */
export async function openLog(settings: Settings): Promise<LogSource> {
  if (settings.databaseUrl !== null) return connected(settings.databaseUrl, { live: true, from: 'DATABASE_URL', stop: null });
  const server = runningServer(settings.dataFolder);
  if (server !== null) return connected(server.databaseUrl, { live: true, from: `the running server (process ${server.pid})`, stop: null });
  return startBuiltIn(settings.dataFolder);
}

async function startBuiltIn(folder: string): Promise<LogSource> {
  const data = path.join(folder, 'postgres');
  for (const needed of [path.join(data, 'PG_VERSION'), path.join(folder, 'secrets.json')]) {
    if (!existsSync(needed)) {
      throw failed(
        `No installation was found in ${folder} (${path.basename(needed)} is missing). Run npm start once, or set WHEELHOUSE_DATA or DATABASE_URL.`,
      );
    }
  }
  // The lock keeps a server from starting meanwhile.
  const held = take(folder);
  try {
    const postgres = new EmbeddedPostgres({ folder: data, port: 0, password: held.secrets().database, onLog: () => undefined });
    const stop = async () => {
      await postgres.stop();
      held.release();
    };
    await postgres.start().catch(async (error: unknown) => {
      await postgres.stop();
      throw failed('The built-in PostgreSQL could not be started', error);
    });
    return await connected(postgres.url, { live: false, from: 'the built-in PostgreSQL', stop });
  } catch (error) {
    held.release();
    throw error;
  }
}

function take(folder: string): DataFolder {
  try {
    return DataFolder.take(folder);
  } catch (error) {
    throw failed('The installation is in use, though no server answers there yet', error);
  }
}

async function connected(url: string, source: { live: boolean; from: string; stop: (() => Promise<void>) | null }): Promise<LogSource> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, application_name: 'wheelhouse verify' });
  // A connection that breaks rejects the query under way; without a listener it would also end the process.
  client.on('error', () => undefined);
  const close = async () => {
    await client.end().catch(() => undefined);
    await source.stop?.();
  };
  try {
    await client.connect();
  } catch (error) {
    await close();
    throw failed(`The database of ${source.from} does not answer`, error);
  }
  return { client, live: source.live, from: source.from, close };
}
