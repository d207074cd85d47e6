import type { PixelSize } from './jpeg-size.ts';

/** A picture of a video: its JPEG, and when it was there, in milliseconds since the start. */
export type TimedPicture = { readonly atMs: number; readonly jpeg: Uint8Array };

/** Element ids (RFC 9559, section 5; those of the EBML head: RFC 8794, section 11.2). */
const ID = {
  ebml: [0x1a, 0x45, 0xdf, 0xa3],
  ebmlVersion: [0x42, 0x86],
  ebmlReadVersion: [0x42, 0xf7],
  ebmlMaxIdLength: [0x42, 0xf2],
  ebmlMaxSizeLength: [0x42, 0xf3],
  docType: [0x42, 0x82],
  docTypeVersion: [0x42, 0x87],
  docTypeReadVersion: [0x42, 0x85],
  segment: [0x18, 0x53, 0x80, 0x67],
  info: [0x15, 0x49, 0xa9, 0x66],
  timestampScale: [0x2a, 0xd7, 0xb1],
  duration: [0x44, 0x89],
  muxingApp: [0x4d, 0x80],
  writingApp: [0x57, 0x41],
  tracks: [0x16, 0x54, 0xae, 0x6b],
  trackEntry: [0xae],
  trackNumber: [0xd7],
  trackUid: [0x73, 0xc5],
  trackType: [0x83],
  flagLacing: [0x9c],
  language: [0x22, 0xb5, 0x9c],
  codecId: [0x86],
  video: [0xe0],
  pixelWidth: [0xb0],
  pixelHeight: [0xba],
  cluster: [0x1f, 0x43, 0xb6, 0x75],
  timestamp: [0xe7],
  blockGroup: [0xa0],
  block: [0xa1],
  blockDuration: [0x9b],
} as const;

/** A size of all ones: the segment goes on to the end of the file, however long that is. */
const UNKNOWN_SIZE = Uint8Array.of(0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
const A_MILLISECOND_NS = 1_000_000;
const VIDEO = 1;
const TRACK = 1;
/** A block's time is a signed 16-bit number of milliseconds after its cluster's. */
export const LONGEST_CLUSTER_MS = 32_767;

/**
 * The head of a Matroska file with one track of JPEGs (`V_MJPEG`), to be followed by clusters. `lengthMs`: how long the whole is. `size`: of the pictures;
 * of those of another size, decoders go by what the JPEG says.
 */
export function matroskaHead(lengthMs: number, { width, height }: PixelSize): Uint8Array<ArrayBuffer> {
  const head = element(ID.ebml, [
    number(ID.ebmlVersion, 1),
    number(ID.ebmlReadVersion, 1),
    number(ID.ebmlMaxIdLength, 4),
    number(ID.ebmlMaxSizeLength, 8),
    text(ID.docType, 'matroska'),
    number(ID.docTypeVersion, 4),
    number(ID.docTypeReadVersion, 2),
  ]);
  const info = element(ID.info, [
    number(ID.timestampScale, A_MILLISECOND_NS),
    element(ID.duration, [float(lengthMs)]),
    text(ID.muxingApp, 'wheelhouse'),
    text(ID.writingApp, 'wheelhouse'),
  ]);
  const track = element(ID.trackEntry, [
    number(ID.trackNumber, TRACK),
    number(ID.trackUid, TRACK),
    number(ID.trackType, VIDEO),
    number(ID.flagLacing, 0),
    text(ID.language, 'und'),
    text(ID.codecId, 'V_MJPEG'),
    element(ID.video, [number(ID.pixelWidth, width), number(ID.pixelHeight, height)]),
  ]);
  return joined([head, Uint8Array.from(ID.segment), UNKNOWN_SIZE, info, element(ID.tracks, [track])]);
}

/**
 * Pictures as a cluster, each shown for `eachMs`: what comes between two pictures is a gap. They stand in the order of their times, and lie within
 * `LONGEST_CLUSTER_MS`; throws RangeError where they do not.
 */
export function matroskaCluster(pictures: readonly TimedPicture[], eachMs: number): Uint8Array<ArrayBuffer> {
  const fromMs = pictures[0]?.atMs ?? 0;
  const blocks = pictures.map(({ atMs, jpeg }) => {
    const after = atMs - fromMs;
    if (after < 0 || after > LONGEST_CLUSTER_MS) throw new RangeError(`a picture lies ${after} ms after its cluster's start`);
    // The track's number as a variable-size integer, the time, no flags.
    const head = Uint8Array.of(0x80 | TRACK, after >> 8, after & 0xff, 0);
    return element(ID.blockGroup, [element(ID.block, [head, jpeg]), number(ID.blockDuration, eachMs)]);
  });
  return element(ID.cluster, [number(ID.timestamp, fromMs), ...blocks]);
}

function element(id: readonly number[], parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return joined([Uint8Array.from(id), sizeOf(length), ...parts]);
}

/** A size in eight bytes, the first of which says that there are eight. */
function sizeOf(length: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, (1n << 56n) | BigInt(length));
  return bytes;
}

function number(id: readonly number[], value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  const first = bytes.findIndex((byte) => byte !== 0);
  return element(id, [bytes.subarray(first < 0 ? 7 : first)]);
}

function text(id: readonly number[], value: string): Uint8Array {
  return element(id, [new TextEncoder().encode(value)]);
}

function float(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
