import type { MessagePort } from 'node:worker_threads';
import type { PictureSpan } from '@wheelhouse/content/picture-track';
import type { Span } from '@wheelhouse/content/track';
import type { Track } from '@wheelhouse/protocol/content';
import type { Segment } from '@wheelhouse/session/evidence';
import type { Tallied } from '@wheelhouse/policy/policy-memo';
import type { PolicyBundle } from '@wheelhouse/protocol/policy';
import type { HumanAsk, SafeUtterance } from '@wheelhouse/session/tick-state';
import type { DecidedReport } from './decided-tally.ts';
import type { HumanDecision } from './human-decision.ts';
import type { TlsIdentity } from '../tls.ts';
import type { ThreadAsk, ThreadTold } from './control-line.ts';
import type { GateEvent } from '@wheelhouse/protocol/stream-event';
import type { TranscriptLine } from '@wheelhouse/protocol/session';
import type { SuperviseFromThread, SuperviseToThread } from './supervise-messages.ts';

/** What a stream thread is started with. */
export type ThreadSetup = {
  readonly thread: number;
  readonly host: string;
  readonly port: number;
  readonly table: SharedArrayBuffer;
  readonly clockOrigin: number;
  readonly ticketKey: Uint8Array;
  readonly engineSocket: string;
  /** What it identifies itself with; null: it speaks plain HTTP. */
  readonly tls: TlsIdentity | null;
  /** The key of the mark on sound that policy wants known as a machine's. */
  readonly watermarkKey: Uint8Array;
  /** The policy in force when it starts; null: none, and nothing passes. */
  readonly policy: PolicyBundle | null;
  readonly safe: SafeUtterance;
  /** Its line to the detectors; null while there are none. */
  readonly guard: MessagePort | null;
};

/** What changes for one session; the gate word is in the table already when this is sent. */
export type Notice = {
  readonly slot: number;
  readonly session: string;
  readonly event: Extract<GateEvent, { type: 'flush' | 'released' | 'level' }>;
};

export type ToThread =
  /** What was decided since the last time, with counts, is wanted (`tallied`), or of no interest any more (`drop`). */
  | { readonly type: 'tally'; readonly drop: boolean }
  | { readonly type: 'policy'; readonly bundle: PolicyBundle | null }
  | { readonly type: 'guard'; readonly port: MessagePort }
  | { readonly type: 'human'; readonly slot: number; readonly session: string; readonly decision: HumanDecision }
  | SuperviseToThread
  | { readonly type: 'notices'; readonly notices: readonly Notice[] }
  | { readonly type: 'whisper'; readonly slot: number; readonly session: string; readonly text: string }
  | { readonly type: 'end'; readonly slot: number; readonly session: string; readonly reason: string }
  | { readonly type: 'told'; readonly id: number; readonly told: ThreadTold }
  | { readonly type: 'figures' }
  | { readonly type: 'stop'; readonly reason: string };

/** Where a session stood when its client went. */
export type Rest = { readonly tick: number; readonly sequence: number; readonly head: Uint8Array };

/** A stretch of a session's sound: what its client sent, or what of the engine's it heard. */
export type RecordedSpan = Span & { readonly track: Track };

/** How a stream thread fares, for `/v1/status`. Lateness of tick deadlines in milliseconds, since the last report. */
export type ThreadFigures = {
  readonly thread: number;
  readonly sessions: number;
  readonly ticks: number;
  readonly latenessMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly lateAnswers: number;
  readonly engineUp: boolean;
};

export type FromThread =
  | { readonly type: 'tallied'; readonly seen: readonly Tallied[] }
  | { readonly type: 'decided'; readonly decisions: readonly DecidedReport[] }
  | { readonly type: 'wanted'; readonly slot: number; readonly session: string; readonly asks: readonly HumanAsk[] }
  | SuperviseFromThread
  | { readonly type: 'listening'; readonly port: number }
  | { readonly type: 'attached'; readonly slot: number; readonly session: string; readonly tick: number }
  | { readonly type: 'segments'; readonly segments: readonly Segment[] }
  | { readonly type: 'detached'; readonly slot: number; readonly session: string; readonly rest: Rest; readonly ended: string | null }
  /** A session that a door opened for a client who went, or was refused, before it was attached. */
  | { readonly type: 'unattended'; readonly session: string; readonly reason: string }
  | { readonly type: 'transcript'; readonly lines: readonly TranscriptLine[] }
  | { readonly type: 'recorded'; readonly session: string; readonly spans: readonly RecordedSpan[] }
  | { readonly type: 'pictured'; readonly session: string; readonly spans: readonly PictureSpan[] }
  | { readonly type: 'figures'; readonly figures: ThreadFigures }
  | { readonly type: 'trouble'; readonly session: string | null; readonly code: string; readonly message: string }
  | { readonly type: 'ask'; readonly id: number; readonly ask: ThreadAsk }
  | { readonly type: 'stopped' };
