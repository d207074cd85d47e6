import { constants } from 'node:fs';
import { copyFile, open, type FileHandle, readFile, rename } from 'node:fs/promises';
import { type EntryOf, LedgerEntry } from '@wheelhouse/protocol/ledger-entry';

/** What is written ahead of the ledger: acts that restrict, which take effect before they are stored. Nothing that permits is among them. */
const AHEAD_KINDS = ['order.given', 'order.applied', 'policy.rolled_back'] as const;
export type AheadEntry = EntryOf<(typeof AHEAD_KINDS)[number]>;

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

  /**
   * Opens the file and returns the entries in it that may not have reached the ledger. A line that a crash tore is dropped. `damage` names, in words, each
   * whole line that is nothing this file is written with: it is not taken, and a copy of the file as it was is kept beside it (`.damaged`).
   */
  static async open(path: string): Promise<{ log: OrderLog; left: AheadEntry[]; damage: string[] }> {
    const text = await readFile(path, 'utf8').catch(emptyWhereMissing);
    const left: AheadEntry[] = [];
    const damage: string[] = [];
    for (const [i, line] of text.split('\n').entries()) {
      const read = readLine(line);
      if (typeof read === 'string') damage.push(`Line ${i + 1} ${read}.`);
      else if (read !== null) left.push(read);
    }
    if (damage.length > 0) await keepCopy(path);
    const log = new OrderLog(path, await open(path, 'a', 0o600));
    for (const entry of left) log.#pending.add(entry.id);
    return { log, left, damage };
  }

  /**
   * Writes entries and waits for the disk. Throws when the disk refuses; the order stays in force all the same. Throws for a kind that would not be read
   * back, too.
   */
  async write(entries: readonly LedgerEntry[]): Promise<void> {
    const other = entries.find((entry) => !isAhead(entry));
    if (other !== undefined) throw new OrderLogError(`Entries of kind ${other.kind} are not written ahead of the ledger.`);
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

/** An entry; null for an empty or a torn line, which is no whole JSON; for anything else, what it is. */
function readLine(line: string): AheadEntry | string | null {
  const value = jsonIn(line);
  if (value === undefined) return null;
  const { success, data: entry } = LedgerEntry.safeParse(value);
  if (!success) return 'is no entry of the ledger';
  return isAhead(entry) ? entry : `is an entry of kind ${entry.kind} (${entry.id}), which is never written there`;
}

function jsonIn(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const AHEAD: ReadonlySet<string> = new Set(AHEAD_KINDS);

function isAhead(entry: LedgerEntry): entry is AheadEntry {
  return AHEAD.has(entry.kind);
}

/** The file starts anew when the ledger has its entries; whoever looks into the damage needs it as it was. The first copy stays. */
async function keepCopy(path: string): Promise<void> {
  await copyFile(path, `${path}.damaged`, constants.COPYFILE_EXCL).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
}
