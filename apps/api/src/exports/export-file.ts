import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { ExportError } from './export-error.ts';

/** The part of Node's file handles that is written through. */
export type Handle = {
  writeFile(data: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
};

/** A file on its way: under another name until it is whole. */
export class ExportFile {
  readonly #handle: Handle;
  readonly #part: string;
  readonly #file: string;
  readonly #digest = createHash('sha256');
  #bytes = 0;

  constructor(handle: Handle, file: string) {
    this.#handle = handle;
    this.#file = file;
    this.#part = `${file}.part`;
  }

  /** Begins a file that only the server's user can read; what an earlier try has left is written over. */
  static async create(file: string): Promise<ExportFile> {
    return noRoom(async () => {
      await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
      await rm(`${file}.part`, { force: true });
      return new ExportFile(await open(`${file}.part`, 'wx', 0o600), file);
    });
  }

  get bytes(): number {
    return this.#bytes;
  }

  async write(data: Uint8Array): Promise<void> {
    this.#digest.update(data);
    this.#bytes += data.length;
    await noRoom(() => this.#handle.writeFile(data));
  }

  /** Makes the file durable under its own name, and answers its digest in base64. */
  async finish(): Promise<{ readonly digest: string; readonly bytes: number }> {
    await noRoom(() => this.#handle.sync());
    await this.#handle.close();
    await rename(this.#part, this.#file);
    return { digest: this.#digest.digest('base64'), bytes: this.#bytes };
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await rm(this.#part, { force: true });
  }
}

const NO_ROOM = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

async function noRoom<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    throw typeof code === 'string' && NO_ROOM.has(code) ? new ExportError('disk_full', error) : error;
  }
}
