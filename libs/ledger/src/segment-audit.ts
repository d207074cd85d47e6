import { equalBytes } from './bytes.ts';
import type { FindingSink } from './findings.ts';
import type { Sha256 } from './primitives.ts';
import type { Holes, SegmentEvidence, SessionEvidence } from './session-evidence.ts';
import { genesisHead, verifySegment } from './tick-chain.ts';

export type SegmentCode =
  | 'session_unknown'
  | 'session_reopened'
  | 'session_after_end'
  | 'ticks_missing'
  | 'ticks_lost'
  | 'ticks_repeated'
  | 'segment_length'
  | 'chain_broken'
  | 'head_differs'
  | 'output_gap'
  | 'output_backwards';

type SessionState = {
  head: Uint8Array;
  nextTick: number;
  lastOut: number | undefined;
  ended: boolean;
  evidenced: number;
  /** The holes before its last entry; -1 while nothing of it has been seen. */
  holes: number;
  /** Whether its chain was followed from its opening without a hole in it. */
  whole: boolean;
};

/** Follows each session's chain of ticks. One object for a whole ledger; memory grows with the number of sessions. */
export type SegmentAudit = {
  readonly sessions: Map<string, SessionState>;
  readonly findings: FindingSink<SegmentCode>;
  readonly sha256: Sha256;
  readonly holes: Holes;
};

type Opened = Extract<SessionEvidence, { kind: 'session.opened' }>;
type Attached = Extract<SessionEvidence, { kind: 'session.attached' }>;
type Ended = Extract<SessionEvidence, { kind: 'session.ended' }>;

export function sessionOpened(audit: SegmentAudit, index: number, { session }: Opened): void {
  if (audit.sessions.has(session)) {
    audit.findings.add({ code: 'session_reopened', index, session, message: `Session ${session} is opened a second time.` });
    return;
  }
  audit.sessions.set(session, newSession(session, audit));
}

/** A session goes on, after a crash perhaps: that its ticks were lost is noted, and which. */
export function sessionAttached(audit: SegmentAudit, index: number, evidence: Attached): void {
  const { session, fromTick, lost } = evidence;
  const state = running(audit, index, session);
  const excused = Math.min(lost, Math.max(0, fromTick - state.nextTick));
  if (lost > 0) audit.findings.add({ severity: 'note', ...lostTicks(index, session, [state.nextTick, excused], lost) });
  // What left during lost ticks is not known, so the next segment may begin with any number.
  if (lost > 0 || fromTick > state.nextTick) state.lastOut = undefined;
  state.nextTick += excused;
  follow(audit, index, { session, fromTick, previous: evidence.previous });
}

function lostTicks(index: number, session: string, [from, gap]: readonly [number, number], lost: number) {
  const upTo = `a crash took the evidence of up to ${lost} ${lost === 1 ? 'tick' : 'ticks'}`;
  if (gap === 0) return { code: 'ticks_lost', index, session, message: `Session ${session}: ${upTo} before tick ${from}.` } as const;
  const to = from + gap - 1;
  return { ...ticks('ticks_lost', index, session, [from, to]), message: `Session ${session}: ${upTo}; ${inWords(from, to)} none.` };
}

export function sessionSegment(audit: SegmentAudit, index: number, segment: SegmentEvidence): void {
  const { session, fromTick, toTick } = segment;
  const state = running(audit, index, session);
  // What cannot be seen since then may have set the numbers going from elsewhere.
  if (hidden(audit, state)) state.lastOut = undefined;
  follow(audit, index, segment);
  const add = (code: SegmentCode, message: string): void => {
    audit.findings.add({
      ...ticks(code, index, session, [fromTick, toTick]),
      message: `Session ${session}, ticks ${fromTick} to ${toTick}: ${message}`,
    });
  };
  if (segment.ticks.length !== toTick - fromTick + 1)
    add('segment_length', `${segment.ticks.length} digests for ${toTick - fromTick + 1} ticks.`);
  const verdict = verifySegment({ previousHead: segment.previous, ticks: segment.ticks, head: segment.head }, audit.sha256);
  if (!verdict.ok) add('head_differs', verdict.message);
  if (segment.outLast < segment.outFirst) add('output_backwards', `output went back from #${segment.outFirst} to #${segment.outLast}.`);
  if (state.lastOut !== undefined && state.lastOut !== segment.outFirst)
    add('output_gap', `output begins after #${segment.outFirst}, but the segment before ended with #${state.lastOut}.`);
  // Go on from what the segment claims, so that one fault is one finding.
  state.head = segment.head;
  state.nextTick = Math.max(fromTick, toTick + 1);
  state.lastOut = segment.outLast;
  state.evidenced += segment.ticks.length;
}

export function sessionEnded(audit: SegmentAudit, index: number, { session, lastTick, head }: Ended): void {
  const state = running(audit, index, session);
  follow(audit, index, { session, fromTick: lastTick + 1, previous: head });
  state.ended = true;
}

function running(audit: SegmentAudit, index: number, session: string): SessionState {
  const known = audit.sessions.get(session);
  if (known?.ended === true)
    audit.findings.add({ code: 'session_after_end', index, session, message: `Session ${session} goes on after its end.` });
  if (known !== undefined) return known;
  if (audit.holes.count === 0)
    audit.findings.add({ code: 'session_unknown', index, session, message: `Session ${session} was never opened.` });
  const state = newSession(session, audit);
  if (audit.holes.count > 0) [state.holes, state.whole] = [-1, false];
  audit.sessions.set(session, state);
  return state;
}

function newSession(session: string, { sha256, holes }: SegmentAudit): SessionState {
  const empty = { nextTick: 0, lastOut: undefined, ended: false, evidenced: 0 };
  return { head: genesisHead(session, sha256), ...empty, holes: holes.count, whole: true };
}

/** Whether something that is not shown may belong to the session since its last entry. */
function hidden(audit: SegmentAudit, state: SessionState): boolean {
  return audit.holes.count > state.holes;
}

type Onward = { readonly session: string; readonly fromTick: number; readonly previous: Uint8Array };

/** Holds where an entry goes on against where the session was. Over ticks that may only not be shown it goes on as it says. */
function follow(audit: SegmentAudit, index: number, onward: Onward): void {
  const state = audit.sessions.get(onward.session);
  if (state === undefined) return;
  if (hidden(audit, state) && onward.fromTick > state.nextTick) {
    state.nextTick = onward.fromTick;
    state.head = onward.previous;
    state.lastOut = undefined;
    state.whole = false;
  } else {
    followTick(audit, index, onward);
    followHead(audit, index, onward);
  }
  state.holes = audit.holes.count;
}

function followTick(audit: SegmentAudit, index: number, { session, fromTick }: Onward): void {
  const state = audit.sessions.get(session);
  if (state === undefined || fromTick === state.nextTick) return;
  if (fromTick > state.nextTick)
    audit.findings.add({
      ...ticks('ticks_missing', index, session, [state.nextTick, fromTick - 1]),
      message: `Session ${session}: ${inWords(state.nextTick, fromTick - 1)} no evidence.`,
    });
  else
    audit.findings.add({
      ...ticks('ticks_repeated', index, session, [fromTick, state.nextTick - 1]),
      message: `Session ${session}: ${inWords(fromTick, state.nextTick - 1)} evidence twice.`,
    });
  state.nextTick = fromTick;
}

function followHead(audit: SegmentAudit, index: number, { session, previous }: Onward): void {
  const state = audit.sessions.get(session);
  if (state === undefined || equalBytes(state.head, previous)) return;
  audit.findings.add({
    code: 'chain_broken',
    index,
    session,
    fromTick: state.nextTick,
    message: `Session ${session}: what goes on at tick ${state.nextTick} does not follow from the chain before it.`,
  });
  state.head = previous;
}

function ticks(code: SegmentCode, index: number, session: string, [fromTick, toTick]: readonly [number, number]) {
  return { code, index, session, fromTick, toTick };
}

function inWords(from: number, to: number): string {
  return from === to ? `tick ${from} has` : `ticks ${from} to ${to} have`;
}
