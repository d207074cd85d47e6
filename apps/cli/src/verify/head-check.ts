import type { Auditor } from '@wheelhouse/ledger/audit';
import { equalBytes } from '@wheelhouse/ledger/bytes';
import { openCheckpoint } from '@wheelhouse/ledger/checkpoint';
import type { NoteKey } from '@wheelhouse/ledger/note-key';
import { keyLabel } from '@wheelhouse/ledger/note-key';
import type { TreeHead } from '@wheelhouse/ledger/tree-hash';
import { verifyEd25519 } from '@wheelhouse/installation/node-crypto';
import type { FindingsBook } from './findings-book.ts';
import type { HeadRow, LogReader } from './log-reader.ts';

type Parts = { readonly reader: LogReader; readonly audit: Auditor; readonly key: NoteKey; readonly book: FindingsBook };

/** Checks every signed head: the one in the file beside the database, and each row of ledger_head, just before the entries reach it. */
export class HeadCheck {
  readonly #parts: Parts;
  #seen = 0;
  #checked = 0;
  #last: TreeHead | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Heads looked at, the file's included. */
  get checked(): number {
    return this.#checked;
  }

  /** The last head whose signature is good; whether the entries lead to it is for the audit to say. */
  get last(): TreeHead | null {
    return this.#last;
  }

  /** The checkpoint file: the copy of the last head that somebody with access to the database alone can't take back. Returns its size. */
  async file(text: string | null): Promise<number | null> {
    if (text === null) return null;
    this.#checked += 1;
    const head = await this.#open(text, 'The checkpoint file beside the database');
    if (head !== null) this.#parts.audit.expectHead(head);
    return head?.size ?? null;
  }

  /** Gives the audit the stored heads up to `size`; to be called before the entries up to there. */
  async upTo(size: number): Promise<void> {
    const rows = await this.#parts.reader.heads(this.#seen, size);
    this.#seen = Math.max(this.#seen, size);
    for (const row of rows) await this.#row(row);
  }

  /** Heads that the log, which ends at `size`, never reaches. */
  async beyond(size: number): Promise<void> {
    const { largest, count } = await this.#parts.reader.headsBeyond(Math.max(size, this.#seen));
    if (largest === null) return;
    await this.#row(largest);
    if (count > 1) {
      const message = `${count} signed heads are of more entries than the log's ${size}; the largest has ${largest.size}.`;
      this.#parts.book.add('heads', { code: 'heads_beyond', message });
    }
  }

  async #row(row: HeadRow): Promise<void> {
    this.#checked += 1;
    const head = await this.#open(row.checkpoint, `The stored head of ${row.size} entries`);
    if (head === null) return;
    if (head.size !== row.size || !equalBytes(head.root, row.root)) {
      const message = `The stored head of ${row.size} entries: the columns say another size or root than its signed text. The columns were changed, or the text of another head was put there.`;
      this.#parts.book.add('heads', { code: 'head_column_differs', message });
    }
    this.#parts.audit.expectHead(head);
    if (this.#last === null || head.size > this.#last.size) this.#last = head;
  }

  async #open(text: string, what: string): Promise<TreeHead | null> {
    const { key, book } = this.#parts;
    const opened = await openCheckpoint(text, { origin: key.name, keys: [key] }, verifyEd25519);
    if (opened.ok) return opened.value.checkpoint;
    book.add('heads', { code: 'head_not_genuine', message: `${what} is not signed by ${keyLabel(key)}: ${opened.message}` });
    return null;
  }
}
