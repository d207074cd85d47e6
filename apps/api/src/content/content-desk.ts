import { type BookedErasure, holdsOverSession, lastErasure, type RecordedSession } from '@wheelhouse/content/content-book';
import type { Picture } from '@wheelhouse/content/picture-track';
import { holesIn } from '@wheelhouse/content/timeline';
import { fitsWav, pcmBytes, WAV_HEADER_BYTES } from '@wheelhouse/content/wav';
import {
  type ContentHole,
  ContentPiece,
  Recordable,
  Retention,
  type SessionContent,
  StoredLine,
  type StoredPicture,
  type StoredTranscript,
  type StoredVideo,
  Track,
} from '@wheelhouse/protocol/content';
import type { Principal } from '@wheelhouse/protocol/identity';
import { TICK_MS } from '@wheelhouse/protocol/tick';
import { z } from 'zod';
import { actorOf } from '../identity/principals.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { Refusal } from '../problem/refusal.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';
import type { ContentKeeper } from './content-keeper.ts';
import { mayRead } from './content-rights.ts';
import type { ContentStore, StoredPiece } from './content-store.ts';
import { openPiece } from './piece-seal.ts';
import { wavOf } from './recording-stream.ts';
import type { SubjectKeys } from './subject-keys.ts';
import { matroskaOf, picturesOf } from './video-stream.ts';

/** A page of a video has so many pieces at most: up to 40 seconds, and 12 MiB. */
const PAGE_PIECES = 8;
const Lines = z.array(StoredLine);

type Parts = {
  readonly keeper: ContentKeeper;
  readonly store: ContentStore;
  readonly keys: SubjectKeys;
  readonly ledger: Ledger;
  readonly registry: SessionRegistry;
};

/** The tracks that run as long as the session does. */
const TRACKS = [
  { of: 'audio', track: 'in' },
  { of: 'audio', track: 'out' },
  { of: 'video', track: 'in' },
] as const;

/** A recording on its way out: as many bytes as it says, or none. */
export type Recording = { readonly bytes: number; readonly body: AsyncGenerator<Uint8Array> };

/** Shows what was recorded. Whoever gets to hear or read it is in the ledger before the first word. */
export class ContentDesk {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** What is kept of a session, without any of it. */
  async list(principal: Principal, id: string): Promise<SessionContent> {
    const session = this.#recorded(principal, 'Transcript', id);
    const erasure = this.#erasureOf(session);
    const pieces = await this.#parts.store.ofSession(id);
    const lengthMs = await this.#lengthMs(id, pieces);
    const holes = TRACKS.filter((track) => session.record.what.includes(track.of)).flatMap((track) => holesOf(track, pieces, lengthMs));
    return {
      session: id,
      subject: session.subject,
      what: z.array(Recordable).parse(session.record.what),
      retention: Retention.parse(session.record.retention),
      consent: session.record.consent,
      lengthMs,
      pieces: pieces.map((piece) => pieceView(piece, erasure)),
      holes,
      holds: holdsOverSession(this.#parts.keeper.book, session).map((hold) => hold.id),
    };
  }

  /** The sound of a session, exactly as long as the session. */
  async recording(principal: Principal, id: string, which: Track | 'both'): Promise<Recording> {
    const session = this.#recorded(principal, 'Content', id);
    const tracks = which === 'both' ? Track.options : [which];
    const pieces = await this.#readable(session, (piece) => tracks.some((track) => piece.what === `audio-${track}`));
    const lengthMs = await this.#lengthMs(id, pieces);
    const channels = tracks.length;
    if (!fitsWav(lengthMs, channels))
      throw new Refusal('too_large', `A WAV file can't hold ${Math.round(lengthMs / 3_600_000)} hours. Ask for one track at a time.`);
    await this.#tellLedger(principal, id, which === 'both' ? 'audio-in, audio-out' : `audio-${which}`, pieces.length);
    const ofTracks = tracks.map((track) => pieces.filter(({ what }) => what === `audio-${track}`));
    return { bytes: WAV_HEADER_BYTES + pcmBytes(lengthMs, channels), body: wavOf(ofTracks, lengthMs, (piece) => this.#open(piece)) };
  }

  /** The pictures that the engine was shown, as a video file. */
  async videoFile(principal: Principal, id: string): Promise<AsyncGenerator<Uint8Array>> {
    const session = this.#recorded(principal, 'Content', id);
    const pieces = await this.#readable(session, ({ what }) => what === 'video-in');
    const lengthMs = await this.#lengthMs(id, pieces);
    await this.#tellLedger(principal, id, 'video-in', pieces.length);
    return matroskaOf(pieces, lengthMs, (piece) => this.#open(piece));
  }

  /** A page of pictures, from `fromMs` of the session on; and what became of those that the engine was not shown. */
  async video(principal: Principal, id: string, fromMs: number): Promise<StoredVideo> {
    const session = this.#recorded(principal, 'Content', id);
    const all = await this.#readable(session, ({ what }) => what === 'video-in');
    const lengthMs = await this.#lengthMs(id, all);
    const rest = all.filter((piece) => piece.toMs > fromMs && piece.fromMs < lengthMs);
    const page = rest.slice(0, PAGE_PIECES);
    const nextMs = rest.length > page.length ? (page.at(-1)?.toMs ?? null) : null;
    const toMs = nextMs ?? Math.max(fromMs, lengthMs);
    await this.#tellLedger(principal, id, `video-in, ${fromMs} to ${toMs} ms`, page.length);
    const pictures: StoredPicture[] = [];
    for await (const some of picturesOf(page, lengthMs, (piece) => this.#open(piece))) pictures.push(...some.map(pictureView));
    return { session: id, fromMs, toMs, pictures: pictures.filter(({ atMs }) => atMs >= fromMs), nextMs };
  }

  async transcript(principal: Principal, id: string): Promise<StoredTranscript> {
    const session = this.#recorded(principal, 'Transcript', id);
    const pieces = await this.#readable(session, ({ what }) => what === 'transcript');
    await this.#tellLedger(principal, id, 'transcript', pieces.length);
    const lines: StoredLine[] = [];
    for (const piece of pieces) {
      const bytes = await this.#open(piece);
      if (bytes !== null) lines.push(...Lines.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))));
    }
    lines.sort((a, b) => a.tick - b.tick);
    return { session: id, lines };
  }

  #recorded(principal: Principal, what: 'Content' | 'Transcript', id: string): RecordedSession {
    const session = this.#parts.keeper.book.sessions.get(id);
    if (session !== undefined && mayRead(principal, what, session.tenant)) return session;
    throw new Refusal('not_found', `Nothing of a session ${id} is recorded here that you may have.`);
  }

  /** The erasure that covers a session: those opened after it are another matter. */
  #erasureOf(session: RecordedSession): Extract<BookedErasure, { state: 'confirmed' }> | null {
    const erasure = lastErasure(this.#parts.keeper.book, session.subject);
    return erasure !== null && erasure.entry > session.entry ? erasure : null;
  }

  async #readable(session: RecordedSession, isMeant: (piece: StoredPiece) => boolean): Promise<StoredPiece[]> {
    const erasure = this.#erasureOf(session);
    if (erasure !== null) {
      throw new Refusal(
        'erased',
        `The data subject of this session was erased on ${erasure.confirmedAt}: ledger entry ${erasure.entry} (erasure ${erasure.id}).`,
      );
    }
    const pieces = (await this.#parts.store.ofSession(session.session)).filter(isMeant);
    const kept = pieces.filter((piece) => piece.gone === null);
    if (pieces.length > 0 && kept.length === 0)
      throw new Refusal('expired', `This was kept for as long as its class (${session.record.retention}) says, and then deleted.`);
    if (pieces.length === 0) throw new Refusal('not_found', `Nothing of this of session ${session.session} is stored (yet).`);
    return kept;
  }

  #tellLedger(principal: Principal, session: string, what: string, pieces: number): Promise<number> {
    return this.#parts.ledger.appendFirst('content.read', { session, what, pieces }, actorOf(principal));
  }

  async #open(piece: StoredPiece): Promise<Uint8Array | null> {
    const sealed = await this.#parts.store.sealed(piece.id);
    return sealed === null || sealed.length === 0 ? null : openPiece(this.#parts.keys, piece, sealed);
  }

  /** How long a session is on its own clock; while its client is attached, up to where all of its tracks are stored. */
  async #lengthMs(id: string, pieces: readonly StoredPiece[]): Promise<number> {
    const open = this.#parts.registry.get(id);
    if (open?.state === 'waiting') return open.rest.tick * TICK_MS;
    const ended = open === undefined ? await this.#parts.ledger.lastAbout('session.ended', id) : null;
    if (ended !== null) return (ended.data.lastTick + 1) * TICK_MS;
    const endOf = (of: string) => pieces.filter(({ what }) => what === of).reduce((last, { toMs }) => Math.max(last, toMs), 0);
    const ends = TRACKS.map(({ of, track }) => endOf(`${of}-${track}`)).filter((end) => end > 0);
    return ends.length === 0 ? 0 : Math.min(...ends);
  }
}

function holesOf({ of, track }: (typeof TRACKS)[number], pieces: readonly StoredPiece[], lengthMs: number): ContentHole[] {
  const its = pieces.filter(({ what }) => what === `${of}-${track}`);
  return holesIn(its, lengthMs).map((hole) => ({ of, track, ...hole }));
}

function pictureView({ tick, arrived, fate, jpeg }: Picture): StoredPicture {
  const base64 = jpeg === null ? null : Buffer.from(jpeg).toString('base64');
  return { tick, atMs: tick * TICK_MS, arrivedMs: arrived * TICK_MS, fate, jpeg: base64 };
}

function pieceView(
  { id, what, fromMs, toMs, digest, retention, retainUntil, gone }: StoredPiece,
  erasure: BookedErasure | null,
): ContentPiece {
  const state = erasure !== null && gone === null ? 'erased' : (gone ?? 'kept');
  return ContentPiece.parse({ id, what, fromMs, toMs, digest, retention, retainUntil: retainUntil.toISOString(), state });
}
