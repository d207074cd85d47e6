import { describe, expect, it } from 'vitest';
import { withLine, type SpokenLine } from './transcript.ts';

type Piece = Omit<SpokenLine, 'key'>;

function heard(utterance: number, text: string, final = false): Piece {
  return { who: 'heard', utterance, text, final, left: true };
}

function said(text: string, left = true): Piece {
  return { who: 'said', utterance: 0, text, final: false, left };
}

function texts(...pieces: Piece[]): string[] {
  return pieces.reduce<readonly SpokenLine[]>(withLine, []).map((line) => `${line.who}: ${line.text}`);
}

describe('the transcript', () => {
  it('replaces what was heard while it is still being understood', () => {
    expect(texts(heard(1, 'Please'), heard(1, 'Please refund'), heard(1, 'Please refund forty.', true))).toEqual([
      'heard: Please refund forty.',
    ]);
  });

  it('replaces it in its place when the engine has begun to speak over it', () => {
    expect(texts(heard(1, 'Hi'), said('Hello'), heard(1, 'Hi there', true), said('you.'))).toEqual(['heard: Hi there', 'said: Hello you.']);
  });

  it('joins words as they are said, with one space and none before a full stop', () => {
    expect(texts(said('You'), said('said '), said('fifty'), said('.'))).toEqual(['said: You said fifty.']);
  });

  it('begins a new line after the person spoke', () => {
    expect(texts(said('One.'), heard(2, 'No'), said('Two.'))).toEqual(['said: One.', 'heard: No', 'said: Two.']);
  });

  it('keeps withheld words apart from those that left', () => {
    expect(texts(said('You said'), said('fifty', false))).toEqual(['said: You said', 'said: fifty']);
  });

  it('gives every line a key of its own and keeps it while the line grows', () => {
    const lines = [heard(1, 'a'), said('b'), heard(1, 'ab'), said('c'), heard(2, 'd')].reduce<readonly SpokenLine[]>(withLine, []);
    expect(lines.map((line) => line.key)).toEqual([1, 2, 3]);
  });

  it('keeps the newest of a very long talk', () => {
    const lines = Array.from({ length: 1000 }, (_, i) => heard(i, String(i))).reduce<readonly SpokenLine[]>(withLine, []);
    expect(lines.length).toBeLessThanOrEqual(400);
    expect(lines.at(-1)?.text).toBe('999');
  });
});
