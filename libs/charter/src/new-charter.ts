import { instantText } from './instant.ts';

/** Who a new charter is for: at least three people, in the order in which seats are given out. `from` is when terms begin. */
export type Founding = { readonly people: readonly { readonly id: string; readonly name: string }[]; readonly from: number };

const TERM_MS = 730 * 86_400_000;

/** The fewest people that a charter without an indispensable person takes: a proposer and a vote, when any one of them is away. */
export const FEWEST_PEOPLE = 3;

/**
 * The text of a commented charter for these people, in YAML. Everyone holds one seat and is alternate for two others, so that nobody is
 * needed; quorums grow with the number of people. Throws for fewer than three people or for one who comes twice.
 */
export function newCharter({ people, from }: Founding): string {
  if (people.length < FEWEST_PEOPLE) throw new Error(`a charter takes at least ${FEWEST_PEOPLE} people`);
  if (new Set(people.map(({ id }) => id)).size < people.length) throw new Error('everyone needs an id of their own');
  const { low, high } = votesFor(people.length);
  const bodies = people.length >= 5 ? 2 : 1;
  return [
    HEAD,
    'people:',
    ...people.map(({ id, name }) => `  ${quoted(id)}: { name: ${quoted(name)} }`),
    '',
    ...bodiesText(bodies),
    '',
    ...seatsText(people, bodies, from),
    '',
    ...powersText({ low, high, bodies, safetySeats: Math.floor(people.length / 2), seats: people.length }),
    '',
    RULES,
    ...(low > 1 ? glassText(bodies) : []),
    '',
  ].join('\n');
}

/** Yes votes for everyday powers and for the rules themselves. With anyone away, the others are still a proposer and that many votes. */
function votesFor(people: number): { low: number; high: number } {
  const high = Math.min(people - 2, Math.floor(people / 2) + 1);
  return { low: Math.min(2, high), high };
}

const HEAD = `# The charter: who holds which seat, which powers exist, and how many people each takes.
# Check it after every change:  npx wheelhouse charter check FILE
#
# Lengths of time: 90s, 30m, 72h, 14d, 2w, or ISO 8601 (PT1H30M). A day is 24 hours. Dates are UTC.
version: 1

# Everyone who holds a seat or stands in for somebody. Ids are the ids of their accounts. Say who reports to whom
# (manager: ID) and exclude: [reporting_line] keeps a proposer's managers and reports from voting on the proposal.`;

const RULES = `# When a seat's holder declares an absence, or has not voted for four hours, its alternates step in, in their order. When nobody holds
# a seat, or its term is over, they stand for it at once.
alternates: { onAbsence: true, noAnswerAfter: 4h }

# Whoever represents a seat may let somebody else vote for it for a while; never the proposer, never onwards.
delegation: { allowed: false }

# Notice before a seat passes to one of its alternates, who has to accept. Anybody else takes seat.change. For two days after it the
# former holder still stands in for the new one.
handover: { notice: 7d, overlap: 2d }`;

const GLASS =
  '# An emergency act of fewer people than the quorum: it ends by itself, everybody skipped is told at once, and a quorum reviews it.';

/** A word as YAML: plain where that can't be read as anything else. */
function quoted(text: string): string {
  return /^[A-Za-z][A-Za-z0-9 -]*$/.test(text) && !/^(?:null|true|false)$/i.test(text) ? text : JSON.stringify(text);
}

function bodiesText(bodies: number): string[] {
  const lines = [
    '# Seats belong to bodies. While fewer people than the minimum represent a body, nothing runs above its ceiling (levels 1 to 5).',
    'bodies:',
    '  operations: { title: Operations, minimum: 2, ceiling: 2 }',
  ];
  return bodies > 1 ? [...lines, '  safety: { title: Safety, minimum: 2, ceiling: 2 }'] : lines;
}

/** Seats in turn for each body; alternates are the next two people, so that they come from the other body too. */
function seatsText(people: Founding['people'], bodies: number, from: number): string[] {
  const term = `{ from: ${instantText(from).slice(0, 10)}, until: ${instantText(from + TERM_MS).slice(0, 10)} }`;
  const lines = people.map(({ id }, i) => {
    const body = bodies > 1 && i % 2 === 1 ? 'safety' : 'operations';
    const number = Math.floor(i / bodies) + 1;
    const alternates = [1, 2].map((step) => quoted(people[(i + step) % people.length]?.id ?? ''));
    return `  ${body}-${number}: { body: ${body}, holder: ${quoted(id)}, alternates: [${alternates.join(', ')}], term: ${term} }`;
  });
  return [
    '# A seat outlives its holder: alternates stand in when the holder is away, has gone, or the term has ended.',
    'seats:',
    ...lines,
  ];
}

type Shape = { readonly low: number; readonly high: number; readonly bodies: number; readonly safetySeats: number; readonly seats: number };

function powersText(shape: Shape): string[] {
  const from = shape.bodies > 1 ? '[operations, safety]' : '[operations]';
  const power = (id: string, votes: number, rest: string) => {
    const bodies = shape.bodies > 1 && votes > 1 ? ', bodies: 2' : '';
    const quorum = `    quorum: { votes: ${votes}, of: ${shape.seats}${bodies}, from: ${from} }`;
    return [`  ${id}:`, quorum, ...rest.split('; ').map((line) => `    ${line}`)].join('\n');
  };
  const veto = shape.bodies > 1 ? 'veto: { bodies: [safety] }; ' : '';
  return [
    '# What takes a quorum. `votes` are yes votes besides the proposer, who never counts; one person counts once, however many seats',
    '# they hold. A power that is not here can be exercised by nobody. `notice` is the time in which a veto can still come.',
    'powers:',
    power('latch.release', shape.low, 'voteWithin: 12h; executeWithin: 1h'),
    power('level.raise', shape.low, 'voteWithin: 24h; executeWithin: 4h'),
    power('finetune.create', shape.low, 'exclude: [author]; voteWithin: 3d; executeWithin: 3d'),
    power('deployment.promote', shape.low, `exclude: [author]; ${veto}notice: 1h; voteWithin: 3d; executeWithin: 1d`),
    power('policy.change', shape.low, `exclude: [author]; ${veto}notice: 24h; voteWithin: 7d; executeWithin: 2d`),
    power('key.rotate', shape.low, 'voteWithin: 24h; executeWithin: 4h'),
    power('access.grant', shape.low, 'voteWithin: 3d; executeWithin: 1d'),
    power('record.export', shape.low, 'voteWithin: 3d; executeWithin: 1d'),
    power('record.erase', shape.low, 'notice: 24h; voteWithin: 7d; executeWithin: 2d'),
    power('break_glass.review', shape.low, 'voteWithin: 3d; executeWithin: 1d'),
    '  # The rules themselves: no power above may take more votes than these, or it could be had by way of them.',
    power('witness.change', shape.high, 'notice: 24h; voteWithin: 7d; executeWithin: 2d'),
    power('retention.change', shape.high, 'notice: 24h; voteWithin: 7d; executeWithin: 2d'),
    power('seat.change', shape.high, 'notice: 24h; voteWithin: 7d; executeWithin: 2d'),
    power('seat.recall', shape.high, 'notice: 24h; voteWithin: 7d; executeWithin: 2d'),
    power('charter.amend', shape.high, 'notice: 3d; voteWithin: 14d; executeWithin: 2d'),
  ];
}

function glassText(bodies: number): string[] {
  const seats = bodies > 1 ? '[operations-1, operations-2, safety-1, safety-2]' : '[operations-1, operations-2, operations-3]';
  return ['', GLASS, 'breakGlass:', `  latch.release: { seats: ${seats}, people: 2, timeBox: 1h, reviewWithin: 3d, overdueCeiling: 1 }`];
}
