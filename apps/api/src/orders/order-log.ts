import { open, type FileHandle, readFile, rename } from 'node:fs/promises';
import { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';

export class OrderLogError extends Error {
  override readonly name = 'OrderLogError';
}

/**
 * The write-ahead file of orders: each order that was acknowledged, on disk (fsync) until the ledger has it. When the database is away or
 * full, this is what makes an acknowledged order survive a restart.
 */
export class OrderLog {
  readonly #path: string;
  #file: FileHandle;
  #pending = new Set<string>();
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** Opens the file and returns the entries in it that may not have reached the ledger. A torn last line, from a crash, is dropped. */
  static async open(path: string): Promise<{ log: OrderLog; left: LedgerEntry[] }> {
    const text = await readFile(path, 'utf8').catch(emptyWhereMissing);
    const left: LedgerEntry[] = [];
    for (const line of text.split('\n')) {
      const entry = parseLine(line);
      if (entry !== null) left.push(entry);
    }
    const log = new OrderLog(path, await open(path, 'a', 0o600));
    for (const entry of left) log.#pending.add(entry.id);
    return { log, left };
  }

  /** Writes entries and waits for the disk. Throws when the disk refuses; the order stays in force all the same. */
  async write(entries: readonly LedgerEntry[]): Promise<void> {
    for (const entry of entries) this.#pending.add(entry.id);
    await this.#inTurn(async () => {
      // A newline before each line as well: a line that a full disk or a crash tore must not take the next one with it.
      await this.#file.appendFile(entries.map((entry) => `\n${JSON.stringify(entry)}\n`).join(''));
      await this.#file.datasync();
    });
  }

  /** The ledger has these: when nothing else waits, the file starts anew. */
  async stored(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#pending.delete(id);
    if (this.#pending.size > 0) return;
    await this.#inTurn(async () => {
      if (this.#pending.size > 0) return;
      const fresh = await open(`${this.#path}.new`, 'w', 0o600);
      await rename(`${this.#path}.new`, this.#path);
      await this.#file.close();
      this.#file = fresh;
    });
  }

  async close(): Promise<void> {
    await this.#writing.catch(() => undefined);
    await this.#file.close();
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#writing.catch(() => undefined).then(work);
    this.#writing = turn;
    return turn;
  }
}

/** A file that is there and can't be read holds orders in force: then nothing may start. */
function emptyWhereMissing(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
  throw new OrderLogError(
    `The write-ahead file of orders can't be read: ${String(error)}. Mend it, or move it away if you know that its orders are done with.`,
  );
}

function parseLine(line: string): LedgerEntry | null {
  try {
    const parsed = LedgerEntry.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
