import { hashFromBase64, toBase64 } from '@wheelhouse/ledger/base64';
import { utf8 } from '@wheelhouse/ledger/bytes';
import type { Checkpoint } from '@wheelhouse/ledger/checkpoint';
import { entryLeafHash } from '@wheelhouse/ledger/entry';
import { verifyConsistency } from '@wheelhouse/ledger/verify-proof';
import type { PublicCharter, Transparency } from '@wheelhouse/protocol/transparency';
import { sha256 } from '../ledger/browser-crypto.ts';
import { plural } from '../ledger/plain-words.ts';
import type { Step } from '../ledger/verify-step.ts';
import type { KeyStanding } from '../ledger/watch-log.ts';
import type { PageMemory, PageRemembered } from './page-memory.ts';
import { momentInWords } from './public-words.ts';
import { consistencyFromTiles, type TileFetch } from './published-tiles.ts';

/** How the page's key stands to the one that this browser remembers. Remembers the first one that it sees (trust on first use). */
export function standingOfPage({ key }: Pick<Transparency, 'key'>, memory: PageMemory, now: string): KeyStanding {
  const known = memory.read();
  if (known !== null && known.key !== key) return { type: 'other', key: known.key, shown: key, since: known.since };
  if (known !== null) return { type: 'same', key, since: known.since };
  memory.write({ key, since: now, head: null, charters: [] });
  return { type: 'first', key };
}

const GROWTH = {
  id: 'growth',
  title: 'The log has not shrunk since this browser last looked',
  meaning: 'A log that once had more entries, or others in the same number, has had something taken away or rewritten.',
} as const;

type KnownHead = NonNullable<PageRemembered['head']>;
type Look = { readonly loadedAt: number; readonly fetchTile: TileFetch };

/** Holds a head whose signature is good against the last one that this browser verified. */
export async function growthStep(shown: Checkpoint, known: KnownHead | null, { loadedAt, fetchTile }: Look): Promise<Step> {
  if (known === null)
    return {
      ...GROWTH,
      outcome: 'none',
      result: 'This is the first head of it that this browser verifies. It is remembered for the next time.',
    };
  const hashes = [
    { name: `Remembered root of ${known.size} entries`, hash: known.root },
    { name: `Shown root of ${shown.size} entries`, hash: toBase64(shown.root) },
  ];
  const then = `${momentInWords(known.at)}, when this browser last looked`;
  // Another tab may have looked since this page was loaded.
  if (shown.size < known.size && loadedAt < Date.parse(known.at))
    return { ...GROWTH, outcome: 'open', result: 'This page is older than what was checked last. Load it again.', hashes };
  if (shown.size < known.size)
    return {
      ...GROWTH,
      outcome: 'bad',
      result: `The tree shrank: at ${then}, it had ${known.size} entries, and now has ${shown.size}.`,
      hashes,
    };
  const root = hashFromBase64(known.root);
  if (root === null) return { ...GROWTH, outcome: 'open', result: 'What this browser remembers of it cannot be read.' };
  if (shown.size === known.size && toBase64(shown.root) !== known.root)
    return { ...GROWTH, outcome: 'bad', result: `It has as many entries as at ${then}, but others.`, hashes };
  if (shown.size === known.size) return { ...GROWTH, outcome: 'good', result: `It is the same as at ${then}.`, hashes };
  const more = `${plural(shown.size - known.size, 'entry was', 'entries were')} added since ${momentInWords(known.at)}`;
  const proven = await provenGrowth({ size: known.size, root }, shown, fetchTile);
  switch (proven.state) {
    case 'proven':
      return {
        ...GROWTH,
        outcome: 'good',
        result: `${more}, and the tiles of the public log prove that those before are unchanged.`,
        hashes,
      };
    case 'disproven':
      return { ...GROWTH, outcome: 'bad', result: `What is shown did not grow out of what it was at ${then}. ${proven.why}`, hashes };
    case 'unknown':
      return {
        ...GROWTH,
        outcome: 'good',
        result: `${more}. That those before are unchanged cannot be proven from here: this installation's log is not public. The charters are held against those that were verified before.`,
        hashes,
      };
  }
}

type Growth = { readonly state: 'proven' | 'unknown' } | { readonly state: 'disproven'; readonly why: string };

async function provenGrowth(first: { size: number; root: Uint8Array }, second: Checkpoint, fetchTile: TileFetch): Promise<Growth> {
  try {
    const proof = await consistencyFromTiles({ first: first.size, second: second.size }, fetchTile);
    if (proof === null) return { state: 'unknown' };
    const verdict = verifyConsistency({ first, second, proof }, sha256);
    return verdict.ok ? { state: 'proven' } : { state: 'disproven', why: verdict.message };
  } catch {
    return { state: 'unknown' };
  }
}

const KEPT = {
  id: 'kept',
  title: 'Every charter that this browser verified before is still here',
  meaning: 'A history that leaves out a charter, or has another in its place, would be noticed by whoever looked before.',
} as const;

/** Null where this browser has verified none before. */
export function keptStep(charters: readonly PublicCharter[], known: PageRemembered['charters']): Step | null {
  if (known.length === 0) return null;
  const lost = known.find(
    ({ entry, leafHash }) => !charters.some(({ stored }) => stored.index === entry && leafHashOf({ stored }) === leafHash),
  );
  if (lost !== undefined)
    return {
      ...KEPT,
      outcome: 'bad',
      result: `Version ${lost.version}, entry #${lost.entry}, is missing, or another entry stands in its place.`,
    };
  return {
    ...KEPT,
    outcome: 'good',
    result: known.length === 1 ? 'It is the one that it was.' : `All ${known.length} are those that they were.`,
  };
}

export function leafHashOf({ stored }: Pick<PublicCharter, 'stored'>): string {
  return toBase64(entryLeafHash(utf8(stored.body), sha256));
}

const ORDER = {
  id: 'order',
  title: 'The charters stand in the order in which they came into force',
  meaning:
    'So that no earlier one passes for the one in force. That there is no later one, only somebody who reads the whole log can tell.',
} as const;

/** Null where there are fewer than two. */
export function orderStep(charters: readonly PublicCharter[]): Step | null {
  if (charters.length < 2) return null;
  const wrong = charters.find(({ stored }, i) => i > 0 && stored.index >= (charters[i - 1]?.stored.index ?? 0));
  if (wrong !== undefined)
    return { ...ORDER, outcome: 'bad', result: `Version ${wrong.version}, entry #${wrong.stored.index}, stands behind an earlier one.` };
  return { ...ORDER, outcome: 'good', result: `Entries ${charters.map(({ stored }) => `#${stored.index}`).join(', ')}, the newest first.` };
}
