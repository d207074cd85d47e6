import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ExportState, MadeExport } from '@wheelhouse/protocol/export';
import type { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import type { Logger } from 'pino';
import type { JobLine, JobRoom } from '../jobs/job-room.ts';
import { entryOf, SYSTEM } from '../ledger/new-entry.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { Refusal } from '../problem/refusal.ts';
import { type BookedExport, evolve, EXPORT_KINDS, type ExportBook, type ExportEntry, isDue } from './export-book.ts';
import { ExportError, problemInWords } from './export-error.ts';
import { type ExportMaker, FILE_TYPES } from './export-maker.ts';

export type KeeperParts = {
  readonly ledger: Ledger;
  readonly maker: ExportMaker;
  readonly jobs: JobRoom;
  /** Where the files lie. */
  readonly folder: string;
  readonly keepMs: number;
  readonly log: Logger;
};

/** A file that may be handed out. */
export type ReadyFile = { readonly path: string; readonly type: string; readonly one: BookedExport; readonly made: MadeExport };

const SWEEP_MS = 60_000;

/** Knows every export, has them made one after the other, and deletes their files when their time has come. */
export class ExportKeeper {
  readonly #parts: KeeperParts;
  #book: ExportBook = new Map();
  readonly #progress = new Map<string, number>();
  #line: JobLine | null = null;
  #sweep: NodeJS.Timeout | null = null;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
  }

  /** Folds the exports from the ledger, clears what a crash left half done, and goes on with those that are due. */
  async open(): Promise<void> {
    const { ledger, jobs, log } = this.#parts;
    if (ledger.fault !== null) return;
    for await (const { entry, index } of ledger.read(EXPORT_KINDS)) this.#book = evolve(this.#book, entry, index);
    await this.#clear();
    const due = this.all().filter(isDue);
    this.#line = await jobs.open({ name: 'exports', due: due.map(({ id }) => id), work: (id, signal) => this.#make(id, signal) });
    this.#sweep = setInterval(() => {
      this.#clear().catch((error: unknown) => {
        log.warn({ err: error }, 'exports whose time has come could not be deleted');
      });
    }, SWEEP_MS);
  }

  all(): BookedExport[] {
    return [...this.#book.values()];
  }

  get(id: string): BookedExport | undefined {
    return this.#book.get(id);
  }

  /** Takes an entry that is durable. */
  apply(entry: LedgerEntry, index: number): void {
    if (isExportEntry(entry)) this.#book = evolve(this.#book, entry, index);
  }

  enqueue(id: string): void {
    this.#progress.set(id, 0);
    this.#line?.add(id);
  }

  progressOf(id: string): number {
    return this.#progress.get(id) ?? 0;
  }

  stateOf(one: BookedExport): ExportState {
    if (one.outcome?.type === 'failed') return 'failed';
    const expiry = this.expiryOf(one);
    if (expiry !== null && Date.now() >= Date.parse(expiry)) return 'expired';
    if (one.outcome?.type === 'made') return 'made';
    if (!isDue(one)) return 'waits';
    return this.progressOf(one.id) > 0 ? 'running' : 'queued';
  }

  /** When a file is deleted, or a request that waits is void. */
  expiryOf(one: BookedExport): string | null {
    if (one.outcome?.type === 'failed' || isDue(one)) return null;
    const since = Date.parse(one.outcome?.at ?? one.askedAt);
    return new Date(since + this.#parts.keepMs).toISOString();
  }

  /** The file of an export that the ledger says was made. Throws a refusal where there is none to hand out. */
  fileOf(one: BookedExport): ReadyFile {
    const state = this.stateOf(one);
    const { outcome } = one;
    if (state === 'expired') throw new Refusal('expired', 'This export was kept as long as exports are, and deleted. Ask for another.');
    if (outcome?.type === 'failed') throw new Refusal('not_ready', `This export failed. ${problemInWords(outcome.problem)}`);
    if (outcome === null || state !== 'made') {
      const why = state === 'waits' ? 'waits for a second person to confirm it' : 'is being made';
      throw new Refusal('not_ready', `This export ${why}.`);
    }
    const file = this.#pathOf(one);
    if (!existsSync(file)) throw new Refusal('expired', 'The file of this export is no longer there. Ask for another.');
    return { path: file, type: FILE_TYPES[one.format].type, one, made: outcome.made };
  }

  async stop(): Promise<void> {
    if (this.#sweep !== null) clearInterval(this.#sweep);
    await this.#line?.close();
  }

  /** Makes one. What was made already, by a job that died after that, is not made again. */
  async #make(id: string, signal: AbortSignal): Promise<void> {
    const { maker, log } = this.#parts;
    const one = this.#book.get(id);
    if (one === undefined || !isDue(one)) return;
    // Above nothing: it runs.
    const onProgress = (part: number) => this.#progress.set(id, Math.max(0.001, part));
    onProgress(0);
    try {
      const made = await maker.make(one, { file: this.#pathOf(one), signal, onProgress });
      await this.#record(entryOf('export.made', { export: id, ...made }, SYSTEM, { cause: one.cause }));
    } catch (error) {
      // A stop of the server is no failure: the export is due again at the next start.
      if (signal.aborted) throw error;
      log.error({ err: error, export: id }, 'an export could not be made');
      const problem = error instanceof ExportError ? error.problem : 'internal';
      await rm(this.#pathOf(one), { force: true });
      await this.#record(entryOf('export.failed', { export: id, problem }, SYSTEM, { cause: one.cause }));
    } finally {
      this.#progress.delete(id);
    }
  }

  async #record(entry: LedgerEntry): Promise<void> {
    this.apply(entry, await this.#parts.ledger.appendEntry(entry));
  }

  /** Deletes every file that is not one to hand out: expired, of a job that died, or of nobody's. */
  async #clear(): Promise<void> {
    const { folder } = this.#parts;
    if (!existsSync(folder)) return;
    const busy = new Set(
      this.all()
        .filter(isDue)
        .map((one) => path.basename(this.#pathOf(one))),
    );
    const kept = new Set(
      this.all()
        .filter((one) => this.stateOf(one) === 'made')
        .map((one) => path.basename(this.#pathOf(one))),
    );
    for (const name of await readdir(folder)) {
      if (kept.has(name) || (this.#line !== null && (busy.has(name) || busy.has(name.replace(/\.part$/, ''))))) continue;
      await rm(path.join(folder, name), { force: true });
    }
  }

  #pathOf({ id, format }: BookedExport): string {
    return path.join(this.#parts.folder, `${id}.${FILE_TYPES[format].ending}`);
  }
}

function isExportEntry(entry: LedgerEntry): entry is ExportEntry {
  return EXPORT_KINDS.some((kind) => kind === entry.kind);
}
