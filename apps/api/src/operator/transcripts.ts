import type { TranscriptLine } from '@wheelhouse/protocol/session';

const LINES_KEPT = 200;

/** Recent lines of live transcripts, in memory only. What a session records is stored elsewhere, sealed (`../content/recorder.ts`); nothing is logged. */
export class Transcripts {
  readonly #lines = new Map<string, TranscriptLine[]>();
  readonly #readers = new Set<(session: string, lines: readonly TranscriptLine[]) => void>();

  add(lines: readonly TranscriptLine[]): void {
    for (const line of lines) {
      const kept = this.#lines.get(line.session) ?? [];
      // A later line of an utterance that is not final yet replaces the earlier one.
      const same =
        line.who === 'heard' ? kept.findLastIndex((one) => one.who === 'heard' && one.utterance === line.utterance && !one.final) : -1;
      if (same >= 0) kept.splice(same, 1);
      kept.push(line);
      if (kept.length > LINES_KEPT) kept.shift();
      this.#lines.set(line.session, kept);
      for (const read of this.#readers) read(line.session, [line]);
    }
  }

  of(session: string): readonly TranscriptLine[] {
    return this.#lines.get(session) ?? [];
  }

  forget(session: string): void {
    this.#lines.delete(session);
  }

  subscribe(read: (session: string, lines: readonly TranscriptLine[]) => void): () => void {
    this.#readers.add(read);
    return () => this.#readers.delete(read);
  }
}
