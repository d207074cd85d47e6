import { describe, expect, it } from 'vitest';
import { sessionsKey, type Press, type SessionsKey } from './keys.ts';

function press(key: string, more: Partial<Press> = {}): SessionsKey | null {
  return sessionsKey({ key, ctrlKey: false, metaKey: false, altKey: false, repeat: false, typing: false, ...more });
}

describe('the keys of the Sessions page', () => {
  const TABLE: readonly [string, SessionsKey | null][] = [
    ['j', 'next'],
    ['ArrowDown', 'next'],
    ['k', 'previous'],
    ['ArrowUp', 'previous'],
    ['s', 'stop'],
    ['S', 'stop'],
    ['h', 'hold'],
    ['m', 'mute'],
    ['t', 'take_over'],
    ['l', 'level'],
    ['r', 'release'],
    ['/', 'filter'],
    ['?', 'keys'],
    ['Escape', 'leave'],
    ['x', null],
    ['Enter', null],
  ];
  it.each(TABLE)('%s means %s', (key, meaning) => {
    expect(press(key)).toBe(meaning);
  });

  it('leaves the browser its own shortcuts: Ctrl+S saves, it does not stop', () => {
    expect(press('s', { ctrlKey: true })).toBeNull();
    expect(press('r', { metaKey: true })).toBeNull();
    expect(press('m', { altKey: true })).toBeNull();
  });

  it('takes letters as text while someone types, and Escape as a way out', () => {
    expect(press('s', { typing: true })).toBeNull();
    expect(press('ArrowDown', { typing: true })).toBeNull();
    expect(press('Escape', { typing: true })).toBe('leave');
  });

  it('gives one order for a key held down, and moves on for as long as it is held', () => {
    expect(press('s', { repeat: true })).toBeNull();
    expect(press('j', { repeat: true })).toBe('next');
  });
});
