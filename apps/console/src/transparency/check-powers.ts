import type { Power } from '@wheelhouse/charter/charter';
import { durationInWords } from '@wheelhouse/charter/duration';
import { readAdopted } from '@wheelhouse/charter/read-charter';
import type { PowerView } from '@wheelhouse/protocol/charter-view';
import type { Step } from '../ledger/verify-step.ts';

const POWERS = {
  id: 'powers',
  title: 'The powers on this page follow from that text',
  meaning: 'This browser reads the charter’s text itself, and compares who decides what with what the page says.',
} as const;

/** Whether the powers as shown are those that the charter's text gives. */
export function powersStep(text: string, shown: readonly PowerView[]): Step {
  const reading = readAdopted(text);
  if (!reading.ok) return { ...POWERS, outcome: 'bad', result: 'The charter’s text cannot be read as a charter.' };
  const { powers } = reading.charter;
  const extra = shown.find(({ power }) => !powers.has(power));
  if (extra !== undefined) return { ...POWERS, outcome: 'bad', result: `The page has the power ${extra.power}, the text does not.` };
  for (const power of powers.values()) {
    const wrong = differenceOf(
      power,
      shown.find((one) => one.power === power.id),
    );
    if (wrong !== null) return { ...POWERS, outcome: 'bad', result: wrong };
  }
  return {
    ...POWERS,
    outcome: 'good',
    result: `All ${powers.size} of them: quorum, bodies, vetoes, exclusions, notice, times and break glass.`,
  };
}

function differenceOf(power: Power, view: PowerView | undefined): string | null {
  if (view === undefined) return `The text has the power ${power.id}, the page does not.`;
  const compared: readonly (readonly [what: string, inText: unknown, onPage: unknown])[] = [
    ['the number of votes', power.votes, view.votes],
    ['the number of bodies', power.bodies, view.bodies],
    ['the bodies that vote', power.from, view.from],
    ['the seats with a veto', power.vetoSeats, view.vetoSeats],
    ['whether authors vote', power.excludesAuthor, view.excludes.includes('authors')],
    ['whether the proposer’s reporting line votes', power.excludesLine, view.excludes.some((who) => who.includes('reporting line'))],
    ['the notice', durationInWords(power.noticeMs), durationInWords(view.noticeMs)],
    ['the time to vote', durationInWords(power.voteWithinMs), durationInWords(view.voteWithinMs)],
    ['the time to carry it out', durationInWords(power.executeWithinMs), durationInWords(view.executeWithinMs)],
    ['break glass', glassOf(power.breakGlass), glassOf(view.breakGlass)],
  ];
  const other = compared.find(([, inText, onPage]) => JSON.stringify(inText) !== JSON.stringify(onPage));
  if (other === undefined) return null;
  const [what, inText, onPage] = other;
  return `Of ${power.id}, ${what} is ${shown(onPage)} on the page and ${shown(inText)} in the text.`;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function glassOf(glass: Power['breakGlass'] | PowerView['breakGlass']) {
  return glass === null ? null : [glass.seats, glass.people, glass.timeBoxMs, glass.reviewWithinMs, glass.overdueCeiling];
}
