import { equalBytes, utf8 } from './bytes.ts';
import { LedgerError } from './ledger-error.ts';
import { refuse } from './primitives.ts';
import type { Sha256, Verdict } from './primitives.ts';
import { HASH_BYTES, isCount, requireHash } from './tree-hash.ts';

/** What happened in one tick of a session. The digests are SHA-256 (32 bytes) of what came in, what the engine produced, and what left. */
export type TickEvidence = {
  readonly tick: number;
  readonly input: Uint8Array;
  readonly produced: Uint8Array;
  readonly left: Uint8Array;
  /** The checkpoints' answer: 1 to 31 printable ASCII characters, `allow` for example. */
  readonly verdict: string;
  /** The gate's word that the last frame of the tick was judged by: 32 bits, signed or not. */
  readonly gateWord: number;
  /** Sequence number of the last engine frame that has left so far. */
  readonly outSequence: number;
  /** 32 bits; their meaning is the session's. */
  readonly flags: number;
};

/**
 * Bytes of a tick's evidence as it is hashed. Three blocks of SHA-256, whatever the tick held. Numbers are big-endian.
 *
 * | offset | bytes | field                                          |
 * | -----: | ----: | ---------------------------------------------- |
 * |      0 |    16 | `wheelhouse.tick1`: domain and version         |
 * |     16 |     8 | tick                                           |
 * |     24 |     8 | outSequence                                    |
 * |     32 |     4 | gateWord                                       |
 * |     36 |     4 | flags                                          |
 * |     40 |     1 | length of the verdict                          |
 * |     41 |    31 | verdict in ASCII, then zeros                   |
 * |     72 |    32 | digest of what came in                         |
 * |    104 |    32 | digest of what the engine produced             |
 * |    136 |    32 | digest of what left                            |
 */
export const TICK_EVIDENCE_BYTES = 168;

const VERDICT_BYTES = 31;
const TICK_DOMAIN = utf8('wheelhouse.tick1');
const LINK_DOMAIN = utf8('wheelhouse.link1');
const GENESIS_DOMAIN = utf8('wheelhouse.open1');

/**
 * The digest of a tick: one hash over a buffer of fixed size. Give the same `scratch` (TICK_EVIDENCE_BYTES) each time and nothing is allocated
 * for it. Throws `bad_tick_evidence` for what the layout cannot hold.
 */
export function tickDigest(evidence: TickEvidence, sha256: Sha256, scratch: Uint8Array = new Uint8Array(TICK_EVIDENCE_BYTES)): Uint8Array {
  if (scratch.length !== TICK_EVIDENCE_BYTES)
    throw new LedgerError('bad_tick_evidence', `The scratch buffer has ${TICK_EVIDENCE_BYTES} bytes.`);
  const view = new DataView(scratch.buffer, scratch.byteOffset, TICK_EVIDENCE_BYTES);
  scratch.set(TICK_DOMAIN, 0);
  writeCount(view, 16, evidence.tick);
  writeCount(view, 24, evidence.outSequence);
  writeWord(view, 32, evidence.gateWord);
  writeWord(view, 36, evidence.flags);
  writeVerdict(scratch, evidence.verdict);
  writeDigest(scratch, 72, evidence.input);
  writeDigest(scratch, 104, evidence.produced);
  writeDigest(scratch, 136, evidence.left);
  return sha256(scratch);
}

/** Where a session's chain begins: SHA-256(`wheelhouse.open1` || session id in UTF-8). A chain cannot be passed off as another session's. */
export function genesisHead(sessionId: string, sha256: Sha256): Uint8Array {
  const id = utf8(sessionId);
  const buffer = new Uint8Array(GENESIS_DOMAIN.length + id.length);
  buffer.set(GENESIS_DOMAIN, 0);
  buffer.set(id, GENESIS_DOMAIN.length);
  return sha256(buffer);
}

/** The next head: SHA-256(`wheelhouse.link1` || previous head || tick digest). */
export function chainStep(previousHead: Uint8Array, digest: Uint8Array, sha256: Sha256): Uint8Array {
  requireHash(previousHead);
  requireHash(digest);
  const buffer = new Uint8Array(LINK_DOMAIN.length + 2 * HASH_BYTES);
  buffer.set(LINK_DOMAIN, 0);
  buffer.set(previousHead, LINK_DOMAIN.length);
  buffer.set(digest, LINK_DOMAIN.length + HASH_BYTES);
  return sha256(buffer);
}

/** A stretch of a chain: the head before it, its ticks' digests in order, and the head that it claims to lead to. */
export type Segment = { readonly previousHead: Uint8Array; readonly ticks: readonly Uint8Array[]; readonly head: Uint8Array };

export type SegmentFault = 'empty_segment' | 'bad_hash_length' | 'head_mismatch';

/** Whether the digests lead from the one head to the other. */
export function verifySegment(segment: Segment, sha256: Sha256): Verdict<SegmentFault> {
  const { previousHead, ticks, head } = segment;
  if (ticks.length === 0) return refuse('empty_segment', 'The segment has no ticks.');
  if ([previousHead, head, ...ticks].some((hash) => hash.length !== HASH_BYTES))
    return refuse('bad_hash_length', `A head or digest does not have ${HASH_BYTES} bytes.`);
  const computed = ticks.reduce((at, digest) => chainStep(at, digest, sha256), previousHead);
  return equalBytes(computed, head) ? { ok: true } : refuse('head_mismatch', 'The ticks do not lead to the head.');
}

function writeCount(view: DataView, offset: number, count: number): void {
  if (!isCount(count)) throw new LedgerError('bad_tick_evidence', `${count} is not a whole number from 0 to 2^53 - 1.`);
  // Two halves instead of a BigInt: this runs for every tick of every session.
  view.setUint32(offset, Math.floor(count / 2 ** 32));
  view.setUint32(offset + 4, count % 2 ** 32);
}

function writeWord(view: DataView, offset: number, word: number): void {
  if (!Number.isInteger(word) || word < -(2 ** 31) || word >= 2 ** 32)
    throw new LedgerError('bad_tick_evidence', `${word} has not 32 bits.`);
  view.setUint32(offset, word);
}

function writeVerdict(scratch: Uint8Array, verdict: string): void {
  if (!/^[\x20-\x7e]{1,31}$/.test(verdict))
    throw new LedgerError('bad_tick_evidence', `A verdict has 1 to ${VERDICT_BYTES} printable ASCII characters.`);
  scratch[40] = verdict.length;
  for (let i = 0; i < VERDICT_BYTES; i += 1) scratch[41 + i] = i < verdict.length ? verdict.charCodeAt(i) : 0;
}

function writeDigest(scratch: Uint8Array, offset: number, digest: Uint8Array): void {
  if (digest.length !== HASH_BYTES) throw new LedgerError('bad_tick_evidence', `A digest has ${HASH_BYTES} bytes, not ${digest.length}.`);
  scratch.set(digest, offset);
}
