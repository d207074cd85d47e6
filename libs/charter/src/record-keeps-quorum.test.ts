import { CharterFile } from '@wheelhouse/protocol/charter';
import type { EntryOf } from '@wheelhouse/protocol/ledger-entry';
import type { ProposedAct } from '@wheelhouse/protocol/proposed-act';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyCharterFile } from './any-charter.fixture.ts';
import { approvalUsedBy, type CharterEntry, personBehind, timeOf } from './charter-kinds.ts';
import { parseInstant } from './instant.ts';
import { isoOf, person, RecordWorld, textOf } from './record-world.fixture.ts';
import { seatAt } from './seat-history.ts';

const HOUR = 3_600_000;
const PEOPLE = ['ann', 'bob', 'cem', 'dan', 'eve', 'fay', 'zoe'];
const WHAT = [
  ...Array<'vote'>(14).fill('vote'),
  ...Array<'propose'>(2).fill('propose'),
  ...Array<'execute'>(3).fill('execute'),
  ...(['look', 'absence', 'delegate', 'delegate', 'conflict', 'leave', 'leave', 'leave', 'replay', 'train', 'train'] as const),
] as const;

/** One thing that happens; zoe is in no charter. */
const anyStep = fc.record({
  hours: fc.constantFrom(...Array<number>(20).fill(0), 1, 5, 20),
  what: fc.constantFrom(...WHAT),
  who: fc.nat(6),
  other: fc.nat(6),
  seat: fc.nat(3),
  own: fc.constantFrom(true, true, true, false),
  which: fc.constantFrom(0, 0, 0, 1, 2),
  power: fc.nat(3),
  choice: fc.constantFrom(...Array<'yes'>(20).fill('yes'), 'no', 'veto'),
  bent: fc.constantFrom(...Array<boolean>(9).fill(false), true),
  key: fc.boolean(),
});
type Step = typeof anyStep extends fc.Arbitrary<infer T> ? T : never;

describe('the record of a charter', () => {
  it('has no effect of a permissive act without its quorum, once, under the rules it was opened under', () => {
    const seen = new Map<string, number>();
    const run = (first: CharterFile, second: CharterFile, steps: readonly Step[]) => {
      const world = new RecordWorld();
      foundOn(world, first);
      for (const step of steps) take(world, step, second);
      for (const [index, entry] of world.entries.entries()) {
        const used = approvalUsedBy(entry);
        if (used === null) continue;
        expect(reasonAgainst(world.entries.slice(0, index), used)).toBeNull();
        expect(world.entries.filter((one) => approvalUsedBy(one) === used)).toHaveLength(1);
        seen.set(entry.kind, (seen.get(entry.kind) ?? 0) + 1);
      }
    };
    const file = fc.noBias(anyCharterFile(6));
    const steps = fc.noBias(fc.array(anyStep, { minLength: 40, maxLength: 90, size: 'max' }));
    fc.assert(fc.property(file, file, steps, run), { numRuns: 1500, seed: 7 });
    // The search is worth something only if everything is reached, amendments of amended charters too.
    for (const kind of ['charter.adopted', 'seat.appointed', 'seat.recalled', 'latch.released'])
      expect(seen.get(kind), kind).toBeGreaterThan(20);
  });
});

function foundOn(world: RecordWorld, file: CharterFile): void {
  const [proposer = 'ann'] = Object.keys(file.people);
  const id = world.propose(person(proposer), { power: 'charter.amend', text: textOf(file) });
  for (const [seat, { holder }] of Object.entries(file.seats))
    if (holder !== undefined) world.vote(id, person(holder), { seat, choice: 'yes' });
  world.execute(id);
  for (const [i, who] of Object.keys(file.people).entries())
    train(world, who, { role: i, hours: 60, body: Object.values(file.seats)[0]?.body });
}

/** For everything, for releases, for a body, or for another power: in turn. */
function train(world: RecordWorld, who: string, { role, hours, body }: { role: number; hours: number; body: string | undefined }): void {
  const named = [{}, { power: 'latch.release' as const }, body === undefined ? {} : { body }, { power: 'seat.recall' as const }][role % 4];
  world.add('training.recorded', { person: who, until: isoOf(world.now + hours * HOUR), ...named }, person('zoe'));
}

function take(world: RecordWorld, step: Step, second: CharterFile): void {
  world.now += step.hours * HOUR;
  const [who, other] = [PEOPLE[step.who] ?? 'ann', PEOPLE[step.other] ?? 'ann'];
  const seat = `s${step.seat}`;
  const pending = world.pending;
  const id = pending[step.which % Math.max(1, pending.length)] ?? '';
  const until = isoOf(world.now + 24 * HOUR);
  const fromTime = isoOf(world.now);
  const { record } = world;
  const holder = record.inForce === null ? null : seatAt(record.inForce.charter, record.seats.events, seat, world.now)?.holder;
  // By just anybody nearly everything is refused; with holders among them quorums are reached.
  const by = person(step.own ? (holder ?? who) : who);
  switch (step.what) {
    case 'propose': {
      const act = actOf(step, second, world.id());
      world.propose(step.key ? { kind: 'key', id: 'key-1', role: 'operator', person: who } : person(who), act);
      return;
    }
    case 'vote':
      world.vote(id, by, { seat, choice: step.choice, ...(step.bent ? { digest: 'b'.repeat(64) } : {}) });
      return;
    case 'replay': {
      const old = world.entries.findLast((entry) => entry.kind === 'vote.cast');
      if (old !== undefined) world.vote(id, old.by, { seat: old.data.seat, choice: 'yes', digest: old.data.digest, vote: old.data.vote });
      return;
    }
    case 'execute': {
      const effects = effectsIn(world);
      world.execute(id, step.bent ? 'b'.repeat(64) : undefined);
      if (step.bent) expect(effectsIn(world)).toBe(effects);
      return;
    }
    case 'look':
      world.look(id);
      return;
    case 'absence':
      world.add('absence.declared', { absence: world.id(), person: who, fromTime, until }, person(who));
      return;
    case 'delegate':
      world.add('delegation.given', { delegation: world.id(), seat, to: other, fromTime, until }, by);
      return;
    case 'conflict':
      if (id !== '') world.add('conflict.declared', { proposal: id, reason: '' }, person(who));
      return;
    case 'train':
      train(world, by.id, { role: step.other, hours: 10, body: record.inForce?.charter.seats.get(seat)?.body });
      return;
    case 'leave':
      world.add('seat.left', { seat, person: by.id }, by);
  }
}

function effectsIn({ entries }: RecordWorld): number {
  return entries.filter((entry) => approvalUsedBy(entry) !== null).length;
}

function actOf({ power, seat, who, other }: Step, second: CharterFile, latch: string): ProposedAct {
  const [holder, alternate] = [PEOPLE[who] ?? 'ann', PEOPLE[other] ?? 'bob'];
  const alternates = holder === alternate ? [] : [alternate];
  switch (power) {
    case 0:
      return { power: 'charter.amend', text: textOf(second) };
    case 1:
      return { power: 'seat.change', seat: `s${seat}`, holder, alternates, term: null };
    case 2:
      return { power: 'seat.recall', seat: `s${seat}` };
    default:
      return { power: 'latch.release', latch };
  }
}

/**
 * The oracle: what speaks against an effect that uses `proposal` up after `before`; null where nothing does. It reads the entries alone, and looks for
 * that many people, each with a seat of their own, by trying them out.
 */
function reasonAgainst(before: readonly CharterEntry[], proposal: string): string | null {
  const opened = before.findLast((entry) => entry.kind === 'proposal.opened' && entry.data.proposal === proposal);
  const passedAt = before.findIndex((entry) => entry.kind === 'proposal.passed' && entry.data.proposal === proposal);
  if (opened?.kind !== 'proposal.opened' || passedAt < 0) return 'it was not opened, or did not pass';
  if (before.some((entry) => entry.kind === 'proposal.closed' && entry.data.proposal === proposal)) return 'it was closed';
  const adopted = before.findLastIndex((entry) => entry.kind === 'charter.adopted');
  if (adopted > before.indexOf(opened)) return 'another charter was adopted since it was opened';
  const voted = before.slice(0, passedAt).filter((entry) => entry.kind === 'vote.cast');
  const votes = voted.filter(({ data }) => data.proposal === proposal && data.digest === opened.data.digest);
  if (votes.some(({ data }) => data.choice === 'veto')) return 'there was a veto';
  const charter = before[adopted];
  if (charter?.kind !== 'charter.adopted') return foundersMissing(opened, votes);
  const file = CharterFile.parse(JSON.parse(charter.data.charterText));
  const rule = file.powers[opened.data.power];
  if (rule === undefined) return 'nobody has this power';
  const proposer = personBehind(opened);
  const conflicted = new Set(
    before
      .slice(0, passedAt)
      .flatMap((entry) => (entry.kind === 'conflict.declared' && entry.data.proposal === proposal ? [entry.by.id] : [])),
  );
  const line = rule.exclude.includes('reporting_line');
  const barred = (id: string) =>
    id === proposer || conflicted.has(id) || (line && (isAbove(file, id, proposer) || isAbove(file, proposer, id)));
  const since = before.slice(adopted + 1, passedAt);
  const good = votes.filter((vote, i) => {
    const { seat, choice } = vote.data;
    const last = !votes.slice(i + 1).some((later) => later.by.id === vote.by.id && later.data.choice === 'no');
    const inTime = timeOf(vote) - timeOf(opened) <= 24 * HOUR;
    const body = rule.quorum.from.includes(file.seats[seat]?.body ?? '');
    const isTrained = !rule.training || trainedAt(before.slice(0, passedAt), vote, { file, power: opened.data.power });
    return (
      isTrained && choice === 'yes' && last && inTime && body && !barred(vote.by.id) && speaksFor(vote, { file, since, before, barred })
    );
  });
  return isQuorum(good, file, rule.quorum) ? null : 'there is no quorum';
}

/** Whether the latest training of the voter for some fitting role was still valid when the last thing happened before it passed. */
function trainedAt(before: readonly CharterEntry[], vote: Cast, { file, power }: { file: CharterFile; power: string }): boolean {
  const now = timeOf(before.at(-1) ?? vote);
  const own = before.filter((entry) => entry.kind === 'training.recorded').filter(({ data }) => data.person === vote.by.id);
  const latest = own.filter(
    ({ data }, i) => !own.slice(i + 1).some(({ data: later }) => later.power === data.power && later.body === data.body),
  );
  const body = file.seats[vote.data.seat]?.body;
  return latest.some(({ data }) => {
    const fits =
      (data.power === undefined && data.body === undefined) || data.power === power || (body !== undefined && data.body === body);
    return fits && now < (parseInstant(data.until) ?? 0);
  });
}

type Cast = EntryOf<'vote.cast'>;
type Seen = {
  readonly file: CharterFile;
  readonly since: readonly CharterEntry[];
  readonly before: readonly CharterEntry[];
  readonly barred: (id: string) => boolean;
};

/** Whether a voter belongs to the seat at the end, or was sent by somebody who does and who may vote. */
function speaksFor(vote: Cast, { file, since, before, barred }: Seen): boolean {
  const now = timeOf(since.at(-1) ?? vote);
  const owners = ownersOf(file, since, { seat: vote.data.seat, now });
  if (owners.includes(vote.by.id)) return true;
  return before.some(
    (entry) =>
      file.delegation.allowed &&
      entry.kind === 'delegation.given' &&
      entry.data.seat === vote.data.seat &&
      entry.data.to === vote.by.id &&
      timeOf(entry) <= timeOf(vote) &&
      timeOf(vote) < (parseInstant(entry.data.until) ?? 0) &&
      owners.includes(entry.by.id) &&
      !barred(entry.by.id),
  );
}

function ownersOf(file: CharterFile, since: readonly CharterEntry[], { seat, now }: { seat: string; now: number }): readonly string[] {
  let [holder, alternates, term] = [file.seats[seat]?.holder, file.seats[seat]?.alternates ?? [], file.seats[seat]?.term];
  for (const entry of since) {
    if (entry.kind === 'seat.appointed' && entry.data.seat === seat)
      [holder, alternates, term] = [entry.data.holder, entry.data.alternates, undefined];
    if (entry.kind === 'seat.recalled' && entry.data.seat === seat) holder = undefined;
    if (entry.kind === 'seat.left' && entry.data.seat === seat) {
      const { person: leaver } = entry.data;
      alternates = alternates.filter((one) => one !== leaver);
      if (holder === leaver) holder = undefined;
    }
  }
  const begun = term === undefined || ((parseInstant(term.from) ?? 0) <= now && now < (parseInstant(term.until) ?? 0));
  return [...(begun && holder !== undefined ? [holder] : []), ...alternates];
}

/** The first charter takes everybody whom it seats; the proposer's own proposal stands for theirs. */
function foundersMissing(opened: EntryOf<'proposal.opened'>, votes: readonly Cast[]): string | null {
  if (opened.data.act.power !== 'charter.amend') return 'there is no charter yet';
  const file = CharterFile.parse(JSON.parse(opened.data.act.text));
  const said = new Set([personBehind(opened), ...votes.filter(({ data }) => data.choice === 'yes').map(({ by }) => by.id)]);
  const missing = Object.values(file.seats).filter(({ holder }) => holder !== undefined && !said.has(holder));
  return missing.length === 0 && said.size > 1 ? null : 'somebody whom it seats did not sign';
}

function isAbove(file: CharterFile, one: string, other: string): boolean {
  const manager = file.people[other]?.manager;
  return manager !== undefined && (manager === one || isAbove(file, one, manager));
}

function isQuorum(good: readonly Cast[], file: CharterFile, quorum: { votes: number; bodies: number }): boolean {
  const pick = (i: number, chosen: readonly Cast[]): boolean => {
    const bodies = new Set(chosen.map(({ data }) => file.seats[data.seat]?.body));
    if (chosen.length >= quorum.votes && bodies.size >= quorum.bodies) return true;
    const vote = good[i];
    if (vote === undefined) return false;
    const clash = chosen.some(({ by, data }) => by.id === vote.by.id || data.seat === vote.data.seat);
    return (!clash && pick(i + 1, [...chosen, vote])) || pick(i + 1, chosen);
  };
  return pick(0, []);
}
