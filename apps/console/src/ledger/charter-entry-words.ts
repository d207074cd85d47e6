import type { EntryOf } from '@wheelhouse/protocol/ledger-entry';
import type { PowerId } from '@wheelhouse/protocol/charter';
import { POWER_WORDS } from '../approvals/power-words.ts';
import { levelInWords } from '../release/order-words.ts';
import type { Names } from './names.ts';
import { dateTime, plural, short } from './plain-words.ts';
import { because } from './reason-words.ts';

type OfProposal =
  | `proposal.${'opened' | 'passed' | 'closed'}`
  | 'vote.cast'
  | 'conflict.declared'
  | 'voter.enrolled'
  | 'access.granted'
  | 'key.rotated'
  | 'charter.adopted';

/** What was proposed, voted and decided, as one sentence each. */
export function ofProposal(entry: EntryOf<OfProposal>, by: string, names: Names): string {
  switch (entry.kind) {
    case 'proposal.opened': {
      const { proposal, power, preview, reason } = entry.data;
      return `${by} proposed (${short(proposal)}): ${preview.title === '' ? POWER_WORDS[power] : preview.title}${because(reason)}`;
    }
    case 'vote.cast': {
      const { choice, proposal, seat, reason } = entry.data;
      const voted = choice === 'veto' ? 'vetoed' : `voted ${choice} on`;
      return `${by} ${voted} proposal ${short(proposal)} for seat ${seat}${because(reason)}`;
    }
    case 'conflict.declared':
      return `${by} declared a conflict of interest on proposal ${short(entry.data.proposal)}${because(entry.data.reason)}`;
    case 'proposal.passed':
      return `Proposal ${short(entry.data.proposal)} passed; it has to take effect by ${dateTime(entry.data.executeBy)}`;
    case 'proposal.closed':
      return `Proposal ${short(entry.data.proposal)} ${OUTCOMES[entry.data.outcome]}${because(entry.data.because)}${because(entry.data.reason)}`;
    case 'voter.enrolled':
      return `A passkey of ${names.person(entry.data.person)} counts for signing votes from here on${vouched(entry.data)}`;
    case 'access.granted': {
      const what = entry.data.grant === 'administrator' ? 'is an administrator' : 'may make another passkey count for votes, once';
      return `${names.person(entry.data.person)} ${what}, as proposal ${short(entry.data.proposal)} decided`;
    }
    case 'key.rotated':
      return `A new master key takes the place of the old one, as proposal ${short(entry.data.proposal)} decided; its fingerprint is ${entry.data.fingerprint}`;
    case 'charter.adopted':
      return `Version ${entry.data.version} of the charter is in force, as proposal ${short(entry.data.proposal)} decided`;
  }
}

const OUTCOMES: Readonly<Record<EntryOf<'proposal.closed'>['data']['outcome'], string>> = {
  vetoed: 'was vetoed',
  rejected: 'was rejected',
  expired: 'ran out of time',
  withdrawn: 'was withdrawn',
  superseded: 'was overtaken by a change',
  failed: 'passed, but could not be carried out',
};

function vouched({ earlier, proposal }: EntryOf<'voter.enrolled'>['data']): string {
  if (earlier !== undefined) return ', vouched for by one that counted before';
  return proposal === undefined ? '' : `, as proposal ${short(proposal)} allowed`;
}

type OfSeat =
  | `seat.${'appointed' | 'recalled' | 'left'}`
  | `handover.${'announced' | 'accepted' | 'cancelled'}`
  | `absence.${'declared' | 'ended'}`
  | `delegation.${'given' | 'ended'}`
  | 'training.recorded'
  | 'ceiling.changed';

/** Who holds, leaves and stands in for which seat, as one sentence each. */
export function ofSeat(entry: EntryOf<OfSeat>, by: string, names: Names): string {
  switch (entry.kind) {
    case 'seat.appointed': {
      const { seat, holder, alternates, proposal } = entry.data;
      const who = holder === undefined ? 'was left empty' : `was given to ${names.person(holder)}`;
      const others = alternates.length === 0 ? '' : `, with ${alternates.map(names.person).join(' and ')} standing in`;
      return `Seat ${seat} ${who}${others}, as proposal ${short(proposal)} decided`;
    }
    case 'seat.recalled':
      return `Whoever held seat ${entry.data.seat} was recalled, as proposal ${short(entry.data.proposal)} decided`;
    case 'seat.left':
      return `${names.person(entry.data.person)} stepped down from seat ${entry.data.seat}`;
    case 'handover.announced':
      return `${by} announced that seat ${entry.data.seat} passes to ${names.person(entry.data.to)} on ${dateTime(entry.data.effectiveAt)}`;
    case 'handover.accepted':
      return `${names.person(entry.data.to)} accepted seat ${entry.data.seat}, theirs from ${dateTime(entry.data.effectiveAt)}`;
    case 'handover.cancelled':
      return `The handover of seat ${entry.data.seat} was called off by ${by}`;
    case 'absence.declared':
      return `${names.person(entry.data.person)} is away from ${dateTime(entry.data.fromTime)} to ${dateTime(entry.data.until)}; alternates step in`;
    case 'absence.ended':
      return `${by} is back before the end of absence ${short(entry.data.absence)}`;
    case 'delegation.given': {
      const { seat, to, fromTime, until } = entry.data;
      return `${by} lets ${names.person(to)} vote for seat ${seat} from ${dateTime(fromTime)} to ${dateTime(until)}`;
    }
    case 'delegation.ended':
      return `${by} ended delegation ${short(entry.data.delegation)}`;
    case 'training.recorded':
      return `${by} recorded that the training of ${names.person(entry.data.person)}${trainedFor(entry.data)} is valid until ${dateTime(entry.data.until)}`;
    case 'ceiling.changed':
      return `No session may run above level ${levelInWords(entry.data.level)}${because(entry.data.because)}`;
  }
}

/** What was done in an emergency below its quorum, as one sentence each. */
export function ofGlass(entry: EntryOf<`glass.${'asked' | 'signed' | 'broken' | 'ended' | 'reviewed'}`>, by: string): string {
  const glass = `break glass ${short(entry.data.glass)}`;
  switch (entry.kind) {
    case 'glass.asked': {
      const { emergency, practice, reason, seat } = entry.data;
      return `${by} asked to ${practice ? 'practise breaking' : 'break'} the glass for seat ${seat}, to ${emergencyInWords(emergency.power)} of order ${short(emergency.latch)}${because(reason)}`;
    }
    case 'glass.signed':
      return `${by} signed ${glass} for seat ${entry.data.seat}`;
    case 'glass.broken': {
      const { power, practice, endsAt, skipped } = entry.data;
      const around = skipped.length === 0 ? '' : `, without the votes of ${plural(skipped.length, 'person', 'people')}`;
      return `The glass was broken${practice ? ' for practice' : ''} to ${emergencyInWords(power)} until ${dateTime(endsAt)}${around}`;
    }
    case 'glass.ended': {
      if (entry.data.outcome === 'lapsed') return `Too few signed ${glass} in time: it lapsed`;
      const again = entry.data.order === undefined ? '' : `: order ${short(entry.data.order)} is in force again`;
      return `The time of ${glass} is over${again}`;
    }
    case 'glass.reviewed':
      return `A quorum closed the review of ${glass}, as proposal ${short(entry.data.proposal)} decided`;
  }
}

function emergencyInWords(power: PowerId): string {
  return power === 'level.raise' ? 'raise the level' : power === 'latch.release' ? 'release the latch' : POWER_WORDS[power].toLowerCase();
}

/** What a training is for; without a role it is for everything. */
function trainedFor({ power, body }: { readonly power?: string | undefined; readonly body?: string | undefined }): string {
  if (power !== undefined) return ` for ${power}`;
  return body === undefined ? '' : ` for the body ${body}`;
}
