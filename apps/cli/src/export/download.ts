import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { MadeExport } from '@wheelhouse/protocol/export';
import { CliError, failed } from '../cli-error.ts';

export type Download = {
  /** Gives an address that is good for a while; asked again when one has ended. */
  readonly link: () => Promise<string>;
  readonly made: MadeExport;
  readonly file: string;
  readonly progress: { readonly show: (what: string, part: number) => void };
};

/** Tries in a row that bring nothing new. */
const MOST_TRIES = 8;
const FIRST_PAUSE_MS = 250;

/**
 * Fetches the file into `FILE.part`, going on where a broken connection (or an earlier run) left off, and gives it its name once its digest is the
 * one that the ledger records.
 */
export async function download({ link, made, file, progress }: Download): Promise<number> {
  const part = `${file}.part`;
  let url = await link();
  let tries = 0;
  for (let have = await sizeOf(part, made.bytes); have < made.bytes;) {
    const before = have;
    try {
      const response = await fetch(url, { headers: { range: `bytes=${have}-`, 'if-range': `"${made.digest}"` } });
      if (response.status === 401) url = await link();
      else have = await take(response, { part, have, of: made.bytes, progress });
    } catch (error) {
      if (error instanceof CliError) throw error;
      if (tries + 1 >= MOST_TRIES)
        throw failed(`The download broke off at ${have} of ${made.bytes} bytes. The same command goes on with it`, error);
      have = await sizeOf(part, made.bytes);
    }
    tries = have > before ? 0 : tries + 1;
    if (tries >= MOST_TRIES) throw failed(`The server sends nothing more after ${have} of ${made.bytes} bytes.`);
    if (tries > 0) await wait(FIRST_PAUSE_MS * 2 ** Math.min(tries, 5));
  }
  const digest = await digestOf(part);
  if (digest !== made.digest) {
    await rm(part, { force: true });
    throw failed(`What arrived has the digest ${digest}, but the ledger records ${made.digest}. It was deleted; ask again.`);
  }
  await rename(part, file);
  return made.bytes;
}

type Taking = Pick<Download, 'progress'> & { readonly part: string; readonly have: number; readonly of: number };

/** Writes what comes behind what is there already; answers how much is there then. */
async function take(response: Response, { part, have, of, progress }: Taking): Promise<number> {
  if (response.status !== 206 && response.status !== 200)
    throw failed(`The server answers ${response.status}: ${(await response.text()).slice(0, 300)}`);
  const body: ReadableStream<Uint8Array> | null = response.body;
  if (body === null) return have;
  // Another file than the one whose part is here comes whole.
  let at = response.status === 206 ? have : 0;
  const handle = await open(part, at === 0 ? 'w' : 'r+', 0o600);
  try {
    for await (const chunk of body) {
      await handle.write(chunk, 0, chunk.length, at);
      at += chunk.length;
      progress.show('downloading', Math.min(1, at / of));
    }
  } finally {
    await handle.close();
  }
  return at;
}

/** How much is there of a file that was begun before; a part that is longer than the whole is of another one. */
async function sizeOf(part: string, most: number): Promise<number> {
  try {
    const { size } = await stat(part);
    if (size <= most) return size;
    await rm(part);
    return 0;
  } catch {
    return 0;
  }
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  const bytes = createReadStream(file);
  bytes.on('data', (chunk) => hash.update(chunk));
  await finished(bytes);
  return hash.digest('base64');
}
