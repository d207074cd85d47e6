import type { CharterFile, Vote } from '@wheelhouse/protocol/charter';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharterFile } from './any-charter.fixture.ts';
import type { Charter } from './charter.ts';
import { charterOf } from './charter-of.ts';
import { decideProposal, type ProposalAct } from './decide-proposal.ts';
import { evolveProposal } from './evolve-proposal.ts';
import { parseInstant } from './instant.ts';
import type { Delegation, ProposalFacts, ProposalLife } from './proposal.ts';
import { isRefusal } from './refusal.ts';
import { DIGEST, sampleFacts, sampleProposal } from './sample-charter.fixture.ts';
import type { SeatEvent } from './seat-history.ts';

const HOUR = 3_600_000;
const START = parseInstant('2026-12-30') ?? 0;

const EVENTS = [
  ...Array<'vote'>(8).fill('vote'),
  'execute',
  'execute',
  'look',
  'absence',
  'delegate',
  'appoint',
  'step_down',
  'replay',
] as const;

/** One thing that happens, after some hours: a vote by anyone for anything, a change of seats, an absence, a delegation, an execution. */
const anyStep = fc.record({
  hours: fc.constantFrom(...Array<number>(16).fill(0), 1, 1, 1, 5, 20),
  own: fc.constantFrom(true, true, false),
  what: fc.constantFrom(...EVENTS),
  who: fc.nat(5),
  other: fc.nat(5),
  seat: fc.nat(3),
  choice: fc.constantFrom(...Array<'yes'>(20).fill('yes'), 'no', 'veto'),
  digest: fc.constantFrom(...Array<string>(9).fill(DIGEST), 'b'.repeat(64)),
  stepUp: fc.constantFrom(...Array<boolean>(9).fill(true), false),
});
const anySteps = fc.array(anyStep, { minLength: 10, maxLength: 30, size: 'max' });
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

type World = {
  readonly file: CharterFile;
  readonly charter: Charter;
  life: ProposalLife | null;
  facts: ProposalFacts;
  /** Every vote that the proposal took: kept here, not by the library. */
  readonly taken: Vote[];
  executions: number;
};

describe('the charter as a whole', () => {
  it('never executes a proposal without its quorum, whatever is done in whatever order', () => {
    let executed = 0;
    const run = (file: CharterFile, [power, proposer]: readonly [number, number], steps: readonly Step[]) => {
      const widened: CharterFile = {
        ...(proposer % 2 === 0 ? file : demanding(file)),
        alternates: { onAbsence: true, noAnswerAfter: '4h' },
      };
      const world = openWorld(widened, power, proposer);
      for (const [i, step] of steps.entries()) take(world, step, i);
      expect(world.executions).toBeLessThanOrEqual(1);
      executed += world.executions;
    };
    fc.assert(fc.property(fc.noBias(anyCharterFile(6)), fc.noBias(fc.tuple(fc.nat(5), fc.nat(5))), fc.noBias(anySteps), run), {
      numRuns: 5000,
      seed: 4,
    });
    // The search is worth something only if quorums are reached, too.
    expect(executed).toBeGreaterThan(300);
  });
});

/** The same charter with two votes from two bodies for everything, where it has them: the quorums that can be got wrong in most ways. */
function demanding(file: CharterFile): CharterFile {
  const from = [...new Set(Object.values(file.seats).map(({ body }) => body))];
  const quorum = { votes: 2, bodies: Math.min(2, from.length), from };
  const powers = Object.fromEntries(Object.entries(file.powers).map(([id, rule]) => [id, { ...rule, quorum }]));
  return { ...file, powers };
}

function openWorld(file: CharterFile, powerIndex: number, proposerIndex: number): World {
  const charter = charterOf(file);
  // Quorums of several votes and bodies are the ones that can be got wrong.
  const all = [...charter.powers.values()];
  const hard = [all.filter(({ bodies }) => bodies > 1), all.filter(({ votes }) => votes > 1), all].find((some) => some.length > 0) ?? [];
  const powers = hard.map(({ id }) => id);
  const people = [...charter.people.keys()];
  const power = powers[powerIndex % powers.length] ?? 'charter.amend';
  const proposal = sampleProposal({ power, proposer: people[proposerIndex % people.length] ?? 'ann', openedAt: START });
  const facts = sampleFacts({ now: START });
  const opened = decideProposal(null, { type: 'open', proposal }, { charter, facts });
  if (isRefusal(opened)) throw new Error(opened.message);
  return { file, charter, life: opened.reduce(evolveProposal, null), facts, taken: [], executions: 0 };
}

function take(world: World, step: Step, i: number): void {
  const people = [...world.charter.people.keys()];
  const person = people[step.who % people.length] ?? '';
  const other = people[step.other % people.length] ?? '';
  const seats = [...world.charter.seats.keys()];
  const seat = seats[step.seat % seats.length] ?? '';
  const now = world.facts.now + step.hours * HOUR;
  world.facts = { ...world.facts, now };
  const day = 24 * HOUR;
  switch (step.what) {
    case 'vote':
      // Votes by just anybody are refused mostly; with holders among them quorums are reached.
      cast(world, {
        id: `v${i}`,
        person: step.own ? (world.file.seats[seat]?.holder ?? person) : person,
        seat,
        choice: step.choice,
        digest: step.digest,
        reason: 'so',
        stepUp: step.stepUp,
        at: now,
      });
      return;
    case 'replay': {
      const old = world.taken[step.who % Math.max(1, world.taken.length)];
      if (old !== undefined) cast(world, { ...old, choice: 'yes' });
      return;
    }
    case 'execute':
    case 'look':
      act(world, step.what === 'execute' ? { type: 'execute', digest: DIGEST } : { type: 'look' });
      return;
    case 'absence':
      world.facts = { ...world.facts, absences: [...world.facts.absences, { person, from: now, until: now + day }] };
      return;
    case 'delegate': {
      const delegation: Delegation = { seat, from: person, to: other, start: now, end: now + day };
      world.facts = { ...world.facts, delegations: [...world.facts.delegations, delegation] };
      return;
    }
    case 'appoint':
      seatEvent(world, { type: 'appointed', seat, holder: person, alternates: person === other ? [] : [other], term: null, at: now });
      return;
    case 'step_down':
      seatEvent(world, { type: 'stepped_down', seat, person, at: now });
  }
}

function seatEvent(world: World, event: SeatEvent): void {
  world.facts = { ...world.facts, seatEvents: [...world.facts.seatEvents, event] };
}

function cast(world: World, vote: Vote): void {
  act(world, { type: 'vote', by: { kind: 'person', id: vote.person, role: 'operator' }, vote });
}

function act(world: World, what: ProposalAct): void {
  const answer = decideProposal(world.life, what, { charter: world.charter, facts: world.facts });
  if (isRefusal(answer)) return;
  for (const event of answer) {
    world.life = evolveProposal(world.life, event);
    if (event.type === 'voted') world.taken.push(event.vote);
    if (event.type === 'passed') expect(hasQuorum(world)).toBe(true);
    if (event.type === 'executed') {
      world.executions += 1;
      expect(world.taken.some(({ choice }) => choice === 'veto')).toBe(false);
    }
  }
}

/**
 * The oracle: are there as many people, each with a seat of their own, whose last word was a yes to this digest, signed, in time, none of them
 * the proposer or in the proposer's line, and each belonging to the seat now or sent by one who does? Tried out pair by pair.
 */
function hasQuorum({ file, taken, life, facts }: World): boolean {
  if (life === null) return false;
  const { proposer, power } = life.proposal;
  const rule = file.powers[power];
  if (rule === undefined) return false;
  const upwards = (person: string): readonly string[] => {
    const manager = file.people[person]?.manager;
    return manager === undefined ? [] : [manager, ...upwards(manager)];
  };
  const barred = (person: string) =>
    person === proposer ||
    (rule.exclude.includes('reporting_line') && (upwards(person).includes(proposer) || upwards(proposer).includes(person)));
  const belongs = (person: string, seat: string) => ownersOf(file, facts, seat).includes(person);
  const good = taken.filter(
    (vote, i) =>
      vote.choice === 'yes' &&
      vote.digest === DIGEST &&
      vote.stepUp &&
      vote.at >= START &&
      vote.at <= START + 24 * HOUR &&
      !barred(vote.person) &&
      rule.quorum.from.includes(file.seats[vote.seat]?.body ?? '') &&
      !taken
        .slice(i + 1)
        .some(
          (later) => later.person === vote.person && later.choice === 'no' && later.at > vote.at && belongs(later.person, later.seat),
        ) &&
      (belongs(vote.person, vote.seat) ||
        (file.delegation.allowed &&
          facts.delegations.some(
            (d) =>
              d.seat === vote.seat &&
              d.to === vote.person &&
              d.start <= vote.at &&
              vote.at < d.end &&
              !barred(d.from) &&
              belongs(d.from, d.seat),
          ))),
  );
  const pick = (i: number, chosen: readonly Vote[]): boolean => {
    const bodies = new Set(chosen.map(({ seat }) => file.seats[seat]?.body));
    if (chosen.length >= rule.quorum.votes && bodies.size >= rule.quorum.bodies) return true;
    const vote = good[i];
    if (vote === undefined) return false;
    const clash = chosen.some(({ person, seat }) => person === vote.person || seat === vote.seat);
    return (!clash && pick(i + 1, [...chosen, vote])) || pick(i + 1, chosen);
  };
  return pick(0, []);
}

/** Whom a seat belongs to now, by the file and what happened since. */
function ownersOf(file: CharterFile, facts: ProposalFacts, seat: string): readonly string[] {
  const first = file.seats[seat];
  if (first === undefined) return [];
  let [holder, alternates, term] = [first.holder, first.alternates, first.term];
  for (const event of facts.seatEvents) {
    if (event.seat !== seat) continue;
    if (event.type === 'appointed') [holder, alternates, term] = [event.holder ?? undefined, [...event.alternates], undefined];
    if (event.type === 'stepped_down')
      [holder, alternates] = [holder === event.person ? undefined : holder, alternates.filter((p) => p !== event.person)];
  }
  const begun = term === undefined || ((parseInstant(term.from) ?? 0) <= facts.now && facts.now < (parseInstant(term.until) ?? 0));
  return [...(begun && holder !== undefined ? [holder] : []), ...alternates];
}
