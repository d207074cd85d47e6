import { cutOff } from './upstream-cut.ts';
import { replayOf, withoutKeys } from './upstream-history.ts';
import { fullMeter } from './upstream-meter.ts';
import { sessionOf } from './upstream-session.ts';
import { wasHeard } from './upstream-sound.ts';
import { change, say, trouble, type UpstreamDraft, type UpstreamLink } from './upstream-state.ts';

/** Ticks that each step of opening may take: ten seconds. */
const STEP_TICKS = 50;
/** Ticks before the next attempt, by attempts in a row that failed: 0.4 s to 30 s. */
const BACK_OFF = [2, 5, 10, 25, 50, 150] as const;
/** A connection that has stood for so long is no failure when it breaks. */
const SOUND_AFTER = 25;
/** Audio kept for an upstream that is not there yet: five seconds. */
const MOST_WAITING = 25;

/** Time passes on the way to a connection. */
export function awaitLink(draft: UpstreamDraft): void {
  const { link, now, failures } = draft.state;
  switch (link.phase) {
    case 'away':
      if (now < link.until) return;
      change(draft, { link: { phase: 'connecting', since: now } });
      draft.link = 'open';
      return;
    case 'connecting':
      if (now - link.since > STEP_TICKS) loseLink(draft, 'no connection came about within 10 s');
      return;
    case 'greeting':
      if (now - link.since > STEP_TICKS) loseLink(draft, 'it did not begin a session (session.created) within 10 s');
      return;
    case 'configuring':
      if (now - link.since > STEP_TICKS) loseLink(draft, 'it did not take the settings (session.updated) within 10 s');
      return;
    case 'ready':
      if (failures > 0 && now - link.since > SOUND_AFTER) change(draft, { failures: 0 });
      return;
  }
}

/** The connection stands. */
export function linkOpened(draft: UpstreamDraft): void {
  if (draft.state.link.phase === 'connecting') move(draft, 'greeting');
}

/** The upstream has begun a session: it is told what it is to be. */
export function linkGreeted(draft: UpstreamDraft): void {
  if (draft.state.link.phase !== 'greeting') return;
  move(draft, 'configuring');
  configure(draft);
}

export function configure(draft: UpstreamDraft): void {
  say(draft, 'config', { type: 'session.update', session: sessionOf(draft.state) });
}

/** The upstream is what it was asked to be: it is told of everything so far, and the audio that waits. */
export function linkConfigured(draft: UpstreamDraft): void {
  if (draft.state.link.phase !== 'configuring') return;
  move(draft, 'ready');
  // The ids of the connection before mean nothing to this one. Until now they were good for what the client still had to say of what it heard.
  change(draft, { history: withoutKeys(draft.state.history), lastCut: [] });
  for (const item of replayOf(draft.state.history)) say(draft, 'item', { type: 'conversation.item.create', item });
  for (const audio of draft.state.waiting) draft.send.push({ type: 'input_audio_buffer.append', audio });
  if (draft.state.isAwayTold) trouble(draft, 'back', 'it is back, and was told the conversation so far');
  change(draft, { waiting: [], isAwayTold: false });
}

/** The person's audio of one tick. */
export function sendAudio(draft: UpstreamDraft, audio: string): void {
  if (draft.state.link.phase === 'ready') draft.send.push({ type: 'input_audio_buffer.append', audio });
  else change(draft, { waiting: [...draft.state.waiting, audio].slice(-MOST_WAITING) });
}

/**
 * The connection is gone, or is given up. What it was saying is cut off for good; the conversation as it was heard stays, for the next. The
 * operator is told once until it is back.
 */
export function loseLink(draft: UpstreamDraft, why: string): void {
  const { state } = draft;
  if (state.link.phase === 'away') return;
  const isUnanswered = state.owed > 0 || (state.responses.length > 0 && !state.responses.some(({ items }) => items.some(wasHeard)));
  cutOff(draft, { cancels: false });
  const failures = state.failures + 1;
  const wait = BACK_OFF[Math.min(failures, BACK_OFF.length) - 1] ?? 150;
  if (!draft.state.isAwayTold) draft.troubles.push(`upstream: ${why}; the engine is silent until it is back`);
  // Nothing can be said to it any more; what was to be is in the history.
  draft.send.length = 0;
  change(draft, {
    link: { phase: 'away', until: state.now + wait + (state.seed % (1 + Math.ceil(wait / 2))) },
    failures,
    isAwayTold: true,
    hasSpoken: false,
    isAsked: state.isAsked || isUnanswered,
    owed: 0,
    refusals: 0,
    answersUntil: -1,
    doomed: { count: 0, until: -1 },
    ending: [],
    over: [],
    isSpeaking: false,
    utterances: [],
    meter: fullMeter,
    heard: [...draft.state.heard, ...takenBack(draft)],
  });
  draft.link = 'drop';
}

/** What was shown of an utterance that will never be complete is taken as it is. */
function takenBack({ state }: UpstreamDraft) {
  return state.utterances
    .filter(({ isFinal, text }) => !isFinal && text !== '')
    .map(({ number, text }) => ({ utterance: number, text, final: true }));
}

function move(draft: UpstreamDraft, phase: Exclude<UpstreamLink['phase'], 'away'>): void {
  change(draft, { link: { phase, since: draft.state.now } });
}
