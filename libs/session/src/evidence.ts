import { concatBytes } from '@wheelhouse/ledger/bytes';
import type { Sha256 } from '@wheelhouse/ledger/primitives';
import { chainStep, tickDigest } from '@wheelhouse/ledger/tick-chain';
import { FRAME_KINDS, type FrameKind } from '@wheelhouse/protocol/frame';
import type { Verdict } from '@wheelhouse/protocol/policy';

/** Ticks in a segment of evidence: one second. */
export const SEGMENT_TICKS = 5;

/** Bits of a tick's `flags`: the engine's answer came late and was dropped; the engine gave none; the right to emit was not held. */
export const LATE_ANSWER = 1;
export const NO_ANSWER = 2;
export const NOT_LEASED = 4;

/** One second of a session's ticks, ready for the ledger. Heads and digests are SHA-256. `out` numbers the frames that left. */
export type Segment = {
  readonly session: string;
  readonly fromTick: number;
  readonly toTick: number;
  readonly previous: Uint8Array;
  readonly ticks: readonly Uint8Array[];
  readonly head: Uint8Array;
  readonly out: { readonly first: number; readonly last: number };
  readonly withheld: number;
  readonly late: number;
};

/** The growing evidence of a session: the chain's head and the segment that is not full yet. */
export type Evidence = {
  readonly session: string;
  head: Uint8Array;
  previous: Uint8Array;
  fromTick: number;
  digests: Uint8Array[];
  firstOut: number;
  withheld: number;
  late: number;
};

export function startEvidence(session: string, at: { tick: number; head: Uint8Array; sequence: number }): Evidence {
  return { session, head: at.head, previous: at.head, fromTick: at.tick, digests: [], firstOut: at.sequence, withheld: 0, late: 0 };
}

/** What a tick did, collected while it ran. Frame digests are SHA-256 of the payloads. */
export type TickRecord = {
  tick: number;
  input: Uint8Array;
  produced: FrameDigest[];
  left: FrameDigest[];
  gateWord: number;
  flags: number;
  /** Frames of the engine's that did not leave. */
  withheld: number;
  /** The strictest verdict of each checkpoint. */
  inputVerdict: Verdict;
  outputVerdict: Verdict;
};
/** `human`: a human's frame, not the engine's. */
export type FrameDigest = { readonly kind: FrameKind; readonly digest: Uint8Array; readonly human?: true };

/** Set in the byte that says a frame's kind, where it was a human's. */
const HUMAN_KIND = 0x80;

/**
 * Digest of some frames in order: SHA-256 over (kind, digest of the payload) of each. The kind is one byte, as in a frame's header; a human's frames have
 * its highest bit set. Of none: SHA-256 of nothing.
 */
export function framesDigest(frames: readonly FrameDigest[], sha256: Sha256): Uint8Array {
  return sha256(
    concatBytes(
      frames.flatMap(({ kind, digest, human }) => [
        Uint8Array.of((FRAME_KINDS.indexOf(kind) + 1) | (human === true ? HUMAN_KIND : 0)),
        digest,
      ]),
    ),
  );
}

/** Adds a finished tick to the chain. Returns a segment when a second is full. */
export function addTick(evidence: Evidence, record: TickRecord, sequence: number, sha256: Sha256): Segment | null {
  const produced = framesDigest(record.produced, sha256);
  const same = record.left.length === record.produced.length && record.left.every(isAt(record.produced));
  const digest = tickDigest(
    {
      tick: record.tick,
      input: record.input,
      produced,
      left: same ? produced : framesDigest(record.left, sha256),
      verdict: verdictOf(record),
      gateWord: record.gateWord,
      outSequence: sequence,
      flags: record.flags,
    },
    sha256,
  );
  evidence.head = chainStep(evidence.head, digest, sha256);
  evidence.digests.push(digest);
  evidence.withheld += record.withheld;
  if ((record.flags & LATE_ANSWER) !== 0) evidence.late += 1;
  return evidence.digests.length < SEGMENT_TICKS ? null : closeSegment(evidence, sequence);
}

/** What the checkpoints and the gate said, as the evidence has it: `allow/redact/passed`, for example. */
export function verdictOf({
  inputVerdict,
  outputVerdict,
  withheld,
}: Pick<TickRecord, 'inputVerdict' | 'outputVerdict' | 'withheld'>): string {
  return `${inputVerdict}/${outputVerdict}/${withheld === 0 ? 'passed' : 'withheld'}`;
}

function isAt(produced: readonly FrameDigest[]): (left: FrameDigest, at: number) => boolean {
  return (left, at) => left === produced[at];
}

/** The ticks since the last segment as one, when the session pauses or ends; null when there are none. */
export function closeSegment(evidence: Evidence, sequence: number): Segment | null {
  if (evidence.digests.length === 0) return null;
  const { session, fromTick, previous, digests, head, firstOut, withheld, late } = evidence;
  const toTick = fromTick + digests.length - 1;
  evidence.previous = head;
  evidence.fromTick = toTick + 1;
  evidence.digests = [];
  evidence.firstOut = sequence;
  evidence.withheld = 0;
  evidence.late = 0;
  return { session, fromTick, toTick, previous, ticks: digests, head, out: { first: firstOut, last: sequence }, withheld, late };
}
