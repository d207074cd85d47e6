import type { ProposalFile } from './proposal-files.ts';

/** How somebody has voted, from the ledger. Seconds are those for which the proposal was in view before the vote. */
export type OverseerRecord = {
  readonly votes: number;
  readonly yesShare: number;
  readonly medianSeconds: number;
  readonly evidenceShare: number;
  /** Practice proposals that had to be rejected: how many they voted on, and on how many of those they said no or vetoed. */
  readonly practice: { readonly seen: number; readonly rejected: number };
  /** Signs of rubber-stamping, in sentences. */
  readonly signs: readonly string[];
};

/** Below this many votes nothing is said about a habit. */
const ENOUGH_VOTES = 8;
/** A proposal that was looked at for less than this can hardly have been read. */
const HASTY_S = 10;
const HASTY_SHARE = 0.5;
const ALWAYS_YES_SHARE = 0.97;
const UNREAD_SHARE = 0.25;
const BURST = 5;
const BURST_WITHIN_MS = 60_000;

/** What the votes of one person say about how they oversee. Pure: everybody computes the same from the same ledger. */
export function overseerRecord(person: string, files: Iterable<ProposalFile>): OverseerRecord {
  const cast = [...files].flatMap((file) =>
    file.life.votes
      .filter((vote) => vote.person === person)
      .map((vote) => ({ vote, note: file.votes.get(vote.id), practice: file.practiceSalt !== null })),
  );
  const seconds = cast.map(({ note }) => note?.seconds ?? 0).sort((a, b) => a - b);
  const shareOf = (holds: (one: (typeof cast)[number]) => boolean) => (cast.length === 0 ? 0 : cast.filter(holds).length / cast.length);
  const practised = cast.filter(({ practice }) => practice);
  const record = {
    votes: cast.length,
    yesShare: shareOf(({ vote }) => vote.choice === 'yes'),
    medianSeconds: medianOf(seconds),
    evidenceShare: shareOf(({ note }) => note?.evidence === true),
    practice: { seen: practised.length, rejected: practised.filter(({ vote }) => vote.choice !== 'yes').length },
  };
  const hasty = shareOf(({ note }) => (note?.seconds ?? 0) < HASTY_S);
  const burst = longestBurst(cast.map(({ vote }) => vote.at).sort((a, b) => a - b));
  return { ...record, signs: signsOf(record, { hasty, burst }) };
}

function signsOf(record: Omit<OverseerRecord, 'signs'>, { hasty, burst }: { hasty: number; burst: number }): string[] {
  const signs: string[] = [];
  const missed = record.practice.seen - record.practice.rejected;
  if (missed > 0) signs.push(`${missed} of ${record.practice.seen} practice proposals that had to be rejected got a yes.`);
  if (burst >= BURST) signs.push(`${burst} votes within one minute.`);
  if (record.votes < ENOUGH_VOTES) return signs;
  if (hasty >= HASTY_SHARE) signs.push(`${percent(hasty)} of the votes came within ${HASTY_S} seconds of looking.`);
  if (record.yesShare >= ALWAYS_YES_SHARE) signs.push(`${percent(record.yesShare)} of the votes were yes.`);
  if (record.evidenceShare < UNREAD_SHARE) signs.push(`The evidence was opened before ${percent(record.evidenceShare)} of the votes.`);
  return signs;
}

/** The most votes within any minute. */
function longestBurst(times: readonly number[]): number {
  let most = 0;
  let from = 0;
  for (const [i, at] of times.entries()) {
    while (at - (times[from] ?? at) > BURST_WITHIN_MS) from += 1;
    most = Math.max(most, i - from + 1);
  }
  return most;
}

function medianOf(sorted: readonly number[]): number {
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = sorted.length % 2 === 0 ? [sorted[middle - 1], sorted[middle]] : [sorted[middle], sorted[middle]];
  return (low + high) / 2;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
