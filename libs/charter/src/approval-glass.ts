import type { ApprovalBench, PlacedOf } from './approval-bench.ts';
import { checkSigned } from './approval-keys.ts';
import { sameSet } from './approval-votes.ts';
import { glassChallenge } from './ballot.ts';
import { msOf, timeOf } from './charter-kinds.ts';
import { decideBreakGlass } from './decide-break-glass.ts';
import type { GlassFile } from './glass-files.ts';
import { instantText } from './instant.ts';
import { isRefusal } from './refusal.ts';

/** As many as an entry names. */
const MOST_SKIPPED = 100;

type Ballot = Pick<GlassFile, 'id' | 'act' | 'practice'>;

/** A signature for breaking a glass: the first, which asks for it, or a further one. */
export function checkGlassSignature(bench: ApprovalBench, { index, entry }: PlacedOf<'glass.asked' | 'glass.signed'>): void {
  const { record, book, forged, sha256, blind } = bench;
  const { glass, seat, signed } = entry.data;
  const person = entry.by.id;
  const file: Ballot | undefined =
    entry.kind === 'glass.asked' ? { id: glass, act: entry.data.emergency, practice: entry.data.practice } : record.glass.get(glass);
  if (file === undefined) {
    if (blind !== null) book.unsure('glassSignatures', 'before');
    else book.fault('glass_unknown', index, `Entry ${index}: ${person} signed for the break glass ${glass}, for which nobody had asked.`);
    return;
  }
  if (entry.by.kind !== 'person') book.fault('not_in_person', index, `Entry ${index}: a glass is broken by a ${entry.by.kind}.`);
  const challenge = glassChallenge({ glass, emergency: file.act, practice: file.practice, person, seat }, sha256);
  const onForged = () => void forged.glass.add(`${glass} ${person}`);
  const what = 'the break glass';
  checkSigned(bench, { index, person, signed, challenge, what, check: 'glassSignatures', code: 'glass_signature', onForged });
}

/** That a glass was broken: enough people, for seats that may and that they represented, for as long as the charter says. */
export function checkBroken(bench: ApprovalBench, { index, entry }: PlacedOf<'glass.broken'>): void {
  const { record, book, blind } = bench;
  const { glass, power, practice } = entry.data;
  const file = record.glass.get(glass);
  const name = `Entry ${index}: break glass ${glass}`;
  if (file === undefined) {
    if (blind !== null) book.unsure('glasses', 'before');
    else book.fault('glass_unknown', index, `${name}: nobody had asked for it.`);
    return;
  }
  if (file.broken !== null) book.fault('glass_broken_twice', index, `${name} is broken a second time.`);
  if (file.ended !== null) book.fault('glass_outside_its_time', index, `${name} is broken after it had ${file.ended.outcome}.`);
  if (file.act.power !== power || file.practice !== practice) book.fault('glass_differs', index, `${name} is not what was signed for.`);
  if (blind !== null) {
    book.unsure('glasses', 'before');
    return;
  }
  book.checked('glasses');
  checkRule(bench, { index, entry }, file);
}

function checkRule(bench: ApprovalBench, { index, entry }: PlacedOf<'glass.broken'>, { act, practice, reason, signers }: GlassFile): void {
  const { record, book, forged } = bench;
  const { glass, endsAt, reviewDueAt, skipped } = entry.data;
  const name = `Entry ${index}: break glass ${glass}`;
  const charter = record.inForce?.charter;
  const rule = charter?.powers.get(act.power)?.breakGlass ?? null;
  if (charter === undefined || rule === null) {
    book.fault('glass_refused', index, `${name}: no charter in force has a break glass for ${act.power}.`);
    return;
  }
  const { events: seatEvents, absences } = record.seats;
  const now = timeOf(entry);
  const by = signers.map(({ person, seat }) => ({ person, seat, stepUp: true }));
  const facts = { now, seatEvents, absences, suspendedSeats: record.glass.suspendedSeats(now) };
  const decided = decideBreakGlass(charter, { power: act.power, by, reason, practice }, facts);
  if (isRefusal(decided)) {
    book.fault('glass_refused', index, `${name}: ${decided.message}`);
    return;
  }
  for (const due of decided)
    if (due.endsAt !== msOf(endsAt) || due.reviewDueAt !== msOf(reviewDueAt) || !sameSet(due.skipped.slice(0, MOST_SKIPPED), skipped))
      book.fault(
        'glass_differs',
        index,
        `${name}: by the charter it ends ${instantText(due.endsAt)}, is reviewed by ${instantText(due.reviewDueAt)}, and skips ${due.skipped.join(', ') || 'nobody'}; something else is recorded.`,
      );
  bench.later(() => {
    const good = new Set(signers.map(({ person }) => person).filter((person) => !forged.glass.has(`${glass} ${person}`)));
    if (good.size < rule.people)
      book.fault(
        'glass_refused',
        index,
        `${name} takes ${rule.people} people, and without signatures that prove nothing there are ${good.size}.`,
      );
  });
}

/** A latch that was released below its quorum: by a glass that was broken for it, once, while it lasted. */
export function checkReleaseByGlass(bench: ApprovalBench, { index, entry }: PlacedOf<'latch.released'>): void {
  const { record, book, blind, spent } = bench;
  const { release, latch, glass = '' } = entry.data;
  const file = record.glass.get(glass);
  const name = `Entry ${index} (latch.released) by break glass ${glass}`;
  if (spent.has(glass)) book.fault('glass_used_twice', index, `${name}: it was used before.`);
  spent.add(glass);
  if (file === undefined && blind === null) book.fault('glass_unknown', index, `${name}: nobody had asked for it.`);
  if (file !== undefined && (file.act.latch !== latch || release !== glass || file.practice))
    book.fault('effect_differs', index, `${name}: it was broken ${file.practice ? 'for practice' : `for the latch ${file.act.latch}`}.`);
  const broken = file?.broken ?? null;
  if (broken === null && blind !== null) {
    book.unsure('effects', 'before');
    return;
  }
  book.checked('effects');
  if (file !== undefined && broken === null) book.fault('effect_without_quorum', index, `${name}: it had not been broken.`);
  if (broken !== null && (timeOf(entry) > broken.endsAt || file?.ended != null))
    book.fault('glass_outside_its_time', index, `${name}: it had ended on ${instantText(broken.endsAt)}.`);
}

/** A server that is up ends a glass within a second; one that is not can't. */
const END_WITHIN_MS = 60_000;

/** At the end of the ledger: what a broken glass left behind. */
export function finishGlasses({ record, book, blind, latest }: ApprovalBench): void {
  if (blind !== null) return;
  for (const { id, entry, practice, broken, ended } of record.glass.all())
    if (broken !== null && !practice && ended === null && broken.endsAt + END_WITHIN_MS < latest)
      book.note(
        'glass_not_ended',
        entry,
        `Break glass ${id} ran out on ${instantText(broken.endsAt)}; that its latch stands again is not recorded.`,
      );
  for (const { id, entry, broken } of record.glass.overdue(latest))
    book.note(
      'review_overdue',
      entry,
      `The review of break glass ${id} was due on ${instantText(broken?.reviewDueAt ?? 0)} and is not closed.`,
    );
}
