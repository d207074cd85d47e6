import { describe, expect, it } from 'vitest';
import { decideBreakGlass, type GlassBreaking } from './decide-break-glass.ts';
import { decideSeat, type SeatAct } from './decide-seat.ts';
import { levelCeiling } from './level-ceiling.ts';
import { powersHeld } from './powers-held.ts';
import { isRefusal } from './refusal.ts';
import { DAY, HOUR, OPENED, sampleCharter } from './sample-charter.fixture.ts';
import { representativeAt, seatAt, type SeatEvent } from './seat-history.ts';

const charter = sampleCharter();

function after(...acts: readonly (readonly [number, string, SeatAct])[]): { events: readonly SeatEvent[]; refused: string | null } {
  let events: readonly SeatEvent[] = [];
  let refused: string | null = null;
  for (const [at, seat, act] of acts) {
    const answer = decideSeat(charter, events, { seat, at, act });
    if (isRefusal(answer)) refused = answer.refused;
    else events = [...events, ...answer];
  }
  return { events, refused };
}

const announce = (to: string, effectiveAt: number, by = 'ann'): SeatAct => ({ type: 'announce_handover', by, to, effectiveAt });
const accept: SeatAct = { type: 'accept_handover', by: 'bob' };
const who = (events: readonly SeatEvent[], seat: string, at: number) =>
  representativeAt(charter, { seatEvents: events, absences: [] }, seat, at);

describe('a planned handover', () => {
  it('passes the seat at its time to the alternate who accepted', () => {
    const { events } = after([OPENED, 'ops-1', announce('bob', OPENED + 7 * DAY)], [OPENED + DAY, 'ops-1', accept]);
    expect([OPENED + 7 * DAY - 1, OPENED + 7 * DAY].map((at) => who(events, 'ops-1', at))).toEqual(['ann', 'bob']);
  });

  it('leaves the former holder as the first to stand in while it overlaps, and no longer', () => {
    const { events } = after([OPENED, 'ops-1', announce('bob', OPENED + 7 * DAY)], [OPENED + DAY, 'ops-1', accept]);
    const standsIn = (at: number) =>
      representativeAt(charter, { seatEvents: events, absences: [{ person: 'bob', from: 0, until: Infinity }] }, 'ops-1', at);
    expect([OPENED + 9 * DAY - 1, OPENED + 9 * DAY].map(standsIn)).toEqual(['ann', 'fay']);
    const left = after(
      [OPENED, 'ops-1', announce('bob', OPENED + 7 * DAY)],
      [OPENED + DAY, 'ops-1', accept],
      [OPENED + 8 * DAY, 'ops-1', { type: 'step_down', by: 'ann' }],
    );
    expect(left.refused).toBeNull();
    expect(seatAt(charter, left.events, 'ops-1', OPENED + 8 * DAY)?.outgoing).toBeNull();
  });

  it('lapses when nobody accepts, and can be called off', () => {
    const { events } = after([OPENED, 'ops-1', announce('bob', OPENED + 7 * DAY)]);
    expect(who(events, 'ops-1', OPENED + 8 * DAY)).toBe('ann');
    const off = after([OPENED, 'ops-1', announce('bob', OPENED + 7 * DAY)], [OPENED, 'ops-1', { type: 'cancel_handover', by: 'bob' }]);
    expect(off.refused).toBeNull();
    expect(after([OPENED, 'ops-1', announce('bob', OPENED + 7 * DAY)], [OPENED + 7 * DAY, 'ops-1', accept]).refused).toBe('conflict');
  });

  it.each([
    ['before its notice', announce('bob', OPENED + 7 * DAY - 1), 'conflict'],
    ['to somebody who is no alternate', announce('eve', OPENED + 7 * DAY), 'forbidden'],
    ['by somebody who does not hold the seat', announce('bob', OPENED + 7 * DAY, 'cem'), 'forbidden'],
  ])('is refused %s', (_, act, refused) => {
    expect(after([OPENED, 'ops-1', act]).refused).toBe(refused);
  });

  it('is accepted by the successor alone', () => {
    const acts = [OPENED, 'ops-1', announce('bob', OPENED + 7 * DAY)] as const;
    expect(after(acts, [OPENED, 'ops-1', { type: 'accept_handover', by: 'fay' }]).refused).toBe('forbidden');
  });
});

describe('a vacancy', () => {
  it('lets the alternates step in, in their order, at once', () => {
    const { events } = after(
      [OPENED, 'ops-1', { type: 'step_down', by: 'ann' }],
      [OPENED + HOUR, 'ops-1', { type: 'step_down', by: 'bob' }],
    );
    expect([OPENED - 1, OPENED, OPENED + HOUR].map((at) => who(events, 'ops-1', at))).toEqual(['ann', 'bob', 'fay']);
    const recalled = [{ type: 'recalled', seat: 'ops-2', at: OPENED }] as const;
    expect(who(recalled, 'ops-2', OPENED)).toBe('cem');
  });

  it('follows the end of a term', () => {
    expect([OPENED, OPENED + DAY].map((at) => who([], 'safety-2', at))).toEqual(['cem', 'eve']);
  });
});

describe('who held which power', () => {
  it('is told with its gaps and overlaps', () => {
    const gone = after([OPENED, 'ops-2', { type: 'step_down', by: 'bob' }], [OPENED + HOUR, 'ops-2', { type: 'step_down', by: 'cem' }]);
    const held = powersHeld(charter, { seatEvents: gone.events, absences: [] }, { from: OPENED - HOUR, until: OPENED + 2 * DAY });
    const release = held.find(({ power }) => power === 'latch.release');
    expect(release?.gaps).toEqual([{ seat: 'ops-2', person: null, from: OPENED + HOUR, until: OPENED + 2 * DAY }]);
    expect(release?.overlaps).toEqual([
      { person: 'ann', seats: ['ops-1', 'safety-1'], from: OPENED - HOUR, until: OPENED + 2 * DAY },
      { person: 'cem', seats: ['ops-2', 'safety-2'], from: OPENED, until: OPENED + HOUR },
    ]);
    expect(release?.tenures.filter(({ seat }) => seat === 'safety-2')).toEqual([
      { seat: 'safety-2', person: 'cem', from: OPENED - HOUR, until: OPENED + DAY },
      { seat: 'safety-2', person: 'eve', from: OPENED + DAY, until: OPENED + 2 * DAY },
    ]);
  });
});

describe('the level ceiling', () => {
  it('drops while too few people represent a body, and while a review is overdue', () => {
    const facts = { seatEvents: [], absences: [], overdueReviews: [] };
    expect(levelCeiling(charter, facts, OPENED)).toEqual({ level: 5, because: [] });
    const away = (person: string) => ({ person, from: OPENED, until: OPENED + DAY });
    const absences = ['bob', 'cem', 'fay', 'eve'].map(away);
    expect(levelCeiling(charter, { ...facts, absences }, OPENED)).toEqual({
      level: 2,
      because: ['Operations has 1 of the 2 people it needs: level 2 at most'],
    });
    expect(levelCeiling(charter, { ...facts, overdueReviews: ['latch.release'] }, OPENED).level).toBe(1);
  });
});

describe('break glass', () => {
  const facts = { seatEvents: [], absences: [], now: OPENED, suspendedSeats: [] };
  const by = (...users: readonly (readonly [string, string])[]): GlassBreaking => ({
    power: 'latch.release',
    by: users.map(([person, seat]) => ({ person, seat, stepUp: true })),
    reason: 'callers wait',
    practice: false,
  });

  it('takes its people, ends by itself, and names everyone who was passed over', () => {
    expect(decideBreakGlass(charter, by(['ann', 'ops-1'], ['bob', 'ops-2']), facts)).toMatchObject([
      { type: 'glass_broken', endsAt: OPENED + HOUR, reviewDueAt: OPENED + 3 * DAY, skipped: ['fay', 'cem'] },
    ]);
  });

  it('is refused to fewer people, other seats, others than represent them, without signature or reason, and while suspended', () => {
    const two = by(['ann', 'ops-1'], ['bob', 'ops-2']);
    const refusals = [
      decideBreakGlass(charter, by(['ann', 'ops-1'], ['ann', 'safety-1']), facts),
      decideBreakGlass(charter, by(['ann', 'ops-1'], ['fay', 'ops-3']), facts),
      decideBreakGlass(charter, by(['ann', 'ops-1'], ['cem', 'ops-2']), facts),
      decideBreakGlass(charter, { ...two, by: two.by.map((user) => ({ ...user, stepUp: false })) }, facts),
      decideBreakGlass(charter, { ...two, reason: ' ' }, facts),
      decideBreakGlass(charter, { ...two, power: 'key.rotate' }, facts),
      decideBreakGlass(charter, two, { ...facts, suspendedSeats: ['ops-2'] }),
    ];
    expect(refusals.map((answer) => isRefusal(answer) && answer.refused)).toEqual([
      'forbidden',
      'forbidden',
      'forbidden',
      'forbidden',
      'malformed',
      'forbidden',
      'forbidden',
    ]);
  });
});
