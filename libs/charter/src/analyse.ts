import type { PowerId } from '@wheelhouse/protocol/charter';
import { chainInWords } from './chain-words.ts';
import { canExercise, chainBy, type Route, ROUTES, shrink, smallestBy } from './chains.ts';
import { type Charter, nameOf, type Power, quorumInWords } from './charter.ts';
import { type Coalition, type CoalitionModel, coalitionModel, membersOf, powerOf, quorumPeople, without } from './coalition-model.ts';
import { mostVotes } from './direct-exercise.ts';
import { interchangeable } from './interchangeable.ts';
import { minimalCoalitions, sizeOf } from './minimal-coalitions.ts';

/** The smallest coalition that gets to a power by one route, as one example. */
export type RouteReport = { readonly route: Route; readonly people: number };

export type PowerReport = {
  readonly power: PowerId;
  readonly quorum: string;
  /** The fewest people that law 5 allows: the quorum with its proposer, or the people that a break glass names. */
  readonly bar: number;
  /** How many people the smallest coalition has, through any chain; null when not even everyone together can. */
  readonly smallest: number | null;
  readonly routes: readonly RouteReport[];
  /** Minimal coalitions, smallest first; `count` null when there are too many to count. */
  readonly minimal: { readonly complete: boolean; readonly count: number | null; readonly examples: readonly (readonly string[])[] };
  readonly autocrats: readonly string[];
  readonly indispensable: readonly string[];
};

/** A breach of law 5, with the chain of acts that proves it, in words. */
export type Breach = {
  readonly kind: 'autocrat' | 'below_quorum' | 'indispensable' | 'unreachable';
  readonly power: PowerId;
  /** The coalition that can, or the person without whom nobody can. */
  readonly people: readonly string[];
  readonly message: string;
  readonly chain: readonly string[];
};

export type CoalitionReport = { readonly from: number; readonly powers: readonly PowerReport[]; readonly breaches: readonly Breach[] };

export type AnalysisOptions = {
  /** The moment from which on people act, in milliseconds since 1970. Terms that ended before are over. */
  readonly from: number;
  /** How many minimal coalitions to name for each power; 5 unless given. */
  readonly examples?: number;
  /** How much to try for each power when counting the minimal coalitions, in matchings; the rest of the report is exact without. */
  readonly budget?: number;
};

/** Who can exercise which power of a charter through any chain of acts, and where that breaks law 5. Depends on nothing but its arguments. */
export function analyse(charter: Charter, options: AnalysisOptions): CoalitionReport {
  const model = coalitionModel(charter, options.from);
  const powers = [...charter.powers.values()].map((power) => reportOn(model, power, options));
  return { from: options.from, powers, breaches: powers.flatMap((report) => breachesOf(model, report, options.from)) };
}

function reportOn(model: CoalitionModel, power: Power, { examples = 5, budget = 1000 }: AnalysisOptions): PowerReport {
  const routes = ROUTES.flatMap((route) => {
    const people = smallestBy(model, power.id, route);
    return people === null ? [] : [{ route, people }];
  });
  const sizes = routes.map(({ people }) => people);
  const smallest = sizes.length === 0 ? null : Math.min(...sizes);
  const known = new Map<Coalition, boolean>();
  const can = (coalition: Coalition) => {
    if (smallest === null || sizeOf(coalition) < smallest) return false;
    const answer = known.get(coalition) ?? canExercise(model, power.id, coalition);
    known.set(coalition, answer);
    return answer;
  };
  const before = model.effort.matchings;
  const isEnough = (asked: number) => asked >= 2 * budget || model.effort.matchings - before >= budget;
  const search = { groups: interchangeable(model, power), can, largest: Math.max(0, ...sizes), isEnough, examples };
  const minimal = minimalCoalitions(search);
  // A search that was cut off may have named none of the smallest.
  const best = routes.filter(({ people }) => people === smallest).map(({ route }) => shrink(model, power.id, route));
  const named = minimal.complete ? minimal.examples : [...new Set([...best, ...minimal.examples])].slice(0, examples);
  const everybody = [...model.people.keys()];
  return {
    power: power.id,
    quorum: quorumInWords(power),
    bar: Math.min(quorumPeople(power), power.breakGlass?.people ?? Infinity),
    smallest,
    routes,
    minimal: { ...minimal, examples: named.map((coalition) => idsOf(model, coalition)) },
    autocrats: smallest === 1 ? everybody.filter((person) => can(1n << BigInt(person))).map((person) => model.people[person] ?? '') : [],
    indispensable:
      smallest === null
        ? []
        : everybody.filter((person) => !can(without(model.everyone, person))).map((person) => model.people[person] ?? ''),
  };
}

function idsOf(model: CoalitionModel, coalition: Coalition): readonly string[] {
  return membersOf(model, coalition).map((person) => model.people[person] ?? '');
}

function breachesOf(model: CoalitionModel, report: PowerReport, from: number): readonly Breach[] {
  const { power, smallest, bar } = report;
  if (smallest === null) {
    const message = `Nobody can exercise ${power}: not even everyone together.`;
    return [{ kind: 'unreachable', power, people: [], message, chain: [shortfall(model, power, model.everyone)] }];
  }
  const breaches: Breach[] = report.autocrats.map((id) => {
    const person = 1n << BigInt(model.people.indexOf(id));
    const message = `${nameOf(model.charter, id)} alone can exercise ${power}.`;
    return { kind: 'autocrat', power, people: [id], message, chain: shortestChain(model, power, person, from) };
  });
  if (smallest < bar) {
    const route = report.routes.find(({ people }) => people === smallest)?.route ?? 'vote';
    const coalition = shrink(model, power, route);
    const message = `${smallest} people can exercise ${power}, whose quorum takes ${bar}.`;
    const chain = shortestChain(model, power, coalition, from);
    breaches.push({ kind: 'below_quorum', power, people: idsOf(model, coalition), message, chain });
  }
  for (const id of report.indispensable) {
    const others = without(model.everyone, model.people.indexOf(id));
    const message = `${power} needs ${nameOf(model.charter, id)}: all the others together can't exercise it.`;
    breaches.push({ kind: 'indispensable', power, people: [id], message, chain: [shortfall(model, power, others)] });
  }
  return breaches;
}

/** The chain of fewest acts by which a coalition gets to a power, in words. */
function shortestChain(model: CoalitionModel, power: PowerId, coalition: Coalition, from: number): readonly string[] {
  const chains = ROUTES.flatMap((route) => {
    const chain = chainBy(model, power, coalition, route);
    return chain === null ? [] : [chainInWords(model, power, chain, from)];
  });
  return chains.reduce((best, chain) => (chain.length < best.length ? chain : best), chains[0] ?? []);
}

/** How far a coalition falls short of each power that would do. */
function shortfall(model: CoalitionModel, power: PowerId, coalition: Coalition): string {
  const ways = [...new Set<PowerId>([power, 'charter.amend', 'seat.change'])].flatMap((id) => powerOf(model, id) ?? []);
  const most = ways.map((rule) => {
    const { votes, bodies } = mostVotes(model, rule, coalition);
    const short = bodies < rule.bodies ? ` and ${bodies} of ${rule.bodies} bodies` : '';
    return `${votes} of the ${rule.votes} votes${short} for ${rule.id}`;
  });
  return `Without help they bring together at most ${most.join(', ')}.`;
}
