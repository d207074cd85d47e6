import { type CharterFile, POWERS, type PowerId, type PowerRule } from '@wheelhouse/protocol/charter';

/**
 * The independent model: what a coalition can do, found by trying every act, one small step after another, through every state that it can
 * reach. Knows nothing of matchings, quorum sizes or symmetry, and shares no code with the analysis.
 */
type State = {
  /** Place in the list of moments at which a term begins or ends. */
  readonly time: number;
  /** `fixed`: appointed by seat.change, with a term that has no end. */
  readonly seats: readonly { readonly holder: string | null; readonly alternates: readonly string[]; readonly fixed: boolean }[];
  readonly linesGone: boolean;
};

/** The powers that the coalition can exercise by any chain of acts, while everybody else at most goes away. Dates are compared as text. */
export function reachableBySmallSteps(file: CharterFile, coalition: ReadonlySet<string>, from: string): ReadonlySet<PowerId> {
  const listed = POWERS.filter((power) => file.powers[power] !== undefined);
  const reached = new Set<PowerId>();
  const moments = timesOf(file, from);
  const start: State = {
    time: 0,
    seats: Object.values(file.seats).map(({ holder, alternates }) => ({ holder: holder ?? null, alternates, fixed: false })),
    linesGone: false,
  };
  const seen = new Set([JSON.stringify(start)]);
  const waiting = [start];
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
    const world = { file, coalition, state, now: moments[state.time] ?? from };
    for (const power of listed) if (!reached.has(power) && (passes(world, power) || glassBreaks(world, power))) reached.add(power);
    if (reached.has('charter.amend')) return new Set(listed);
    if (reached.size === listed.length) return reached;
    const next = [...(state.time + 1 < moments.length ? [{ ...state, time: state.time + 1 }] : []), ...departures(world)];
    if (file.powers['seat.change'] !== undefined && passes(world, 'seat.change')) next.push(...appointments(world));
    for (const one of next) {
      const key = JSON.stringify(one);
      if (seen.has(key)) continue;
      seen.add(key);
      waiting.push(one);
    }
  }
  return reached;
}

type World = { readonly file: CharterFile; readonly coalition: ReadonlySet<string>; readonly state: State; readonly now: string };

function timesOf(file: CharterFile, from: string): readonly string[] {
  const edges = Object.values(file.seats).flatMap(({ term }) => (term === undefined ? [] : [term.from, term.until]));
  return [...new Set([from, ...edges.filter((at) => at > from)])].sort();
}

/** The one person who represents a seat now: its holder in term, else the first alternate who has not gone. */
function representative({ file, state, now }: World, seat: number): string | null {
  const { holder, alternates, fixed } = state.seats[seat] ?? { holder: null, alternates: [], fixed: false };
  const term = Object.values(file.seats)[seat]?.term;
  const inTerm = fixed || term === undefined || (term.from <= now && now < term.until);
  return (inTerm ? holder : null) ?? alternates[0] ?? null;
}

/** Whoever represents a seat steps down from it, or, outside the coalition, is away for good. */
function departures(world: World): readonly State[] {
  return world.state.seats.flatMap((seat, i) => {
    const gone = representative(world, i);
    if (gone === null) return [];
    const left = gone === seat.holder ? { ...seat, holder: null } : { ...seat, alternates: seat.alternates.slice(1) };
    return [{ ...world.state, seats: world.state.seats.with(i, left) }];
  });
}

/** One seat.change: a member gets one seat, without alternates, or people's managers are struck out. */
function appointments({ coalition, state }: World): readonly State[] {
  const seated = state.seats.flatMap((_, i) =>
    [...coalition].map((holder) => ({ ...state, seats: state.seats.with(i, { holder, alternates: [], fixed: true }) })),
  );
  return [...seated, { ...state, linesGone: true }];
}

function isAbove(file: CharterFile, upper: string, lower: string): boolean {
  const manager = file.people[lower]?.manager;
  return manager !== undefined && (manager === upper || isAbove(file, upper, manager));
}

/** Whether some member can propose the power now and the others' votes, cast one by one, meet its quorum. */
function passes(world: World, power: PowerId): boolean {
  const rule = world.file.powers[power];
  if (rule === undefined) return false;
  return [...world.coalition].some((proposer) => {
    const lineCounts = rule.exclude.includes('reporting_line') && !world.state.linesGone;
    const mayVote = (person: string) =>
      person !== proposer && !(lineCounts && (isAbove(world.file, person, proposer) || isAbove(world.file, proposer, person)));
    const voters = [...world.coalition].filter(mayVote);
    if (voters.length < rule.quorum.votes) return false;
    return castVotes(world, rule, voters, { seat: 0, voted: [], bodies: [] });
  });
}

type Ballot = { readonly seat: number; readonly voted: readonly string[]; readonly bodies: readonly string[] };

function castVotes(world: World, rule: PowerRule, voters: readonly string[], ballot: Ballot): boolean {
  if (ballot.voted.length >= rule.quorum.votes && new Set(ballot.bodies).size >= rule.quorum.bodies) return true;
  const body = Object.values(world.file.seats)[ballot.seat]?.body;
  if (body === undefined) return false;
  const next = { ...ballot, seat: ballot.seat + 1 };
  const speaks = representative(world, ballot.seat);
  const open = rule.quorum.from.includes(body) && speaks !== null && voters.includes(speaks);
  const possible = !open ? [] : world.file.delegation.allowed ? voters : [speaks];
  const cast = possible
    .filter((person) => !ballot.voted.includes(person))
    .some((person) => castVotes(world, rule, voters, { ...next, voted: [...ballot.voted, person], bodies: [...ballot.bodies, body] }));
  return cast || castVotes(world, rule, voters, next);
}

/** Whether members who represent named seats now are enough people to break the power's glass. */
function glassBreaks(world: World, power: PowerId): boolean {
  const rule = power === 'latch.release' ? world.file.breakGlass['latch.release'] : undefined;
  if (rule === undefined) return false;
  const ids = Object.keys(world.file.seats);
  const people = rule.seats.map((seat) => representative(world, ids.indexOf(seat))).filter((person) => person !== null);
  return new Set(people.filter((person) => world.coalition.has(person))).size >= rule.people;
}
