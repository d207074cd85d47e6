export type SessionsKey =
  'next' | 'previous' | 'first' | 'last' | 'stop' | 'hold' | 'mute' | 'take_over' | 'level' | 'release' | 'filter' | 'keys' | 'leave';

/** What was pressed, and where: `typing` when the focus is in a field that takes text. */
export type Press = {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly repeat: boolean;
  readonly typing: boolean;
};

const KEYS: ReadonlyMap<string, SessionsKey> = new Map([
  ['j', 'next'],
  ['arrowdown', 'next'],
  ['k', 'previous'],
  ['arrowup', 'previous'],
  ['home', 'first'],
  ['end', 'last'],
  ['s', 'stop'],
  ['h', 'hold'],
  ['m', 'mute'],
  ['t', 'take_over'],
  ['l', 'level'],
  ['r', 'release'],
  ['/', 'filter'],
  ['?', 'keys'],
  ['escape', 'leave'],
]);

/** For the page that `?` shows. */
export const KEY_WORDS: readonly (readonly [keys: string, what: string])[] = [
  ['j or ↓', 'next session'],
  ['k or ↑', 'previous session'],
  ['s', 'stop the selected session, at once'],
  ['h', 'hold it'],
  ['m', 'mute it'],
  ['t', 'take it over'],
  ['b, held', 'speak along in the session that you listen to'],
  ['l', 'lower its level'],
  ['r', 'ask for release of its newest latch'],
  ['/', 'filter'],
  ['Esc', 'leave a field or dialog'],
  ['?', 'these keys'],
];

/** What a key press means on the Sessions page; null when it means nothing here. Caps lock must not keep anyone from stopping. */
export function sessionsKey(press: Press): SessionsKey | null {
  if (press.ctrlKey || press.metaKey || press.altKey) return null;
  const key = KEYS.get(press.key.toLowerCase()) ?? null;
  if (press.typing) return key === 'leave' ? key : null;
  // A key held down gives one order, not thirty a second; moving on through the list is what holding is for.
  return press.repeat && key !== 'next' && key !== 'previous' ? null : key;
}

export function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return target.type !== 'radio' && target.type !== 'checkbox' && target.type !== 'button';
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}
