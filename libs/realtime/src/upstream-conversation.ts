import { refuse } from './upstream-cut.ts';
import { purposeOf, type UpstreamClientEvent } from './upstream-client-events.ts';
import type { UpstreamEvent, UpstreamMessage } from './upstream-events.ts';
import { askIfFree, takeInput, type UpstreamTick } from './upstream-input.ts';
import { awaitLink, linkConfigured, linkGreeted, linkOpened, loseLink } from './upstream-link.ts';
import { isFlood, refillMeter, spend } from './upstream-meter.ts';
import { answerOf, type UpstreamAnswer } from './upstream-output.ts';
import { personCommitted, personHeard, personSpeaks } from './upstream-person.ts';
import { beginItem, beginResponse, endResponse, takeCall, takeItemEnd, takeSound, takeWords } from './upstream-responses.ts';
import { change, draftOf, isReady, type LinkAct, trouble, type UpstreamDraft, type UpstreamState } from './upstream-state.ts';

/** Ticks without anything of a response that is under way, or without the response that was asked for: ten seconds. */
const STALL_TICKS = 50;
/** Ticks in which an upstream that interrupts by itself ends its response, before it is told to: one second. */
const SELF_TICKS = 5;

/** What a step brings: for the upstream (in this order), for the operator, and for the socket (before anything is sent). */
export type UpstreamStep = {
  readonly state: UpstreamState;
  readonly send: readonly UpstreamClientEvent[];
  readonly troubles: readonly string[];
  readonly link: LinkAct;
};

/** What the socket saw. `closed` also when a connection never came about. */
export type SocketEvent = { readonly type: 'opened' } | { readonly type: 'closed'; readonly why: string };

/** One tick: what goes to the upstream, and what goes out of what it has sent. Pure. */
export function takeTick(state: UpstreamState, input: UpstreamTick): UpstreamStep & { readonly answer: UpstreamAnswer } {
  const draft = draftOf(state);
  change(draft, { now: state.now + 1, meter: refillMeter(state.meter) });
  awaitLink(draft);
  takeInput(draft, input);
  awaitResponses(draft);
  askIfFree(draft);
  const answer = answerOf(draft, input.tick);
  return { ...draft, answer };
}

/** The connection came about, or is gone. Pure. */
export function takeSocket(state: UpstreamState, event: SocketEvent): UpstreamStep {
  const draft = draftOf(state);
  if (event.type === 'opened') linkOpened(draft);
  else loseLink(draft, event.why);
  return draft;
}

/** One message of the upstream, which was so many characters long. Pure. */
export function takeMessage(state: UpstreamState, message: UpstreamMessage, characters: number): UpstreamStep {
  const draft = draftOf(state);
  if (state.link.phase === 'away') return draft;
  change(draft, { meter: spend(state.meter, characters) });
  if (isFlood(draft.state.meter)) {
    loseLink(draft, 'it floods: far more events or sound than speech can need; the connection was cut');
    return draft;
  }
  if (message.type === 'garbage') trouble(draft, 'garbage', `it sent ${message.why}; it is not passed on`);
  if (message.type === 'event') takeEvent(draft, message.event);
  return draft;
}

/** One event of the upstream. Pure. */
export function takeServerEvent(state: UpstreamState, event: UpstreamEvent): UpstreamStep {
  return takeMessage(state, { type: 'event', event }, 0);
}

function takeEvent(draft: UpstreamDraft, event: UpstreamEvent): void {
  switch (event.type) {
    case 'error':
      takeError(draft, event);
      break;
    case 'session.created':
      linkGreeted(draft);
      break;
    case 'session.updated':
      takeSettings(draft, event);
      break;
    default:
      // Before the upstream is what it was asked to be, it has nothing to say.
      if (isReady(draft.state)) takeSpeech(draft, event);
      else trouble(draft, 'early', `it sent ${event.type} before it had taken its settings; it is not passed on`);
  }
  if (isReady(draft.state)) askIfFree(draft);
}

function takeSpeech(draft: UpstreamDraft, event: Exclude<UpstreamEvent, { type: 'error' | 'session.created' | 'session.updated' }>): void {
  switch (event.type) {
    case 'input_audio_buffer.speech_started':
      personSpeaks(draft, event);
      return;
    case 'input_audio_buffer.speech_stopped':
      return;
    case 'input_audio_buffer.committed':
      personCommitted(draft, event);
      return;
    case 'conversation.item.input_audio_transcription.delta':
    case 'conversation.item.input_audio_transcription.completed':
    case 'conversation.item.input_audio_transcription.failed':
      personHeard(draft, event);
      return;
    case 'response.created':
      beginResponse(draft, event);
      return;
    case 'response.done':
      endResponse(draft, event);
      return;
    case 'response.output_item.added':
      beginItem(draft, event);
      return;
    case 'response.output_audio.delta':
      takeSound(draft, event);
      return;
    case 'response.output_audio_transcript.delta':
    case 'response.output_text.delta':
      takeWords(draft, event);
      return;
    case 'response.output_audio.done':
    case 'response.output_audio_transcript.done':
    case 'response.output_text.done':
      takeItemEnd(draft, event);
      return;
    case 'response.function_call_arguments.done':
      takeCall(draft, event);
      return;
  }
}

/** The upstream's sound has to be what it was asked to be: anything else would be noise in the person's ear. */
function takeSettings(draft: UpstreamDraft, { session }: Extract<UpstreamEvent, { type: 'session.updated' }>): void {
  const format = session?.audio?.output?.format;
  const isOurs = format === null || format === undefined || (format.type === 'audio/pcm' && (format.rate ?? 24_000) === 24_000);
  if (isOurs) linkConfigured(draft);
  else loseLink(draft, `its sound is ${format.type ?? 'of no format'} at ${format.rate ?? 'no'} Hz, though PCM at 24,000 Hz was asked for`);
}

function takeError(draft: UpstreamDraft, { error }: Extract<UpstreamEvent, { type: 'error' }>): void {
  const words = error.message ?? error.code ?? 'it gave no reason';
  switch (purposeOf(error.event_id)) {
    case 'config':
      // A session that is not what was asked for is none: it might answer where it must not.
      if (draft.state.link.phase === 'configuring') loseLink(draft, `it refused the settings: ${words}`);
      else trouble(draft, 'config', `it refused new settings and keeps the old ones: ${words}`);
      return;
    case 'ask':
      refusedToAnswer(draft, words);
      return;
    case 'cancel':
    case 'delete':
      // It was over by itself, or the item was gone: what was wanted is so.
      return;
    case 'commit':
      // Nothing was said since the last commit: there is nothing to add.
      return;
    case 'truncate':
      trouble(draft, 'truncate', `its history may hold more than was heard: ${words}`);
      return;
    case 'item':
    case null:
      trouble(draft, 'error', `it reports an error: ${words}`);
      return;
  }
}

/** It would not begin a response: as a rule because another is under way, after which it is asked again. */
function refusedToAnswer(draft: UpstreamDraft, words: string): void {
  const { owed, doomed, refusals } = draft.state;
  if (owed === 0) {
    change(draft, { doomed: { ...doomed, count: Math.max(0, doomed.count - 1) } });
    return;
  }
  change(draft, { owed: owed - 1, refusals: refusals + 1, isAsked: true });
  if (refusals > 0) trouble(draft, 'ask', `it would not answer: ${words}`);
}

/** An upstream that leaves off in the middle is not waited for without end. */
function awaitResponses(draft: UpstreamDraft): void {
  const { now, owed, askedAt, responses } = draft.state;
  if (!isReady(draft.state)) return;
  const stalled = responses.some(({ isDone, lastEvent }) => !isDone && now - lastEvent > STALL_TICKS);
  const isSilent = owed > 0 && now - askedAt > STALL_TICKS;
  const isStuck = draft.state.ending.some(({ since }) => now - since > STALL_TICKS);
  if (stalled) loseLink(draft, 'it stalled: nothing of a response that it had begun came for 10 s, which was given up');
  else if (isSilent) loseLink(draft, 'it stalled: a response that was asked for did not begin within 10 s');
  else if (isStuck) loseLink(draft, 'it stalled: a response that was cut off was not ended within 10 s');
  else cancelWhatGoesOn(draft);
}

function cancelWhatGoesOn(draft: UpstreamDraft): void {
  const { now, ending } = draft.state;
  const late = ending.filter(({ isCancelled, since }) => !isCancelled && now - since > SELF_TICKS);
  if (late.length === 0) return;
  change(draft, { ending: ending.filter((one) => !late.includes(one)) });
  for (const one of late) {
    refuse(draft, { id: one.id, cancels: true, unheard: one.unheard });
    change(draft, { ending: draft.state.ending.map((each) => (each.id === one.id ? { ...each, since: one.since } : each)) });
  }
}
