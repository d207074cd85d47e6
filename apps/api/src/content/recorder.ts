import { packPictures } from '@wheelhouse/content/picture-pack';
import type { PictureSpan } from '@wheelhouse/content/picture-track';
import { mayRecordOn, type RecordedSession } from '@wheelhouse/content/content-book';
import { type PieceKind, Retention, type StoredLine } from '@wheelhouse/protocol/content';
import type { TranscriptLine } from '@wheelhouse/protocol/session';
import { TICK_MS } from '@wheelhouse/protocol/tick';
import type { Logger } from 'pino';
import type { Ledger } from '../ledger/ledger.ts';
import type { RecordedSpan } from '../stream/thread-messages.ts';
import type { ContentKeeper } from './content-keeper.ts';
import type { ContentStore, NewPiece, StoredPiece } from './content-store.ts';
import { sealPiece } from './piece-seal.ts';
import type { SubjectKeys } from './subject-keys.ts';

/** So much sealed content may wait for the database; what comes on top is left out, and its place is noted. */
const MOST_WAITING_BYTES = 64 * 1024 * 1024;
/** Of that, pictures may take three quarters: however much is shown, there is room for sound and words. */
const VIDEO_SHARE = 0.75;
const BATCH_BYTES = 4 * 1024 * 1024;
const BATCH_PIECES = 200;
const LINES_EVERY_MS = 5000;
/** A conversation that says more than this in five seconds is stored in more than one piece. */
const MOST_LINES = 500;
const RETRY_MS = 1000;

type Missing = {
  readonly session: RecordedSession;
  readonly what: 'audio-in' | 'audio-out' | 'video-in' | 'transcript';
  fromMs: number;
  toMs: number;
};

/**
 * Takes in what is recorded, seals it at once, and stores it behind everybody's back: nothing of a session waits for it. Where storing can't
 * keep up, pieces are left out, and a note of each hole is stored in their place.
 */
export class Recorder {
  readonly #store: Pick<ContentStore, 'insert' | 'committed'>;
  readonly #keys: SubjectKeys;
  readonly #keeper: ContentKeeper;
  readonly #ledger: Pick<Ledger, 'append'>;
  readonly #log: Logger;
  readonly #mostWaiting: number;
  readonly #lines = new Map<string, StoredLine[]>();
  readonly #missing = new Map<string, Missing>();
  readonly #timer: NodeJS.Timeout;
  #queue: NewPiece[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | null = null;
  #inFlight: Promise<unknown> = Promise.resolve();
  readonly #commits = new Set<Promise<void>>();
  readonly #onBehind: (isBehind: boolean) => void;
  #behind = false;
  #closed = false;

  /** `onBehind` hears when pieces begin to be left out, and when they no longer are. */
  constructor(parts: {
    store: Pick<ContentStore, 'insert' | 'committed'>;
    keys: SubjectKeys;
    keeper: ContentKeeper;
    ledger: Pick<Ledger, 'append'>;
    log: Logger;
    mostWaitingBytes?: number;
    onBehind?: (isBehind: boolean) => void;
  }) {
    this.#store = parts.store;
    this.#keys = parts.keys;
    this.#keeper = parts.keeper;
    this.#ledger = parts.ledger;
    this.#log = parts.log;
    this.#mostWaiting = parts.mostWaitingBytes ?? MOST_WAITING_BYTES;
    this.#onBehind = parts.onBehind ?? (() => undefined);
    this.#timer = setInterval(() => {
      for (const session of this.#lines.keys()) this.#storeLines(session);
    }, LINES_EVERY_MS);
  }

  /** Audio of a recorded session, from its stream thread. */
  audio(id: string, spans: readonly RecordedSpan[]): void {
    const session = this.#recordable(id, 'audio');
    if (session === null) return;
    for (const { track, fromTick, toTick, samples } of spans) {
      const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
      this.#take(session, `audio-${track}`, { fromMs: fromTick * TICK_MS, toMs: toTick * TICK_MS }, bytes);
    }
  }

  /** What the client of a recorded session showed, from its stream thread. */
  video(id: string, spans: readonly PictureSpan[]): void {
    const session = this.#recordable(id, 'video');
    if (session === null) return;
    for (const { fromTick, toTick, pictures } of spans)
      this.#take(session, 'video-in', { fromMs: fromTick * TICK_MS, toMs: toTick * TICK_MS }, packPictures(pictures));
  }

  /** Lines of live transcripts: what was understood for good, and what was said. */
  transcript(lines: readonly TranscriptLine[]): void {
    for (const { session, tick, who, utterance, text, final, left } of lines) {
      if (who === 'gate' || (who === 'heard' && !final) || this.#recordable(session, 'transcript') === null) continue;
      const kept = this.#lines.get(session) ?? [];
      this.#lines.set(session, kept);
      kept.push({ tick, who, utterance, text, left });
      if (kept.length >= MOST_LINES) this.#storeLines(session);
    }
  }

  /** The session's client has gone: what was collected of it is stored. */
  rest(session: string): void {
    this.#storeLines(session);
    for (const [key, missing] of this.#missing) if (missing.session.session === session) this.#note(key, missing);
  }

  /** Drops whatever of a data subject waits to be stored, and resolves when nothing of it is on its way any more. */
  async forget(subject: string): Promise<void> {
    for (const id of this.#lines.keys()) if (this.#keeper.book.sessions.get(id)?.subject === subject) this.#lines.delete(id);
    for (const [key, { session }] of this.#missing) if (session.subject === subject) this.#missing.delete(key);
    this.#queue = this.#queue.filter((piece) => piece.subject !== subject);
    this.#waitingBytes = this.#queue.reduce((sum, piece) => sum + piece.sealed.length, 0);
    await this.#inFlight;
  }

  /** Resolves when everything taken in is stored and the ledger's to keep, or after `withinMs`. Returns how many pieces are left out. */
  async close(withinMs: number): Promise<number> {
    clearInterval(this.#timer);
    for (const session of this.#lines.keys()) this.#storeLines(session);
    for (const [key, missing] of this.#missing) this.#note(key, missing);
    const late = new Promise<void>((resolve) => setTimeout(resolve, withinMs).unref());
    await Promise.race([this.#drained(), late]);
    this.#closed = true;
    return this.#queue.length;
  }

  /** Resolves when the store knows what the ledger has taken, or after `withinMs`. */
  async settled(withinMs: number): Promise<void> {
    const late = new Promise<void>((resolve) => setTimeout(resolve, withinMs).unref());
    await Promise.race([Promise.all(this.#commits), late]);
  }

  async #drained(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
  }

  #recordable(id: string, what: string): RecordedSession | null {
    const session = this.#keeper.book.sessions.get(id);
    return session?.record.what.includes(what) === true && mayRecordOn(this.#keeper.book, session) ? session : null;
  }

  #storeLines(id: string): void {
    const lines = this.#lines.get(id);
    const session = this.#recordable(id, 'transcript');
    this.#lines.delete(id);
    const [first] = lines ?? [];
    const last = lines?.at(-1);
    if (session === null || first === undefined || last === undefined) return;
    const stretch = { fromMs: first.tick * TICK_MS, toMs: (last.tick + 1) * TICK_MS };
    this.#take(session, 'transcript', stretch, Buffer.from(JSON.stringify(lines)));
  }

  #take(session: RecordedSession, what: Missing['what'], { fromMs, toMs }: { fromMs: number; toMs: number }, bytes: Uint8Array): void {
    const key = `${what} ${session.session}`;
    const missing = this.#missing.get(key);
    const room = what === 'video-in' ? this.#mostWaiting * VIDEO_SHARE : this.#mostWaiting;
    if (this.#waitingBytes + bytes.length <= room) {
      if (missing !== undefined) this.#note(key, missing);
      this.#enqueue(session, what, { fromMs, toMs }, bytes);
      return;
    }
    this.#isBehind(true);
    this.#log.warn({ session: session.session, what, fromMs, toMs }, 'recorded content was left out: the database does not keep up');
    if (missing?.toMs === fromMs) missing.toMs = toMs;
    else {
      if (missing !== undefined) this.#note(key, missing);
      this.#missing.set(key, { session, what, fromMs, toMs });
    }
  }

  /** Stores that something is missing: the note is small, and always finds room. */
  #note(key: string, { session, what, fromMs, toMs }: Missing): void {
    this.#missing.delete(key);
    this.#enqueue(session, `${what}-hole`, { fromMs, toMs }, Buffer.from('the database did not keep up'));
  }

  #enqueue(session: RecordedSession, what: PieceKind, stretch: { fromMs: number; toMs: number }, bytes: Uint8Array): void {
    const { session: id, subject } = session;
    const retention = Retention.parse(session.record.retention);
    const piece = sealPiece(this.#keys, { session: id, subject, what, ...stretch, retention, bytes }, new Date());
    if (piece === null) {
      this.#log.error({ session: id, what }, 'recorded content could not be sealed: its subject has no key');
      return;
    }
    this.#queue.push(piece);
    this.#waitingBytes += piece.sealed.length;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    });
  }

  async #write(): Promise<void> {
    while (this.#queue.length > 0 && !this.#closed) {
      const batch = this.#batch();
      try {
        const stored = this.#store.insert(batch);
        this.#inFlight = stored.catch(() => undefined);
        await stored;
      } catch (error) {
        this.#log.warn({ err: error, pieces: batch.length }, 'recorded content could not be stored; trying again');
        this.#queue.unshift(...batch.filter((piece) => mayStill(piece, this.#keeper)));
        this.#waitingBytes = this.#queue.reduce((sum, piece) => sum + piece.sealed.length, 0);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        continue;
      }
      // With half the room free again, the next pieces will not be left out either.
      if (this.#waitingBytes * 2 <= this.#mostWaiting) this.#isBehind(false);
      this.#commit(batch);
    }
  }

  #isBehind(behind: boolean): void {
    if (behind === this.#behind) return;
    this.#behind = behind;
    this.#onBehind(behind);
  }

  #batch(): NewPiece[] {
    let bytes = 0;
    let count = 0;
    for (const piece of this.#queue) {
      if (count > 0 && (bytes + piece.sealed.length > BATCH_BYTES || count === BATCH_PIECES)) break;
      bytes += piece.sealed.length;
      count += 1;
    }
    this.#waitingBytes -= bytes;
    return this.#queue.splice(0, count);
  }

  /** Nobody waits for the ledger here; it keeps what it can't write yet. A crash in between is mended at the next start. */
  #commit(batch: readonly NewPiece[]): void {
    const commit = commitPieces(batch, this.#ledger, this.#store)
      .catch((error: unknown) => {
        this.#log.warn({ err: error }, 'the ledger has not taken recorded content yet');
      })
      .finally(() => this.#commits.delete(commit));
    this.#commits.add(commit);
  }
}

/** A try that failed may come back after its subject was erased. */
function mayStill(piece: NewPiece, keeper: ContentKeeper): boolean {
  const session = keeper.book.sessions.get(piece.session);
  return session !== undefined && mayRecordOn(keeper.book, session);
}

/** Tells the ledger of stored pieces, and then the store that the ledger knows. */
export async function commitPieces(
  pieces: readonly StoredPiece[] | readonly NewPiece[],
  ledger: Pick<Ledger, 'append'>,
  store: Pick<ContentStore, 'committed'>,
): Promise<void> {
  await Promise.all(
    pieces.map(({ id, session, subject, what, fromMs, toMs, digest, retainUntil }) =>
      ledger.append('content.kept', { content: id, session, subject, what, fromMs, toMs, digest, retainUntil: retainUntil.toISOString() }),
    ),
  );
  await store.committed(pieces.map(({ id }) => id));
}
