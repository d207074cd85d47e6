import type { TickExtra } from '@wheelhouse/protocol/engine-tick';
import { cutOff, heardOnly } from './upstream-cut.ts';
import { assistantText, systemText, userText } from './upstream-history.ts';
import { configure, sendAudio } from './upstream-link.ts';
import { addItem, change, isReady, say, trouble, type UpstreamDraft, type UpstreamState } from './upstream-state.ts';

/** What reached the session in one tick, as it goes to an upstream: audio is PCM16 at 24 kHz in base64, the image a JPEG in base64. */
export type UpstreamTick = {
  readonly tick: number;
  readonly audio: string;
  readonly texts: readonly string[];
  readonly whispers: readonly string[];
  readonly image?: string;
  readonly extra?: TickExtra;
};

/** Ticks in which a response that was asked for before a cut may still be announced. */
const DOOMED_TICKS = 15;
/** Ticks after what the person said in which an upstream begins to answer by itself. */
export const ANSWERS_WITHIN = 5;
const MOST_REFUSALS = 3;

const GUIDANCE =
  'Guidance from a human supervisor of this conversation. The person you talk to does not hear it; follow it and do not mention it: ';

export function takeInput(draft: UpstreamDraft, { audio, texts, whispers, image, extra }: UpstreamTick): void {
  if (extra !== undefined) takeExtra(draft, extra);
  sendAudio(draft, audio);
  if (image !== undefined) showImage(draft, image);
  for (const text of whispers) addItem(draft, systemText(GUIDANCE + text));
  for (const text of texts) addItem(draft, userText(text));
  if (texts.length > 0 && (draft.state.config?.answers ?? true)) change(draft, { isAsked: true, refusals: 0 });
}

function takeExtra(draft: UpstreamDraft, { config, results, hush, respond, said, heardMs }: TickExtra): void {
  if (config !== undefined) {
    change(draft, { config });
    if (isReady(draft.state)) configure(draft);
  }
  if (hush) silence(draft);
  if (heardMs !== undefined) heardOnly(draft, heardMs);
  for (const { who, text } of said) addItem(draft, who === 'person' ? userText(text) : assistantText(text));
  for (const { call, output } of results) addItem(draft, { type: 'function_call_output', call_id: call, output });
  if (respond || results.length > 0) change(draft, { isAsked: true, refusals: 0 });
}

/** Told to be silent: what was asked for and is not announced yet will not be said either. */
function silence(draft: UpstreamDraft): void {
  cutOff(draft, { cancels: true });
  const { now, owed, answersUntil, doomed } = draft.state;
  const coming = owed + (now <= answersUntil ? 1 : 0);
  change(draft, {
    isAsked: false,
    owed: 0,
    answersUntil: -1,
    doomed: coming === 0 ? doomed : { count: coming + (now <= doomed.until ? doomed.count : 0), until: now + DOOMED_TICKS },
  });
}

function showImage(draft: UpstreamDraft, image: string): void {
  if (!isReady(draft.state)) {
    trouble(draft, 'image', 'what the person showed while it was away was not seen');
    return;
  }
  const content = [{ type: 'input_image' as const, image_url: `data:image/jpeg;base64,${image}` }];
  say(draft, 'item', { type: 'conversation.item.create', item: { type: 'message', role: 'user', content } });
}

/** Asks for a response as soon as none is under way: an upstream writes one at a time. */
export function askIfFree(draft: UpstreamDraft): void {
  const { state } = draft;
  if (!state.isAsked || !isReady(state) || isBusy(state) || state.refusals > MOST_REFUSALS) return;
  // What the person is saying this moment is meant as well.
  if (state.isSpeaking) say(draft, 'commit', { type: 'input_audio_buffer.commit' });
  say(draft, 'ask', { type: 'response.create' });
  change(draft, { isAsked: false, owed: draft.state.owed + 1, askedAt: draft.state.now, isSpeaking: false });
}

function isBusy({ owed, responses, ending, answersUntil, now, config }: UpstreamState): boolean {
  const mayAnswer = (config?.answers ?? true) && now <= answersUntil;
  return owed > 0 || mayAnswer || ending.length > 0 || responses.some(({ isDone }) => !isDone);
}
