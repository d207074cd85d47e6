import type { PowerId } from '@wheelhouse/protocol/charter';
import { nameOf } from './charter.ts';
import type { Chain } from './chains.ts';
import { type CoalitionModel, type Exercise, powerOf, type SeatVote } from './coalition-model.ts';
import { durationInWords } from './duration.ts';
import { instantText } from './instant.ts';

/** A chain of acts as sentences, one an act, ending in the exercise of `power`. `from` is the moment that the analysis starts at. */
export function chainInWords(model: CoalitionModel, power: PowerId, chain: Chain, from: number): readonly string[] {
  switch (chain.by) {
    case 'vote':
      return votesInWords(model, power, chain.exercise, from);
    case 'break_glass':
      return glassInWords(model, power, chain.exercise, from);
    case 'amendment':
      return [...votesInWords(model, 'charter.amend', chain.exercise, from), amended(power)];
    case 'appointment':
      return [...votesInWords(model, 'seat.change', chain.exercise, from), APPOINTED, ...afterwards(model, power, chain.then)];
  }
}

const APPOINTED = 'With seat.change they appoint themselves to the seats that they need and take their reporting lines out.';

function amended(power: PowerId): string {
  return `With charter.amend they give themselves ${power}, whatever its quorum was.`;
}

function afterwards(model: CoalitionModel, power: PowerId, then: 'vote' | 'break_glass' | 'amendment'): readonly string[] {
  switch (then) {
    case 'vote':
      return [`One of them proposes ${power}, and the others vote for it from the seats that they took.`];
    case 'break_glass':
      return [`${powerOf(model, power)?.breakGlass?.people ?? 0} of them break the glass of ${power} from the seats that they took.`];
    case 'amendment':
      return ['One of them proposes charter.amend, and the others vote for it from the seats that they took.', amended(power)];
  }
}

function votesInWords(model: CoalitionModel, power: PowerId, exercise: Exercise, from: number): readonly string[] {
  const proposer = personName(model, exercise.proposer);
  return [
    ...waiting(exercise, from),
    `${proposer} proposes ${power}.`,
    ...exercise.votes.map((vote) => `${personName(model, vote.person)} votes for it with ${seatInWords(model, vote, exercise.at)}.`),
  ];
}

function glassInWords(model: CoalitionModel, power: PowerId, exercise: Exercise, from: number): readonly string[] {
  const rule = powerOf(model, power)?.breakGlass ?? null;
  const who = exercise.votes.map((vote) => `${personName(model, vote.person)} with ${seatInWords(model, vote, exercise.at)}`);
  const time = rule === null ? '' : ` for ${durationInWords(rule.timeBoxMs)}`;
  const many = exercise.votes.length === 1 ? 'breaks' : 'break';
  return [...waiting(exercise, from), `${who.join(' and ')} ${many} the glass of ${power}${time}, below its quorum.`];
}

function waiting(exercise: Exercise, from: number): readonly string[] {
  return exercise.at > from ? [`They wait until ${instantText(exercise.at)}.`] : [];
}

function personName(model: CoalitionModel, person: number): string {
  return nameOf(model.charter, model.people[person] ?? '');
}

function seatInWords(model: CoalitionModel, { person, seat, delegatedBy }: SeatVote, at: number): string {
  const id = model.seats[seat]?.id ?? '';
  if (delegatedBy !== null) return `${id}, which ${personName(model, delegatedBy)} stands for and delegates`;
  const charted = model.charter.seats.get(id);
  if (charted === undefined || charted.holder === model.people[person]) return id;
  if (charted.holder === null) return `${id}, as alternate for a seat that nobody holds`;
  const over = charted.term !== null && charted.term.until <= at;
  return `${id}, as alternate ${over ? 'since the term of' : 'in the place of'} ${nameOf(model.charter, charted.holder)}${over ? ' ended' : ''}`;
}
