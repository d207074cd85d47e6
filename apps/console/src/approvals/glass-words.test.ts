import type { CharterView } from '@wheelhouse/protocol/charter-view';
import { describe, expect, it } from 'vitest';
import { breakables, emergencyOf } from './glass-words.ts';

const HOUR = 3_600_000;

function power(name: CharterView['powers'][number]['power'], seats: string[] | null): CharterView['powers'][number] {
  const breakGlass = seats === null ? null : { seats, people: 2, timeBoxMs: HOUR, reviewWithinMs: HOUR, overdueCeiling: 1 as const };
  const rest = { quorum: '', votes: 2, bodies: 1, from: [], excludes: [], vetoSeats: [], noticeMs: 0, voteWithinMs: 0, executeWithinMs: 0 };
  return { power: name, ...rest, breakGlass };
}

function seat(id: string, represented: string | null): CharterView['seats'][number] {
  return { id, body: 'safety', holder: 'ann', alternates: [], term: null, represented, handover: null };
}

describe('break glass', () => {
  it('is offered for the seats that one speaks for now, not for those that one only holds', () => {
    const seats = [seat('safety-1', 'ann'), seat('safety-2', 'bob'), seat('safety-3', null)];
    const powers = [
      power('latch.release', ['safety-1', 'safety-2', 'safety-3']),
      power('charter.amend', null),
      power('level.raise', ['safety-2']),
    ];
    expect(breakables({ powers, seats }, 'ann')).toEqual([
      { power: 'latch.release', people: 2, timeBoxMs: HOUR, seats: ['safety-1'] },
      { power: 'level.raise', people: 2, timeBoxMs: HOUR, seats: [] },
    ]);
  });

  it('has an act only for what can be put back by itself', () => {
    expect(breakables({ powers: [power('key.rotate', ['safety-1'])], seats: [seat('safety-1', 'ann')] }, 'ann')).toEqual([]);
    expect(emergencyOf({ order: 'a', kind: 'level' }).power).toBe('level.raise');
    expect(emergencyOf({ order: 'a', kind: 'stop' }).power).toBe('latch.release');
  });
});
