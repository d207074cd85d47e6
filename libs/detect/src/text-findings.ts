import type { Finding } from '@wheelhouse/protocol/signals';
import { ContextWords } from './context-words.ts';
import { digitRuns } from './digit-runs.ts';
import { emailsIn } from './email.ts';
import { HINT, hintsIn } from './hints.ts';
import type { Hit } from './hit.ts';
import { ibansIn } from './iban.ts';
import { ipv4In, ipv6In } from './ip-address.ts';
import { letteredIdsIn, nationalNumbersIn } from './national-id.ts';
import { passwordsIn } from './password.ts';
import { cardsIn } from './payment-card.ts';
import { phonesIn } from './phone.ts';
import { privateKeysIn } from './private-key.ts';
import { asIs, plainReading, type Reading, isSpoken, sourceOf } from './reading.ts';
import { secretsIn } from './secrets.ts';
import { spokenReading } from './spoken-reading.ts';

/** Which finding stands where two overlap; those of the same rank both stand. */
const RANK: Readonly<Record<Finding, number>> = {
  private_key: 6,
  secret_key: 5,
  access_token: 5,
  password: 4,
  email: 3,
  iban: 3,
  payment_card: 2,
  ip_address: 1,
  national_id: 1,
  phone: 0,
};

/**
 * Everything that the patterns find in a text: sorted by place, those of one kind that overlap joined. Its time grows with the text's length and no
 * faster: each pattern looks at a bounded stretch from each place. Written and spoken forms are both found; spans are in the text as given.
 */
export function findingsIn(text: string): Hit[] {
  let hints = hintsIn(text);
  if (hints === 0) return [];
  const plain = (hints & HINT.foreign) === 0 ? asIs(text) : plainReading(text);
  if (plain.text !== text) hints = hintsIn(plain.text);
  const hits = hitsIn(plain, hints);
  const spoken = (hints & HINT.spoken) === 0 ? null : spokenReading(plain);
  if (spoken !== null) hits.push(...hitsIn(spoken, hintsIn(spoken.text)));
  return hits.length < 2 ? hits : joined(strongest(hits));
}

/** Every number that is looked for has so many digits (a NINO the fewest), but for addresses: those have dots or colons as well. */
const LEAST_DIGITS = 6;
/** And those of digits only are at least so long, with what separates the digits. */
const LEAST_RUN = 7;

/** The hits in one reading, at their places in the source. */
function hitsIn(reading: Reading, hints: number): Hit[] {
  const { text } = reading;
  const has = (any: number): boolean => (hints & any) !== 0;
  const hits: Hit[] = [];
  if (has(HINT.dashes | HINT.long)) hits.push(...privateKeysIn(text));
  if (has(HINT.long)) hits.push(...secretsIn(text));
  if (has(HINT.password | HINT.colons)) hits.push(...passwordsIn(text));
  if (has(HINT.at)) hits.push(...emailsIn(text));
  if (has(HINT.digit)) hits.push(...numbersIn(reading));
  return reading.segments === null ? hits : hits.map(({ what, from, to }) => ({ what, ...sourceOf(reading, from, to) }));
}

/** What has digits in it. */
function numbersIn(reading: Reading): Hit[] {
  const { text, spoken } = reading;
  const runs = digitRuns(text);
  const hits = text.includes(':') ? ipv6In(text) : [];
  const digits = runs.reduce((sum, run) => sum + run.digits.length, 0);
  if (digits < LEAST_DIGITS) return [...hits, ...runs.flatMap((run) => ipv4In(run, spoken, new ContextWords(reading)))];
  const context = new ContextWords(reading);
  hits.push(...ibansIn(text), ...letteredIdsIn(text, spoken, context));
  for (const run of runs) {
    // Short runs are most of them: times, prices, ages. What is written among spoken words was looked at as it is written.
    if (run.to - run.from < LEAST_RUN || (spoken && !isSpoken(reading, run.from, run.to))) continue;
    hits.push(...cardsIn(run, spoken, context), ...nationalNumbersIn(run, spoken, context));
    hits.push(...ipv4In(run, spoken, context), ...phonesIn(run, spoken, context));
  }
  return hits;
}

const inOrder = (a: Hit, b: Hit): number => a.from - b.from || a.to - b.to;

/** Without those that overlap a finding of a higher rank: the digits inside a key are no telephone number. */
function strongest(hits: readonly Hit[]): Hit[] {
  const kept: Hit[] = [];
  for (let rank = 6; rank >= 0; rank -= 1) {
    const level = hits.filter(({ what }) => RANK[what] === rank);
    if (level.length === 0) continue;
    const taken = kept.toSorted(inOrder);
    kept.push(...level.filter((hit) => !overlapsAny(hit, taken)));
  }
  return kept;
}

/** `taken` is sorted by place, and nearly free of overlaps: halving finds the first that ends after the hit begins. */
function overlapsAny(hit: Hit, taken: readonly Hit[]): boolean {
  let low = 0;
  let high = taken.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((taken[middle]?.to ?? 0) <= hit.from) low = middle + 1;
    else high = middle;
  }
  return (taken[low]?.from ?? Infinity) < hit.to;
}

/** Overlapping hits of one kind as one. */
function joined(hits: readonly Hit[]): Hit[] {
  const open = new Map<Finding, { what: Finding; from: number; to: number }>();
  const all: { what: Finding; from: number; to: number }[] = [];
  for (const hit of hits.toSorted(inOrder)) {
    const last = open.get(hit.what);
    if (last !== undefined && hit.from < last.to) last.to = Math.max(last.to, hit.to);
    else {
      const next = { ...hit };
      open.set(hit.what, next);
      all.push(next);
    }
  }
  return all;
}
