import type { CharterFile, PowerId } from '@wheelhouse/protocol/charter';
import fc from 'fast-check';

/** A small world, so that seats, terms and reporting lines meet often. */
const NAMES = ['ann', 'bob', 'cem', 'dan', 'eve', 'fay'];
const BODIES = ['ops', 'safety', 'board'];
const OTHERS: readonly PowerId[] = ['latch.release', 'record.export', 'seat.recall', 'policy.change'];
/** Terms before, around and after the analysis's moment, some of which never run at the same time. */
const TERMS = [
  undefined,
  { from: '2026-01-01', until: '2027-01-01' },
  { from: '2027-01-01', until: '2028-01-01' },
  { from: '2026-06-01', until: '2027-06-01' },
  { from: '2020-01-01', until: '2021-01-01' },
] as const;

/** The moment from which small charters are analysed. */
export const FROM_TEXT = '2026-03-01';

const anySeat = fc.record({
  body: fc.nat(2),
  holder: fc.option(fc.nat(5), { freq: 6 }),
  alternates: fc.array(fc.nat(5), { maxLength: 2 }),
  term: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.nat(4) }),
});

const anyRule = fc.record({ votes: fc.nat(3), bodies: fc.nat(2), from: fc.integer({ min: 1, max: 7 }), line: fc.boolean() });

/** Small charters without faults: 3 to `most` people, 2 to 4 seats, 2 to 4 powers besides the review of break glass. */
export function anyCharterFile(most: number): fc.Arbitrary<CharterFile> {
  return fc
    .record({
      people: fc.integer({ min: 3, max: most }),
      managers: fc.array(fc.option(fc.nat(5)), { minLength: 6, maxLength: 6 }),
      bodies: fc.integer({ min: 1, max: 3 }),
      seats: fc.array(anySeat, { minLength: 2, maxLength: 4 }),
      rules: fc.array(anyRule, { minLength: 6, maxLength: 6 }),
      seatChange: fc.boolean(),
      others: fc.uniqueArray(fc.constantFrom(...OTHERS), { minLength: 1, maxLength: 2 }),
      delegation: fc.boolean(),
      glass: fc.option(fc.record({ seats: fc.integer({ min: 1, max: 15 }), people: fc.nat(2) })),
    })
    .map(smallCharter);
}

type Raw = {
  people: number;
  managers: (number | null)[];
  bodies: number;
  seats: { body: number; holder: number | null; alternates: number[]; term: number }[];
  rules: { votes: number; bodies: number; from: number; line: boolean }[];
  seatChange: boolean;
  others: PowerId[];
  delegation: boolean;
  glass: { seats: number; people: number } | null;
};

function smallCharter(raw: Raw): CharterFile {
  const names = NAMES.slice(0, raw.people);
  const nameAt = (i: number) => names[i % names.length] ?? 'ann';
  // Appointments multiply the states that the brute-force model walks through; three seats keep it in seconds.
  const drawn = raw.seatChange ? raw.seats.slice(0, 3) : raw.seats;
  const seats = drawn.map(({ body, holder, alternates, term }, i) => {
    const held = holder === null ? undefined : nameAt(holder);
    const others = [...new Set(alternates.map(nameAt))].filter((name) => name !== held);
    // The first seats go to one body each, so that no body is without.
    const of = BODIES[(i < raw.bodies ? i : body) % raw.bodies] ?? 'ops';
    const terms = held === undefined ? undefined : TERMS[term];
    return {
      body: of,
      alternates: others,
      ...(held === undefined ? {} : { holder: held }),
      ...(terms === undefined ? {} : { term: terms }),
    };
  });
  const seated = [...new Set(seats.map(({ body }) => body))];
  const glass = raw.glass !== null && raw.others.includes('latch.release') ? raw.glass : null;
  const powers: PowerId[] = ['charter.amend', ...(raw.seatChange ? (['seat.change'] as const) : []), ...raw.others];
  const listed = glass === null ? powers : [...powers, 'break_glass.review' as const];
  const glassSeats = seats.flatMap((_, i) => ((((glass?.seats ?? 0) >> i) & 1) === 1 ? [`s${i}`] : []));
  const broken = glassSeats.length === 0 ? ['s0'] : glassSeats;
  return {
    version: 1,
    people: Object.fromEntries(names.map((name, i) => [name, managerOf(raw.managers[i] ?? null, i, nameAt)])),
    bodies: Object.fromEntries(seated.map((body) => [body, {}])),
    seats: Object.fromEntries(seats.map((seat, i) => [`s${i}`, seat])),
    powers: Object.fromEntries(listed.map((id, i) => [id, ruleOf(raw.rules[i], seats, seated)])),
    alternates: { onAbsence: true },
    delegation: { allowed: raw.delegation },
    handover: { notice: '0s', overlap: '0s' },
    breakGlass:
      glass === null
        ? {}
        : {
            'latch.release': {
              seats: broken,
              people: 1 + (glass.people % broken.length),
              timeBox: '1h',
              reviewWithin: '1d',
              overdueCeiling: 1,
            },
          },
  };
}

/** People report only to those before them, so that nobody reports to themselves. */
function managerOf(manager: number | null, i: number, nameAt: (i: number) => string): { manager?: string } {
  return manager === null || i === 0 ? {} : { manager: nameAt(manager % i) };
}

function ruleOf(raw: Raw['rules'][number] | undefined, seats: readonly { body: string }[], seated: readonly string[]) {
  const { votes, bodies, from, line } = raw ?? { votes: 0, bodies: 0, from: 1, line: false };
  const chosen = seated.filter((_, i) => ((from >> i) & 1) === 1);
  const bodiesFrom = chosen.length === 0 ? seated.slice(0, 1) : chosen;
  const most = seats.filter(({ body }) => bodiesFrom.includes(body)).length;
  const count = 1 + (votes % most);
  return {
    quorum: { votes: count, bodies: 1 + (bodies % Math.min(count, bodiesFrom.length)), from: bodiesFrom },
    exclude: line ? ['reporting_line' as const] : [],
    veto: { bodies: [], seats: [] },
    notice: '0s',
    voteWithin: '1d',
    executeWithin: '1d',
    stepUp: true,
    training: false,
  };
}
