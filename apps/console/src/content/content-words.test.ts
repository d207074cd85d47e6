import type { ContentPiece } from '@wheelhouse/protocol/content';
import { describe, expect, it } from 'vitest';
import { fateInWords, lengthInWords, recordedInWords } from './content-words.ts';

function piece(state: ContentPiece['state']): ContentPiece {
  return {
    id: '7e0c5a0e-51a4-4e6d-9d3c-0d7e2c0b8a11',
    what: 'audio-in',
    fromMs: 0,
    toMs: 5000,
    digest: '',
    retention: 'regulated',
    retainUntil: '2026-11-20T00:00:00.000Z',
    state,
  };
}

const WHOLE = { pieces: [piece('kept')], holes: [], holds: [], lengthMs: 65_000 };

describe('a recording in words', () => {
  it('names what is recorded, and how long it is', () => {
    expect(recordedInWords(['transcript', 'audio'])).toBe('sound and words');
    expect(recordedInWords(['transcript'])).toBe('words');
    expect(recordedInWords(['video', 'transcript', 'audio'])).toBe('sound, words and video');
    expect([lengthInWords(4900), lengthInWords(65_000)]).toEqual(['5 s', '1 min 5 s']);
  });

  it('says nothing where there is nothing to know', () => {
    expect(fateInWords(WHOLE)).toEqual([]);
  });

  it('says what was erased, what has expired, what is missing and what keeps it', () => {
    expect(fateInWords({ ...WHOLE, pieces: [] }).join()).toMatch(/Nothing of it is stored yet/);
    expect(fateInWords({ ...WHOLE, pieces: [piece('erased')] }).join()).toMatch(/erased: the key of its data subject was destroyed/);
    expect(fateInWords({ ...WHOLE, pieces: [piece('expired')] }).join()).toMatch(/^Its time came on .*deleted/);
    expect(fateInWords({ ...WHOLE, pieces: [piece('expired'), piece('kept')] }).join()).toMatch(/^1 of 2 pieces/);
    expect(fateInWords({ ...WHOLE, holds: [''] })).toEqual(['A legal hold keeps it, whatever its time.']);
    const hole = { of: 'audio', track: 'in', fromMs: 0, toMs: 5000 } as const;
    expect(
      fateInWords({ ...WHOLE, holes: [hole, { of: 'audio', track: 'out', fromMs: 0, toMs: 65_000 }, { ...hole, of: 'video' }] }),
    ).toEqual(['Missing: the client from 0 s to 5 s; all of the engine; the video from 0 s to 5 s.']);
    expect(fateInWords({ ...WHOLE, holes: [hole, hole, hole, hole, hole] }).join()).toMatch(/; 2 more\.$/);
  });
});
