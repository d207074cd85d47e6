import { openApprovalAudit } from '@wheelhouse/charter/approval-audit';
import type { ApprovalReport } from '@wheelhouse/charter/approval-report';
import { openAudit } from '@wheelhouse/ledger/audit';
import type { AuditReport } from '@wheelhouse/ledger/audit';
import { entryLeafHash } from '@wheelhouse/ledger/entry';
import type { NoteKey } from '@wheelhouse/ledger/note-key';
import { keyLabel } from '@wheelhouse/ledger/note-key';
import { openSessionAudit } from '@wheelhouse/ledger/session-audit';
import type { SessionAuditReport } from '@wheelhouse/ledger/session-audit';
import { sha256 } from '@wheelhouse/installation/node-crypto';
import type pg from 'pg';
import { checkCosigned, type Cosigned } from './cosigned-check.ts';
import { readEntry } from './entry-check.ts';
import { FindingsBook } from './findings-book.ts';
import { HeadCheck } from './head-check.ts';
import { type EntryRow, LogReader } from './log-reader.ts';
import { proveLeaves } from './proof-check.ts';
import { RecordCheck } from './record-check.ts';
import type { CosignedReport, Report } from './report.ts';
import { SessionWalk, type SessionStory } from './session-story.ts';
import { TileCheck } from './tile-check.ts';

/** How long the parts of what a server records may be on their way to the ledger. */
const UNDER_WAY_MS = 10_000;

export type VerifyOptions = {
  readonly client: pg.Client;
  readonly key: NoteKey;
  /** The checkpoint file beside the database, read before this begins: a server at work writes the database first. Null where there is none. */
  readonly checkpoint: string | null;
  /** What the witnesses vouch for; read before this begins, as well. */
  readonly cosigned: Cosigned;
  /** Whether a server may be writing at this moment. */
  readonly live: boolean;
  readonly now: Date;
  readonly session: string | null;
  readonly onProgress: (done: number, of: number) => void;
};

/** The whole verification of one log: reads everything, believes nothing but the key. Never changes anything. */
export function verifyLog(options: VerifyOptions): Promise<Report> {
  return LogReader.within(options.client, (reader) => new Verification(reader, options).run());
}

class Verification {
  readonly #options: VerifyOptions;
  readonly #reader: LogReader;
  readonly #book = new FindingsBook();
  readonly #sessions = openSessionAudit({ sha256 });
  readonly #approvals = openApprovalAudit({ sha256 });
  readonly #kinds = new Map<string, number>();
  readonly #records = new RecordCheck(this.#book);
  readonly #tiles: TileCheck;
  readonly #audit;
  readonly #heads: HeadCheck;
  readonly #walk: SessionWalk | null;
  #lastTime = '';
  #stopped = false;

  constructor(reader: LogReader, options: VerifyOptions) {
    this.#options = options;
    this.#reader = reader;
    this.#tiles = new TileCheck(reader, this.#book);
    this.#audit = openAudit({ sha256, onNode: this.#tiles.node });
    this.#heads = new HeadCheck({ reader, audit: this.#audit, key: options.key, book: this.#book });
    this.#walk = options.session === null ? null : new SessionWalk(options.session);
  }

  async run(): Promise<Report> {
    const file = await this.#heads.file(this.#options.checkpoint);
    const { cosigned: given, key, now } = this.#options;
    const cosigned = await checkCosigned({ cosigned: given, key, audit: this.#audit, book: this.#book, now });
    const size = await this.#reader.size();
    let read = 0;
    for await (const page of this.#reader.entryPages()) {
      await this.#heads.upTo(Math.max(0, (page.at(-1)?.index ?? 0) + 1));
      for (const row of page) this.#entry(row);
      await this.#tiles.settle();
      await this.#approvals.settle();
      read += page.length;
      this.#options.onProgress(read, size);
    }
    await this.#tiles.finish();
    await this.#heads.beyond(read);
    const tree = this.#audit.finish();
    this.#book.take('tree', { ...tree, faults: tree.findings.length + tree.suppressed });
    const underWaySince = this.#underWaySince();
    this.#checkSeal(tree, file, underWaySince);
    const sessions = this.#sessions.finish(underWaySince);
    this.#book.take('sessions', sessions);
    const approvals = await this.#approvals.finish();
    this.#book.take('approvals', approvals);
    const people = await this.#reader.people();
    const records = await this.#records.finish(this.#reader, people, underWaySince ?? this.#options.now.toISOString());
    const story = await this.#story(people);
    return this.#report({ tree, sessions, approvals, records, story, file, cosigned });
  }

  #entry(row: EntryRow): void {
    this.#audit.entry({ index: row.index, bytes: Buffer.from(row.body, 'utf8'), storedLeafHash: row.leaf_hash });
    const { index, bytes, value, entry } = readEntry(row, this.#book);
    if (value !== undefined) {
      this.#sessions.entry(index, value);
      this.#approvals.take({ index, kind: entry?.kind ?? row.kind, read: () => entry });
    }
    if (entry === null) return;
    this.#kinds.set(entry.kind, (this.#kinds.get(entry.kind) ?? 0) + 1);
    this.#stopped = entry.kind === 'server.stopped';
    if (entry.time > this.#lastTime) this.#lastTime = entry.time;
    this.#records.entry(index, entry);
    this.#walk?.entry(index, entry, entryLeafHash(bytes, sha256));
  }

  /** From when on something may be on its way to the ledger; of a server that stopped cleanly, nothing is. */
  #underWaySince(): string | undefined {
    if (this.#stopped) return undefined;
    const end = this.#options.live ? this.#options.now.getTime() : Date.parse(this.#lastTime);
    return Number.isNaN(end) ? undefined : new Date(end - UNDER_WAY_MS).toISOString();
  }

  /** What no signature covers can be changed without a trace; heads are signed about once a second, so that little is. */
  #checkSeal(tree: AuditReport, file: number | null, underWaySince: string | undefined): void {
    const sealed = this.#heads.last?.size ?? 0;
    const entries = tree.head.size;
    const young = underWaySince !== undefined && this.#lastTime >= underWaySince;
    if (entries > sealed) {
      const message = `The last ${entries - sealed} of ${entries} entries are under no signed head yet: nothing vouches for them. A server signs about once a second, and when it stops.`;
      const severity = sealed === 0 && !young ? 'fault' : 'note';
      this.#book.add('heads', { code: sealed === 0 ? 'no_signed_head' : 'entries_not_sealed', severity, message });
    }
    if (this.#options.checkpoint === null && this.#heads.checked > 1) {
      const message =
        'There is no checkpoint file beside the database: entries removed from its end together with their heads would not show.';
      this.#book.add('heads', { code: 'checkpoint_file_missing', severity: 'note', message });
    }
    if (file !== null && sealed < file && entries >= file) {
      const message = `The checkpoint file is of ${file} entries, but the last head in the database is of ${sealed}: signed heads were removed.`;
      this.#book.add('heads', { code: 'head_missing', message });
    }
  }

  async #story(people: Parameters<SessionWalk['tell']>[0]): Promise<SessionStory | null> {
    const walk = this.#walk;
    if (walk === null) return null;
    const proofs = await proveLeaves(this.#reader, walk.leaves, this.#heads.last, this.#book);
    if (walk.leaves.size === 0) {
      this.#book.add('sessions', {
        code: 'session_unknown',
        session: walk.session,
        message: `The ledger knows no session ${walk.session}.`,
      });
    }
    return walk.tell(people, proofs);
  }

  #report(parts: {
    tree: AuditReport;
    sessions: SessionAuditReport;
    approvals: ApprovalReport;
    records: Report['records'];
    story: SessionStory | null;
    file: number | null;
    cosigned: CosignedReport | null;
  }): Report {
    const { tree, sessions, approvals, records, story, file, cosigned } = parts;
    const { checked, unchecked, keys, people, charter } = approvals;
    const { findings, suppressed, faults, notes } = this.#book.summary();
    return {
      ok: faults === 0,
      key: keyLabel(this.#options.key),
      entries: tree.entries,
      kinds: Object.fromEntries([...this.#kinds].sort(([a], [b]) => a.localeCompare(b))),
      head: { size: tree.head.size, root: Buffer.from(tree.head.root).toString('hex') },
      heads: {
        checked: this.#heads.checked,
        matched: tree.headsMatched,
        sealed: this.#heads.last?.size ?? 0,
      },
      checkpointFile: file,
      cosigned,
      tiles: this.#tiles.checked,
      sessions: { total: sessions.sessions, open: sessions.open.length, ticks: sessions.ticks },
      orders: { total: sessions.orders, inForce: sessions.inForce.length },
      approvals: { checked, unchecked, keys, people, charter },
      records,
      faults,
      notes,
      findings,
      suppressed,
      session: story,
    };
  }
}
