import { cutOff } from './upstream-cut.ts';
import type { UpstreamEvent } from './upstream-events.ts';
import { forget, remember, userText } from './upstream-history.ts';
import { ANSWERS_WITHIN } from './upstream-input.ts';
import { change, trouble, type UpstreamDraft, type Utterance } from './upstream-state.ts';

type Event<T extends UpstreamEvent['type']> = Extract<UpstreamEvent, { type: T }>;

const MOST_UTTERANCES = 32;
const LONGEST_UTTERANCE = 4_000;
/** Of what was understood, so much may wait to be told. */
const MOST_HEARD = 64;

/** The person has the floor: what the upstream was saying is over, and it has cut it off by itself. */
export function personSpeaks(draft: UpstreamDraft, { item_id }: Event<'input_audio_buffer.speech_started'>): void {
  cutOff(draft, { cancels: false });
  if (typeof item_id === 'string') announce(draft, item_id);
  change(draft, { isSpeaking: true, doomed: { count: 0, until: -1 } });
}

export function personCommitted(draft: UpstreamDraft, { item_id }: Event<'input_audio_buffer.committed'>): void {
  announce(draft, item_id);
  const { state } = draft;
  const isHeld = state.history.some(({ key }) => key === item_id);
  change(draft, {
    isSpeaking: false,
    answersUntil: state.now + ANSWERS_WITHIN,
    history: isHeld ? state.history : remember(state.history, { key: item_id, item: null }),
  });
}

export function personHeard(
  draft: UpstreamDraft,
  event: Event<
    | 'conversation.item.input_audio_transcription.delta'
    | 'conversation.item.input_audio_transcription.completed'
    | 'conversation.item.input_audio_transcription.failed'
  >,
): void {
  const utterance = draft.state.utterances.find(({ item }) => item === event.item_id);
  if (utterance === undefined || utterance.isFinal) {
    trouble(draft, 'heard', 'it transcribed speech that it never announced, or that it had transcribed before; it is not passed on');
    return;
  }
  switch (event.type) {
    case 'conversation.item.input_audio_transcription.delta':
      tell(draft, { ...utterance, text: `${utterance.text}${event.delta ?? ''}`.slice(0, LONGEST_UTTERANCE) });
      return;
    case 'conversation.item.input_audio_transcription.completed': {
      const text = event.transcript.trim().slice(0, LONGEST_UTTERANCE);
      const { history } = draft.state;
      tell(draft, { ...utterance, text, isFinal: true });
      const key = event.item_id;
      change(draft, { history: text === '' ? forget(history, key) : remember(history, { key, item: userText(text) }) });
      return;
    }
    case 'conversation.item.input_audio_transcription.failed':
      trouble(draft, 'transcription', `it could not write down what was said: ${event.error?.message ?? 'it gave no reason'}`);
      change(draft, { history: forget(draft.state.history, event.item_id) });
      tell(draft, { ...utterance, text: '', isFinal: true });
      return;
  }
}

function announce(draft: UpstreamDraft, item: string): void {
  const { utterances, utteranceCount } = draft.state;
  if (utterances.some((one) => one.item === item)) return;
  const utterance: Utterance = { item, number: utteranceCount, text: '', isFinal: false };
  change(draft, { utterances: [...utterances, utterance].slice(-MOST_UTTERANCES), utteranceCount: utteranceCount + 1 });
}

/** A later word on an utterance takes the place of one that was not told yet. Nothing shown and nothing understood is no news. */
function tell(draft: UpstreamDraft, utterance: Utterance): void {
  const { state } = draft;
  const before = state.utterances.find(({ item }) => item === utterance.item);
  const news = { utterance: utterance.number, text: utterance.text, final: utterance.isFinal };
  const others = state.heard.filter((one) => one.utterance !== utterance.number || one.final);
  const isNews = utterance.text !== '' || (before?.text ?? '') !== '';
  change(draft, {
    utterances: state.utterances.map((one) => (one.item === utterance.item ? utterance : one)),
    heard: isNews ? [...others, news].slice(-MOST_HEARD) : state.heard,
  });
}
