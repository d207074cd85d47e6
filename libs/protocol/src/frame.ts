/**
 * The binary tick frame of `/v1/stream`: a fixed header of 40 bytes, little-endian, then the payload.
 *
 * | offset | type    | field                                                                |
 * | -----: | ------- | -------------------------------------------------------------------- |
 * |      0 | u8      | version, always 1                                                    |
 * |      1 | u8      | kind: 1 audio, 2 text, 3 video, 4 event                              |
 * |      2 | u8      | source: 0 client, 1 engine, 2 human, 3 gate                          |
 * |      3 | u8      | reserved, 0                                                          |
 * |      4 | u32     | sample rate in Hz for audio, otherwise 0                             |
 * |      8 | u32     | tick                                                                 |
 * |     12 | u32     | sequence: from 1, without gaps, for each direction and connection    |
 * |     16 | f64     | timestamp: milliseconds since the sender's session start             |
 * |     24 | 16 byte | session id (the UUID's bytes)                                        |
 *
 * Payload: raw PCM16 for audio, UTF-8 for text, JPEG for video, UTF-8 JSON for events (`stream-event.ts`).
 * On the way out the gate numbers the engine's frames without gaps across the whole session, and a human's frames in a sequence of their own: from 1,
 * without gaps, until the server is started again. What an order says of the last frame that left is about the engine's numbers alone. A notice from
 * the gate itself carries the number of the last engine frame that left before it. The sound of both sources plays at once: a client mixes them.
 */
export const FRAME_VERSION = 1;
export const FRAME_HEADER_BYTES = 40;

/** Largest frame that either side accepts, header included. Two seconds of audio, or one JPEG. */
export const FRAME_MAX_BYTES = 512 * 1024;

export const FRAME_KINDS = ['audio', 'text', 'video', 'event'] as const;
export const FRAME_SOURCES = ['client', 'engine', 'human', 'gate'] as const;
export type FrameKind = (typeof FRAME_KINDS)[number];
export type FrameSource = (typeof FRAME_SOURCES)[number];

export type FrameHeader = {
  readonly kind: FrameKind;
  readonly source: FrameSource;
  readonly sampleRate: number;
  readonly tick: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly session: string;
};

export type Frame = { readonly header: FrameHeader; readonly payload: Uint8Array };

export type FrameErrorCode = 'frame_too_short' | 'frame_too_large' | 'frame_version' | 'frame_kind' | 'frame_source' | 'frame_timestamp';
export type FrameRefusal = { readonly code: FrameErrorCode; readonly message: string };

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const HYPHEN_BEFORE = new Set([4, 6, 8, 10]);

/** The 16 bytes of a UUID in text form; throws RangeError when `uuid` is not one. */
export function uuidBytes(uuid: string): Uint8Array {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(uuid))
    throw new RangeError(`not a UUID: ${uuid.slice(0, 64)}`);
  const hex = uuid.replaceAll('-', '');
  return Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16));
}

/** The text form of the UUID that stands at `offset`. */
export function uuidText(bytes: Uint8Array, offset = 0): string {
  let text = '';
  for (let i = 0; i < 16; i += 1) {
    if (HYPHEN_BEFORE.has(i)) text += '-';
    text += HEX[bytes[offset + i] ?? 0] ?? '00';
  }
  return text;
}

/** Encodes a frame into one new buffer. The caller is trusted: numbers are written as they are. */
export function encodeFrame(header: FrameHeader, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  return encodeFrameWithId(header, uuidBytes(header.session), payload);
}

/** As `encodeFrame`, with the session id's bytes at hand: the stream threads' path, where parsing the id each time would be felt. */
export function encodeFrameWithId(
  header: Omit<FrameHeader, 'session'>,
  sessionBytes: Uint8Array,
  payload: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = FRAME_VERSION;
  bytes[1] = FRAME_KINDS.indexOf(header.kind) + 1;
  bytes[2] = FRAME_SOURCES.indexOf(header.source);
  view.setUint32(4, header.sampleRate, true);
  view.setUint32(8, header.tick, true);
  view.setUint32(12, header.sequence, true);
  view.setFloat64(16, header.timestamp, true);
  bytes.set(sessionBytes, 24);
  bytes.set(payload, FRAME_HEADER_BYTES);
  return bytes;
}

/** Decodes a frame; the payload is a view into `bytes`. Anything that is not a frame of this version is a refusal that says what is wrong. */
export function decodeFrame(bytes: Uint8Array): Frame | FrameRefusal {
  if (bytes.length < FRAME_HEADER_BYTES) {
    return { code: 'frame_too_short', message: `A frame has at least ${FRAME_HEADER_BYTES} bytes; this one has ${bytes.length}.` };
  }
  if (bytes.length > FRAME_MAX_BYTES) {
    return { code: 'frame_too_large', message: `A frame has at most ${FRAME_MAX_BYTES} bytes; this one has ${bytes.length}.` };
  }
  if (bytes[0] !== FRAME_VERSION)
    return { code: 'frame_version', message: `Frame version ${bytes[0] ?? 0} is not spoken here; send version 1.` };
  const kind = FRAME_KINDS[(bytes[1] ?? 0) - 1];
  if (kind === undefined)
    return { code: 'frame_kind', message: `Frame kind ${bytes[1] ?? 0} is unknown: 1 audio, 2 text, 3 video, 4 event.` };
  const source = FRAME_SOURCES[bytes[2] ?? 255];
  if (source === undefined) return { code: 'frame_source', message: `Frame source ${bytes[2] ?? 0} is unknown; a client sends 0.` };
  const view = new DataView(bytes.buffer, bytes.byteOffset, FRAME_HEADER_BYTES);
  const timestamp = view.getFloat64(16, true);
  if (!Number.isFinite(timestamp)) return { code: 'frame_timestamp', message: 'The timestamp is not a finite number of milliseconds.' };
  const header: FrameHeader = {
    kind,
    source,
    sampleRate: view.getUint32(4, true),
    tick: view.getUint32(8, true),
    sequence: view.getUint32(12, true),
    timestamp,
    session: uuidText(bytes, 24),
  };
  return { header, payload: bytes.subarray(FRAME_HEADER_BYTES) };
}

export function isRefusal(decoded: Frame | FrameRefusal): decoded is FrameRefusal {
  return 'code' in decoded;
}
