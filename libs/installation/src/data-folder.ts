import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { mkdir, open, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
}

const Secrets = z.object({ database: z.string().min(16), auth: z.string().min(32) });
export type Secrets = z.infer<typeof Secrets>;

/** What a running server tells the command line tools: where it listens and which database it uses. Readable by the owner only. */
export const RunState = z.object({ pid: z.number().int(), url: z.url(), streamUrl: z.string(), databaseUrl: z.string(), node: z.string() });
export type RunState = z.infer<typeof RunState>;

/** The folder of one installation (`.wheelhouse`): database, keys, model files, write-ahead file. One server at a time holds it. */
export class DataFolder {
  readonly path: string;
  readonly #lock: string;

  private constructor(folder: string) {
    this.path = folder;
    this.#lock = path.join(folder, 'server.lock');
  }

  /** Takes the folder; throws `DataFolderError` when another server, still alive, holds it. */
  static take(folder: string): DataFolder {
    try {
      // 0711: PostgreSQL may run as another user and has to reach its own folder below this one.
      mkdirSync(folder, { recursive: true, mode: 0o711 });
    } catch (error) {
      throw new DataFolderError(`The data folder ${folder} can't be made: ${String(error)}. Set WHEELHOUSE_DATA to a folder that can.`, {
        cause: error,
      });
    }
    const held = new DataFolder(folder);
    held.#takeLock();
    return held;
  }

  #takeLock(): void {
    for (let attempt = 0; attempt < 2; attempt += 1) {
      try {
        const file = openSync(this.#lock, 'wx', 0o600);
        writeSync(file, String(process.pid));
        closeSync(file);
        return;
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
        const holder = Number(readFileSync(this.#lock, 'utf8'));
        if (isAlive(holder)) {
          throw new DataFolderError(
            `Another Wheelhouse (process ${holder}) uses ${this.path}. Stop it, or set WHEELHOUSE_DATA to another folder.`,
          );
        }
        rmSync(this.#lock, { force: true });
      }
    }
    throw new DataFolderError(`The lock ${this.#lock} could not be taken. Another Wheelhouse is starting at the same moment.`);
  }

  release(): void {
    rmSync(path.join(this.path, 'run.json'), { force: true });
    rmSync(this.#lock, { force: true });
  }

  /** Passwords of this installation, made at first start and readable by the owner only. */
  secrets(): Secrets {
    const file = path.join(this.path, 'secrets.json');
    if (existsSync(file)) return Secrets.parse(JSON.parse(readFileSync(file, 'utf8')));
    const secrets: Secrets = { database: randomBytes(24).toString('base64url'), auth: randomBytes(48).toString('base64url') };
    this.write('secrets.json', JSON.stringify(secrets));
    return secrets;
  }

  writeRunState(state: RunState): void {
    this.write('run.json', JSON.stringify(state));
  }

  /** Writes a small file whole or not at all, readable by the owner only. */
  write(name: string, text: string): void {
    const file = path.join(this.path, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, text, { mode: 0o600, flush: true });
    renameSync(`${file}.new`, file);
  }

  /** As `write`, without holding the thread up while the disk works: for what is written again and again while orders may come. */
  async save(name: string, text: string): Promise<void> {
    const file = path.join(this.path, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(`${file}.new`, text, { mode: 0o600, flush: true });
    await rename(`${file}.new`, file);
  }

  /** As `save`, and still there after a power cut: when it resolves, the file's name is on the disk too. */
  async keep(name: string, text: string): Promise<void> {
    await this.save(name, text);
    await flushFolder(path.dirname(path.join(this.path, name)));
  }

  /** Puts the file `from` in the place of the file `to`, whose text is gone then. After a power cut one of the two is there, never neither. */
  async replace(to: string, from: string): Promise<void> {
    await rename(path.join(this.path, from), path.join(this.path, to));
    await flushFolder(path.dirname(path.join(this.path, to)));
  }

  remove(name: string): void {
    rmSync(path.join(this.path, name), { force: true });
  }

  read(name: string): string | null {
    const file = path.join(this.path, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : null;
  }
}

/** A file's own flush keeps its text; the name that it got outlives a power cut only once its folder is flushed too. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
