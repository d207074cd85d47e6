import type { Gate, HandOver } from '@wheelhouse/gate/gate';
import type { Sha256 } from '@wheelhouse/ledger/primitives';
import type { TickExtra } from '@wheelhouse/protocol/engine-tick';
import type { FrameKind } from '@wheelhouse/protocol/frame';
import type { ScanRequest } from '@wheelhouse/protocol/signals';
import type { GateEvent } from '@wheelhouse/protocol/stream-event';
import { TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import type { ToolCall } from '@wheelhouse/protocol/tool-call';
import type { Marker } from '@wheelhouse/watermark/marker';
import { type Drafts, noDrafts } from './draft.ts';
import { type Evidence, startEvidence, type Segment, type TickRecord } from './evidence.ts';
import type { HeldOutput } from './held-output.ts';
import type { InputWords } from './input-part.ts';
import { emptyInbox, type Inbox } from './inbox.ts';
import { type InputCheckpoint, newInput, type ShownPicture } from './input-checkpoint.ts';
import { newCheckpoint, type OutputCheckpoint } from './output-checkpoint.ts';
import { NEW_TURN, type Turn } from './turn.ts';
import { type Decided, NO_POLICY, type TickPolicy } from './tick-policy.ts';

/** What is said to the client when a checkpoint cuts the engine off. Sound at 16 kHz; empty where it can't be spoken. */
export type SafeUtterance = { readonly text: string; readonly audio: Int16Array };
export const NOTHING_TO_SAY: SafeUtterance = { text: '', audio: new Int16Array(0) };

/** A session's ticks on a stream thread. Owned and changed by the functions of `tick.ts` alone. */
export type SessionTicks = {
  readonly session: string;
  readonly gate: Gate;
  readonly inbox: Inbox;
  readonly whispers: string[];
  /** What was typed and shown since the last tick, as it came in. */
  readonly arrived: Uint8Array[];
  /** What does not come with every tick, gathered for the next; null: nothing. */
  extra: Partial<TickExtra> | null;
  readonly audio: Int16Array;
  readonly evidence: Evidence;
  /** The rules of the epoch that runs. */
  policy: TickPolicy;
  safe: SafeUtterance;
  /** Marks sound as made by a machine where policy asks for it; null: nothing does, and such sound does not leave. */
  marker: Marker | null;
  readonly input: InputCheckpoint;
  readonly output: OutputCheckpoint;
  readonly drafts: Drafts;
  /** What detectors were asked and have not answered, by the number of the question. */
  readonly scans: Map<number, { readonly of: 'said' | 'heard' | 'typed'; readonly tick: number }>;
  /** What the gate itself has to say yet, a tick at a time. */
  readonly voice: Int16Array[];
  /** The engine was told to be silent for the gate's voice, and has not said that it yields: when it does, that is its answer, and no person's floor. */
  hushing: boolean;
  /** Samples of the engine's sound since its turn began: how many it made, and how many of them really left. */
  turn: Turn;
  /** How many orders had landed when what plays now began to. */
  cuts: number;
  /** What the client was told last of each checkpoint, so that it is not told the same with every tick. */
  readonly told: Map<string, string>;
  /** The tick that runs now; null before the first. */
  record: TickRecord | null;
  answered: boolean;
  nextTick: number;
  levelIn: number;
  levelOut: number;
};

export function startTicks(session: string, gate: Gate, at: { tick: number; head: Uint8Array }): SessionTicks {
  return {
    ...{ session, gate, inbox: emptyInbox(), whispers: [], arrived: [], extra: null, audio: new Int16Array(TICK_SAMPLES) },
    evidence: startEvidence(session, { ...at, sequence: gate.lastSequence }),
    ...{ policy: NO_POLICY, safe: NOTHING_TO_SAY, marker: null, input: newInput(), output: newCheckpoint(), drafts: noDrafts() },
    ...{
      scans: new Map(),
      voice: [],
      hushing: false,
      turn: NEW_TURN,
      cuts: gate.cuts,
      told: new Map(),
      record: null,
      answered: true,
      nextTick: at.tick,
      levelIn: 0,
      levelOut: 0,
    },
  };
}

/** Encodes and hands a frame to the socket: see `HandOver`. `sequence` is the frame's number. */
export type FrameSink = (kind: FrameKind, payload: Uint8Array, tick: number) => HandOver;

/** How a tick reaches the world. */
export type Way = {
  readonly sink: FrameSink;
  /** A frame of the gate's own voice. */
  readonly say: (kind: FrameKind, payload: Uint8Array, tick: number) => void;
  /** Asks the detectors; returns the number of the question, under which `takeScan` brings the answer. */
  readonly scan: (ask: Omit<ScanRequest, 'id' | 'session'>) => number;
  readonly sha256: Sha256;
  /** An id for the action under which a human decides (a random UUID). */
  readonly newAction: () => string;
};
export type Now = { readonly clock: number; readonly leased: boolean };

/** One frame of an answer on its way out, and whether it left. */
export type Outgoing = { readonly kind: FrameKind; readonly payload: Uint8Array; readonly left: boolean };

/** An output that the checkpoint has judged and, where it may, the gate. `audio` is the sound as it left. */
export type LeftOutput = { readonly output: HeldOutput; readonly frames: readonly Outgoing[]; readonly yielded: boolean };

/** Something that waits for a human. */
export type HumanAsk =
  | { readonly what: 'tool'; readonly action: string; readonly call: ToolCall; readonly decided: Decided }
  | { readonly what: 'output'; readonly draft: number; readonly text: string }
  | (InputWords & { readonly what: 'input' });

/** What came of a step of a tick, for the caller to carry on. */
export type TickOutcome = {
  /** The answer came late and was dropped: by so many ticks. */
  late: number | null;
  readonly left: LeftOutput[];
  /** Sound of the gate's own that was said. */
  readonly spoken: Int16Array[];
  readonly decided: Decided[];
  /** Pictures whose checkpoint came in the tick that opened. */
  readonly shown: ShownPicture[];
  readonly notices: GateEvent[];
  readonly asks: HumanAsk[];
  segment: Segment | null;
};

export function newOutcome(): TickOutcome {
  return { late: null, left: [], spoken: [], decided: [], shown: [], notices: [], asks: [], segment: null };
}
