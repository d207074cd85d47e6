import { z } from 'zod';
import { Actor } from './identity.ts';
import { plainText } from './text.ts';

/** What of a session's content can be recorded. */
export const RECORDABLE = ['transcript', 'audio', 'video'] as const;
export const Recordable = z.enum(RECORDABLE);
export type Recordable = z.infer<typeof Recordable>;

/** How long recorded content is kept, unless a legal hold keeps it for longer or an erasure ends it before. */
export const RETENTION_DAYS = {
  /** For whoever runs the service: yesterday's mistake can be listened to. */
  operational: 30,
  /** Regulation (EU) 2024/1689, Articles 19 and 26(6): logs are kept for at least six months. */
  regulated: 184,
  /** For claims that come late. */
  long: 3 * 365 + 1,
} as const;
export const RETENTIONS = ['operational', 'regulated', 'long'] as const satisfies readonly (keyof typeof RETENTION_DAYS)[];
export const Retention = z.enum(RETENTIONS);
export type Retention = z.infer<typeof Retention>;

/** What a session is to keep of its content. Nothing is recorded unless this is asked for, with the consent that it rests on. */
export const RecordRequest = z.strictObject({
  what: z.array(Recordable).min(1).max(RECORDABLE.length),
  retention: Retention.default('regulated'),
  /** Where the consent is on file: a reference, not the consent itself, for it stands in the ledger and outlives an erasure. */
  consent: plainText(200).min(1),
});
export type RecordRequest = z.infer<typeof RecordRequest>;

/** What a stored piece holds: a track of audio, pictures, lines of the transcript, or the note that a part of one was lost, and why. */
export const PIECE_KINDS = [
  ...(['audio-in', 'audio-out', 'video-in', 'transcript'] as const),
  ...(['audio-in-hole', 'audio-out-hole', 'video-in-hole', 'transcript-hole'] as const),
] as const;
export const PieceKind = z.enum(PIECE_KINDS);
export type PieceKind = z.infer<typeof PieceKind>;

/** `in`: what the client sent. `out`: what of the engine's, and of a human's who spoke beside it or in its place, was heard. */
export const Track = z.enum(['in', 'out']);
export type Track = z.infer<typeof Track>;

const ms = z.number().int();

/** A stored piece of a session's content. Times are milliseconds of the session, whose tick n is at n * 200. */
export const ContentPiece = z.object({
  id: z.uuid(),
  what: PieceKind,
  fromMs: ms,
  toMs: ms,
  /** SHA-256 over the 32 random bytes that are sealed with the content, and the content; base64. The ledger has the same in `content.kept`. */
  digest: z.string(),
  retention: Retention,
  retainUntil: z.iso.datetime(),
  state: z.enum(['kept', 'expired', 'erased']),
});
export type ContentPiece = z.infer<typeof ContentPiece>;

/** A stretch of a track of which nothing is stored. */
export const ContentHole = z.object({ of: z.enum(['audio', 'video']), track: Track, fromMs: ms, toMs: ms });
export type ContentHole = z.infer<typeof ContentHole>;

/** `GET /v1/sessions/:id/content` */
export const SessionContent = z.object({
  session: z.uuid(),
  subject: z.string(),
  what: z.array(Recordable),
  retention: Retention,
  consent: z.string(),
  /** How long the session is on its own clock. */
  lengthMs: ms,
  pieces: z.array(ContentPiece),
  holes: z.array(ContentHole),
  /** Legal holds that cover it. */
  holds: z.array(z.uuid()),
});
export type SessionContent = z.infer<typeof SessionContent>;

/** A line of a stored transcript: what was understood of the client for good, or what the engine said. */
export const StoredLine = z.strictObject({
  tick: z.number().int(),
  who: z.enum(['heard', 'said']),
  utterance: z.number().int(),
  text: z.string(),
  /** False when the gate withheld it. */
  left: z.boolean(),
});
export type StoredLine = z.infer<typeof StoredLine>;

/** `GET /v1/sessions/:id/transcript` */
export const StoredTranscript = z.object({ session: z.uuid(), lines: z.array(StoredLine) });
export type StoredTranscript = z.infer<typeof StoredTranscript>;

/**
 * What became of a picture that the client showed: the engine was given it (`seen`), policy refused it (`refused`), or it passed and the engine was not
 * given it (`missed`), for a later one took its place in the same tick, or no engine was there. Of pictures that were not seen, only this is kept.
 */
export const PictureFate = z.enum(['seen', 'refused', 'missed']);
export type PictureFate = z.infer<typeof PictureFate>;

/** A picture as a stored piece lists it: `tick`, in whose input it was or would have been; `arrived`, the first tick that began after it came. */
export const PictureLine = z.strictObject({
  tick: z.number().int().min(0),
  arrived: z.number().int().min(0),
  fate: PictureFate,
  /** Bytes of its JPEG; 0 where it was not seen. */
  bytes: z.number().int().min(0),
});
export type PictureLine = z.infer<typeof PictureLine>;

/** A picture of a stored video. Times are milliseconds of the session. */
export const StoredPicture = z.object({
  tick: z.number().int(),
  /** When the tick began in whose input it was: the engine saw it then, and not before. */
  atMs: ms,
  /** When the first tick began after it had come. The checkpoint lies between the two. */
  arrivedMs: ms,
  fate: PictureFate,
  /** In base64; null where the engine did not see it. */
  jpeg: z.string().nullable(),
});
export type StoredPicture = z.infer<typeof StoredPicture>;

/** `GET /v1/sessions/:id/video`: the pictures of a stretch, in order. */
export const StoredVideo = z.object({
  session: z.uuid(),
  fromMs: ms,
  toMs: ms,
  pictures: z.array(StoredPicture),
  /** Where to go on; null at the end of what is stored. */
  nextMs: ms.nullable(),
});
export type StoredVideo = z.infer<typeof StoredVideo>;

const Reason = plainText(500).min(1);
/** A data subject: the id of a person who signs in here, or tenant/name as the session's opener named it. */
export const DataSubject = plainText(400).min(1);

/** `POST /v1/holds`: keeps everything of a data subject, or of one session, whatever its retention class says. */
export const HoldRequest = z
  .strictObject({ id: z.uuid(), subject: DataSubject.optional(), session: z.uuid().optional(), reason: Reason })
  .refine(({ subject, session }) => (subject === undefined) !== (session === undefined), 'name a subject or a session, one of the two');
export type HoldRequest = z.infer<typeof HoldRequest>;
/** `POST /v1/holds/:id/lift` */
export const LiftRequest = z.strictObject({ reason: Reason });
export type LiftRequest = z.infer<typeof LiftRequest>;

export const Hold = z.object({
  id: z.uuid(),
  subject: z.string().nullable(),
  session: z.uuid().nullable(),
  reason: z.string(),
  placedBy: Actor,
  placedByName: z.string(),
  placedAt: z.iso.datetime(),
  liftedAt: z.iso.datetime().nullable(),
});
export type Hold = z.infer<typeof Hold>;

/** `POST /v1/erasures`: asks that everything kept of a data subject becomes unreadable for good. Another person has to confirm. */
export const ErasureRequest = z.strictObject({ id: z.uuid().toLowerCase(), subject: DataSubject, reason: Reason });
export type ErasureRequest = z.infer<typeof ErasureRequest>;

export const ErasureState = z.enum(['waiting', 'withdrawn', 'confirmed']);
export type ErasureState = z.infer<typeof ErasureState>;
export const Erasure = z.object({
  id: z.uuid(),
  subject: z.string(),
  reason: z.string(),
  askedBy: Actor,
  askedByName: z.string(),
  askedAt: z.iso.datetime(),
  state: ErasureState,
  confirmedBy: Actor.nullable(),
  confirmedAt: z.iso.datetime().nullable(),
  /** Where the ledger has the `subject.erased`. */
  entry: z.number().int().nullable(),
});
export type Erasure = z.infer<typeof Erasure>;
