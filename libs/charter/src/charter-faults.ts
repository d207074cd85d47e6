import { BREAKABLE_POWERS, type CharterFile, POWERS } from '@wheelhouse/protocol/charter';
import { parseDuration } from './duration.ts';
import { parseInstant } from './instant.ts';

/** Something wrong with a charter file, and where: the path of keys down to it. */
export type CharterFault = { readonly path: readonly PropertyKey[]; readonly message: string };

/** What the shape alone can't show: names that refer to nothing, quorums that can't be met, terms that end before they begin. */
export function faultsOf(file: CharterFile): readonly CharterFault[] {
  return [...peopleFaults(file), ...seatFaults(file), ...powerFaults(file), ...glassFaults(file), ...delegationFaults(file)];
}

function peopleFaults(file: CharterFile): CharterFault[] {
  const faults: CharterFault[] = [];
  for (const [id, { manager }] of Object.entries(file.people)) {
    if (manager === undefined) continue;
    const path = ['people', id, 'manager'];
    if (!has(file.people, manager)) faults.push({ path, message: `"${manager}" is not among the people` });
    else if (reportsToItself(file, id)) faults.push({ path, message: `${id} reports to themselves by this line` });
  }
  return faults;
}

function reportsToItself(file: CharterFile, person: string): boolean {
  const seen = new Set<string>();
  for (let at = file.people[person]?.manager; at !== undefined && !seen.has(at); at = file.people[at]?.manager) {
    if (at === person) return true;
    seen.add(at);
  }
  return false;
}

function seatFaults(file: CharterFile): CharterFault[] {
  const faults: CharterFault[] = [];
  for (const [id, { body, holder, alternates, term }] of Object.entries(file.seats)) {
    const path = ['seats', id];
    if (!has(file.bodies, body)) faults.push({ path: [...path, 'body'], message: `there is no body "${body}"` });
    if (holder !== undefined && !has(file.people, holder))
      faults.push({ path: [...path, 'holder'], message: `"${holder}" is not among the people` });
    for (const [i, alternate] of alternates.entries()) {
      const at = [...path, 'alternates', i];
      if (!has(file.people, alternate)) faults.push({ path: at, message: `"${alternate}" is not among the people` });
      if (alternate === holder) faults.push({ path: at, message: 'the holder is no alternate for their own seat' });
      if (alternates.indexOf(alternate) < i) faults.push({ path: at, message: `${alternate} is named twice` });
    }
    if (term === undefined) continue;
    const [from, until] = [parseInstant(term.from), parseInstant(term.until)];
    if (from === null || until === null) faults.push({ path: [...path, 'term'], message: 'names a day that does not exist' });
    else if (until <= from) faults.push({ path: [...path, 'term', 'until'], message: 'the term ends before it begins' });
    if (holder === undefined) faults.push({ path: [...path, 'term'], message: 'a seat without a holder has no term' });
  }
  return faults;
}

function powerFaults(file: CharterFile): CharterFault[] {
  const faults: CharterFault[] = [];
  if (file.powers['charter.amend'] === undefined)
    faults.push({ path: ['powers'], message: 'charter.amend is missing: nobody could ever change this charter' });
  for (const id of POWERS) {
    const rule = file.powers[id];
    if (rule === undefined) continue;
    const path = ['powers', id];
    faults.push(...quorumFaults(file, [...path, 'quorum'], rule.quorum));
    faults.push(...unknown(file.bodies, [...path, 'veto', 'bodies'], rule.veto.bodies));
    faults.push(...unknown(file.seats, [...path, 'veto', 'seats'], rule.veto.seats));
    if (ms(rule.voteWithin) === 0) faults.push({ path: [...path, 'voteWithin'], message: 'leaves no time to vote' });
    if (ms(rule.voteWithin) < ms(rule.notice))
      faults.push({ path: [...path, 'voteWithin'], message: 'the vote ends before the notice period does' });
    if (ms(rule.executeWithin) === 0) faults.push({ path: [...path, 'executeWithin'], message: 'leaves no time to execute' });
  }
  return faults;
}

function quorumFaults(file: CharterFile, path: readonly string[], { votes, of, bodies, from }: Rule): CharterFault[] {
  const faults = unknown(file.bodies, [...path, 'from'], from);
  const seats = Object.values(file.seats).filter(({ body }) => from.includes(body));
  const seated = new Set(seats.map(({ body }) => body)).size;
  if (votes > seats.length) faults.push({ path: [...path, 'votes'], message: `${votes} votes of ${seats.length} seats can't be had` });
  if (of !== undefined && of !== seats.length) faults.push({ path: [...path, 'of'], message: `these bodies have ${seats.length} seats` });
  if (bodies > seated) faults.push({ path: [...path, 'bodies'], message: `only ${seated} of these bodies have seats` });
  if (bodies > votes) faults.push({ path: [...path, 'bodies'], message: `${votes} votes can't come from ${bodies} bodies` });
  return faults;
}
type Rule = NonNullable<CharterFile['powers'][keyof CharterFile['powers']]>['quorum'];

function glassFaults(file: CharterFile): CharterFault[] {
  const faults: CharterFault[] = [];
  for (const id of BREAKABLE_POWERS) {
    const rule = file.breakGlass[id];
    if (rule === undefined) continue;
    const path = ['breakGlass', id];
    if (file.powers[id] === undefined) faults.push({ path, message: `the charter has no power ${id}` });
    if (file.powers['break_glass.review'] === undefined)
      faults.push({ path, message: 'break glass needs the power break_glass.review, by whose quorum its review is closed' });
    faults.push(...unknown(file.seats, [...path, 'seats'], rule.seats));
    if (rule.people > rule.seats.length)
      faults.push({ path: [...path, 'people'], message: `${rule.people} people can't act from ${rule.seats.length} seats` });
    if (ms(rule.timeBox) === 0) faults.push({ path: [...path, 'timeBox'], message: 'an emergency act has to last some time' });
  }
  return faults;
}

function delegationFaults({ delegation }: CharterFile): CharterFault[] {
  if (delegation.allowed || delegation.longest === undefined) return [];
  return [{ path: ['delegation', 'longest'], message: 'delegation is not allowed, so nothing can be the longest' }];
}

/** Names in a list that refer to nothing or stand in it twice. */
function unknown(known: Readonly<Record<string, unknown>>, path: readonly string[], names: readonly string[]): CharterFault[] {
  return names.flatMap((name, i) => {
    if (!has(known, name)) return [{ path: [...path, i], message: `"${name}" refers to nothing` }];
    return names.indexOf(name) < i ? [{ path: [...path, i], message: `"${name}" is named twice` }] : [];
  });
}

function has(known: Readonly<Record<string, unknown>>, name: string): boolean {
  return Object.hasOwn(known, name);
}

function ms(text: string): number {
  return parseDuration(text) ?? 0;
}
