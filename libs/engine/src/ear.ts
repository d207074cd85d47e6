/** Windows are 32 ms (WINDOW_SAMPLES of voice-activity.ts). A probability above this begins speech. */
const BEGINS_ABOVE = 0.5;
/** Once begun, speech goes on above this: the model dips inside words. */
const GOES_ON_ABOVE = 0.35;
/** Voiced windows in a row that make an onset: one alone is a click. */
const ONSET_WINDOWS = 2;
/** Voiced windows after which it is surely speech, 224 ms: a cough or a knock is shorter, even with the model's afterglow. */
const CONFIRM_WINDOWS = 7;
/** Silence inside a sound that is not confirmed yet after which its count starts again, 192 ms: two coughs are no word. */
const FORGET_WINDOWS = 6;
/** Silence that ends an utterance, 608 ms. A pause for thought of 500 ms stays inside. */
const END_WINDOWS = 19;
/** The longest utterance, 20 s: what is heard in one piece must stay bounded. */
const MOST_WINDOWS = 625;

/** What one session's ear is doing. Window numbers count from the start of the session. */
export type Ear =
  | { readonly phase: 'quiet'; readonly run: number }
  | {
      readonly phase: 'hearing';
      /** The first voiced window. */
      readonly from: number;
      /** The window after the last voiced one. */
      readonly until: number;
      /** Voiced windows counted towards confirmation. */
      readonly voiced: number;
      readonly confirmed: boolean;
    };

/** What a window brought about: `confirmed` it is speech; `ended` a confirmed utterance is over; `dismissed` it was a noise. */
export type EarEvent = 'confirmed' | 'ended' | 'dismissed';

export const initialEar: Ear = { phase: 'quiet', run: 0 };

/** Takes the probability of speech in window number `window` (each number once, in order). Pure. */
export function hearWindow(ear: Ear, window: number, probability: number): { ear: Ear; event: EarEvent | null } {
  if (ear.phase === 'quiet') {
    if (probability <= BEGINS_ABOVE) return { ear: initialEar, event: null };
    const run = ear.run + 1;
    if (run < ONSET_WINDOWS) return { ear: { phase: 'quiet', run }, event: null };
    return { ear: { phase: 'hearing', from: window - run + 1, until: window + 1, voiced: run, confirmed: false }, event: null };
  }
  const isVoiced = probability > GOES_ON_ABOVE;
  const until = isVoiced ? window + 1 : ear.until;
  const silence = window + 1 - until;
  if (silence >= END_WINDOWS || window + 1 - ear.from >= MOST_WINDOWS)
    return { ear: initialEar, event: ear.confirmed ? 'ended' : 'dismissed' };
  const voiced = isVoiced ? ear.voiced + 1 : silence >= FORGET_WINDOWS && !ear.confirmed ? 0 : ear.voiced;
  const confirmed = ear.confirmed || voiced >= CONFIRM_WINDOWS;
  return { ear: { ...ear, until, voiced, confirmed }, event: confirmed && !ear.confirmed ? 'confirmed' : null };
}
