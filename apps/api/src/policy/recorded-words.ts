import { setImmediate } from 'node:timers/promises';
import { RollingText } from '@wheelhouse/detect/rolling-text';
import type { StoredLine } from '@wheelhouse/protocol/content';
import type { Principal } from '@wheelhouse/protocol/identity';
import type { EntryOf } from '@wheelhouse/protocol/ledger-entry';
import type { PolicyRequest } from '@wheelhouse/protocol/policy';
import type { ReplayedRecordings } from '@wheelhouse/protocol/policy-view';
import { NO_SIGNALS } from '@wheelhouse/protocol/signals';
import type { ContentDesk } from '../content/content-desk.ts';
import { mayRead } from '../content/content-rights.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { Refusal } from '../problem/refusal.ts';
import { RequestCounter } from './request-counter.ts';

/** The newest sessions of a period that a replay reads; those before them are left out, and named. */
const MOST_SESSIONS = 200;
/** So many lines are read before others get their turn. */
const LINES_A_TURN = 500;

type Opened = EntryOf<'session.opened'>['data'];
type Read = Omit<ReplayedRecordings, 'comparison' | 'undecided'> & { readonly counter: RequestCounter };

/**
 * What stored transcripts of sessions opened from `since` up to, not including, `until` ask policy about, once detectors have read them anew: of each
 * line a request, at the level that the session was opened at. Reading one is reading content: it takes the right to, and enters the ledger.
 */
export async function recordedWords(
  parts: { readonly ledger: Ledger; readonly content: Pick<ContentDesk, 'transcript'> },
  by: Principal,
  { since, until }: { readonly since: number; readonly until: number },
): Promise<Read> {
  const opened = await transcribed(parts.ledger, since, until);
  const readable = opened.filter(({ tenant }) => mayRead(by, 'Transcript', tenant));
  const counter = new RequestCounter();
  const leftOut: ReplayedRecordings['leftOut'] = readable
    .slice(MOST_SESSIONS)
    .map(({ session }) => ({ session, problem: 'too_many' as const }));
  let sessions = 0;
  let lines = 0;
  for (const each of readable.slice(0, MOST_SESSIONS)) {
    try {
      const transcript = await parts.content.transcript(by, each.session);
      await count(each, transcript.lines, counter);
      sessions += 1;
      lines += transcript.lines.length;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      leftOut.push({ session: each.session, problem: error.problem.code });
    }
  }
  return { sessions, lines, leftOut, forbidden: opened.length - readable.length, counter };
}

/** Sessions of a time whose words are kept, the newest first. */
async function transcribed(ledger: Ledger, since: number, until: number): Promise<Opened[]> {
  const found: Opened[] = [];
  for await (const { entry } of ledger.read(['session.opened'])) {
    const at = Date.parse(entry.time);
    if (at >= since && at < until && entry.data.record?.what.includes('transcript') === true) found.push(entry.data);
  }
  return found.reverse();
}

async function count(opened: Opened, lines: readonly StoredLine[], counter: RequestCounter): Promise<void> {
  const texts = { heard: new RollingText(), said: new RollingText() };
  for (const [i, { who, tick, text }] of lines.entries()) {
    if (i % LINES_A_TURN === LINES_A_TURN - 1) await setImmediate();
    const { found } = texts[who].push(tick, text);
    counter.add(requestOf(opened, who, [...found]), 1);
  }
}

function requestOf(
  { session, tenant, deployment, model, level }: Opened,
  who: StoredLine['who'],
  found: (typeof NO_SIGNALS)['found'],
): PolicyRequest {
  return {
    checkpoint: who === 'heard' ? 'tick.input' : 'tick.output',
    principal: { kind: 'engine', id: model, role: 'engine', tenant },
    resource: { kind: 'session', id: session, tenant },
    context: { level, deployment, model, signals: { ...NO_SIGNALS, hasText: true, found } },
  };
}
