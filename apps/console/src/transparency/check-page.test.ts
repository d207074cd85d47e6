import type { PublicCharter, Transparency } from '@wheelhouse/protocol/transparency';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { verdictOf } from '../ledger/verify-step.ts';
import { PageLog, PageWitness } from './any-page.fixture.ts';
import { firstDifference } from './check-charter.ts';
import { allSteps, checkPage, type PageCheck } from './check-page.ts';
import type { PageMemory, PageRemembered } from './page-memory.ts';
import type { TileFetch } from './published-tiles.ts';
import { readHead, signersOf } from './shown-head.ts';

const closed: TileFetch = () => Promise.resolve(null);

function newMemory(): PageMemory {
  let kept: PageRemembered | null = null;
  return {
    read: () => kept,
    write: (remembered) => {
      kept = remembered;
    },
    forget: () => {
      kept = null;
    },
  };
}

let clock = Date.parse('2026-03-01T00:00:00Z');
const check = (page: Transparency, memory: PageMemory = newMemory(), fetchTile: TileFetch = closed) => {
  clock += 60_000;
  return checkPage(page, { memory, fetchTile, loadedAt: clock - 1000, now: () => clock });
};
const wrongIn = (result: PageCheck) => allSteps(result).flatMap((step) => (step.outcome === 'bad' ? [`${step.id}: ${step.result}`] : []));
const outcomes = (result: PageCheck) => Object.fromEntries(result.log.map(({ id, outcome }) => [id, outcome]));

/** The page with its newest charter changed. */
function bent(page: Transparency, change: (charter: PublicCharter) => Partial<PublicCharter>): Transparency {
  return { ...page, charters: page.charters.map((charter, i) => (i === 0 ? { ...charter, ...change(charter) } : charter)) };
}

let log: PageLog;
beforeEach(async () => {
  vi.stubGlobal('isSecureContext', true);
  log = await PageLog.make();
  log.grow(5);
  log.adopt(1);
  log.grow(3);
  log.adopt(2);
  log.grow(2);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

describe('a page as it should be', () => {
  it('holds: texts in leaves, leaves in the tree, the head signed, the powers those of the text', async () => {
    const result = await check(await log.page());
    expect(wrongIn(result)).toEqual([]);
    expect(verdictOf(allSteps(result))).toBe('verified');
    expect(result.charters.map(({ steps }) => steps.map(({ id }) => id))).toEqual([
      ['fields', 'text', 'place', 'powers'],
      ['fields', 'text', 'place'],
    ]);
  });

  it('has nothing to check but the head before there is a charter', async () => {
    const empty = await PageLog.make();
    empty.grow(1);
    const result = await check(await empty.page());
    expect(result.charters).toEqual([]);
    expect(verdictOf(allSteps(result))).toBe('verified');
  });

  it('is not called checked while no head covers the charter', async () => {
    const result = await check(bent(await log.page(), () => ({ proof: null })));
    expect(verdictOf(allSteps(result))).toBe('partial');
  });

  it('names the keys that signed the head', async () => {
    const page = await log.page();
    expect(signersOf(page.checkpoint, { log: page.key, witnesses: [] })).toMatchObject([{ by: 'log', at: null }]);
    expect(readHead(page.checkpoint)?.checkpoint.size).toBe(12);
    expect(readHead('nonsense')).toBeNull();
  });
});

describe('a page whose head witnesses cosigned', () => {
  let page: Transparency;
  beforeEach(async () => {
    log.witnessedBy(await PageWitness.make('witness.example.org/one'));
    page = await log.page();
  });
  const witnessesIn = (result: PageCheck) => result.log.find(({ id }) => id === 'witnesses');

  it('proves the cosignatures with the keys that it names', async () => {
    const result = await check(page);
    expect(verdictOf(allSteps(result))).toBe('verified');
    expect(witnessesIn(result)?.outcome).toBe('good');
    expect(witnessesIn(result)?.result).toMatch(/^1 of 1 cosigned it: witness\.example\.org/);
    const signers = signersOf(page.checkpoint, { log: page.key, witnesses: page.witnesses.keys });
    expect(signers.map(({ by, at: when }) => [by, when])).toEqual([
      ['log', null],
      ['witness', '2026-03-01T00:00:00.000Z'],
    ]);
  });

  it('takes no other key for a witness’s', async () => {
    const other = await PageWitness.make('witness.example.org/one');
    const named = { ...page, witnesses: { quorum: 1, keys: [{ name: other.name, key: other.key }] } };
    expect(witnessesIn(await check(named))).toMatchObject({ outcome: 'none' });
    expect(signersOf(page.checkpoint, { log: page.key, witnesses: named.witnesses.keys }).map(({ by }) => by)).toEqual(['log', 'other']);
  });

  it('fails where a cosignature is not of this head', async () => {
    const [line] = page.checkpoint.split('\n').filter((each) => each.includes('witness.example.org'));
    log.grow(1);
    const later = await log.page();
    const forged = later.checkpoint.replace(/^— witness\.example\.org.*$/m, line ?? '');
    const result = await check({ ...later, checkpoint: forged });
    expect(witnessesIn(result)?.outcome).toBe('bad');
    expect(verdictOf(allSteps(result))).toBe('failed');
  });
});

const at = (hashes: readonly string[], i: number) =>
  hashes.map((hash, k) => (k === i ? `${hash.startsWith('A') ? 'B' : 'A'}${hash.slice(1)}` : hash));

describe('a page with damage', () => {
  it.each<[damage: string, step: RegExp, (page: Transparency) => Transparency]>([
    [
      'a letter of the text',
      /^text: The text was altered: line \d+ is “.*votes: 1.*” on this page, and “.*” in the entry\.$/,
      (page) => bent(page, ({ text }) => ({ text: text.replace(/votes: \d/, 'votes: 1 ') })),
    ],
    ['the version', /^text: The page calls it version 7/, (page) => bent(page, () => ({ version: 7 }))],
    [
      'the time',
      /^text: The page says that it came into force at/,
      (page) => bent(page, () => ({ adoptedAt: '2025-01-01T00:00:00.000Z' })),
    ],
    ['the name', /^text: The page calls it sha256:00/, (page) => bent(page, () => ({ name: `sha256:${'0'.repeat(64)}` }))],
    [
      'text and opening alike',
      /^fields: The fields are not those/,
      (page) =>
        bent(page, ({ text, stored }) => ({
          text: text.replace('version: 2', 'version: 3'),
          stored: { ...stored, opening: stored.opening.replace('version: 2', 'version: 3') },
        })),
    ],
    [
      'a hash of the proof',
      /^place: The proof leads to root/,
      (page) => bent(page, ({ proof }) => ({ proof: proof === null ? null : { ...proof, hashes: at(proof.hashes, 0) } })),
    ],
    [
      'a proof without its last hash',
      /^place: The proof has/,
      (page) => bent(page, ({ proof }) => ({ proof: proof === null ? null : { ...proof, hashes: proof.hashes.slice(0, -1) } })),
    ],
    [
      'the head that the proof leads to',
      /^place: Its head:/,
      (page) =>
        bent(page, ({ proof }) => ({
          proof: proof === null ? null : { ...proof, checkpoint: proof.checkpoint.replace('\n12\n', '\n13\n') },
        })),
    ],
    ['the head', /^signature: /, (page) => ({ ...page, checkpoint: page.checkpoint.replace('\n12\n', '\n13\n') })],
    ['a head that cannot be read', /^signature: The head/, (page) => ({ ...page, checkpoint: 'nonsense' })],
    [
      'fewer votes than the text has',
      /^powers: Of charter\.amend, the number of votes is 1 on the page/,
      (page) => ({ ...page, powers: page.powers.map((power) => (power.power === 'charter.amend' ? { ...power, votes: 1 } : power)) }),
    ],
    ['a power left out', /^powers: The text has the power/, (page) => ({ ...page, powers: page.powers.slice(1) })],
    [
      'an earlier charter as the one in force',
      /^order: Version 2, entry #9,/,
      (page) => ({ ...page, charters: page.charters.toReversed() }),
    ],
  ])('%s: fails, and names it', async (_, step, damage) => {
    const result = await check(damage(await log.page()));
    expect(verdictOf(allSteps(result))).toBe('failed');
    expect(wrongIn(result)).toEqual(expect.arrayContaining([expect.stringMatching(step)]));
  });

  it('an entry that is sound, but no adoption, does not pass for one', async () => {
    const page = await log.page();
    const damaged = bent(page, ({ stored }) => ({
      stored: { ...stored, body: stored.body.replace('charter.adopted', 'proposal.opened') },
    }));
    expect(wrongIn(await check(damaged))).toEqual(
      expect.arrayContaining([expect.stringMatching(/^fields: .*not one that put a charter in force/)]),
    );
  });
});

describe('what the browser remembers', () => {
  it('holds the next head against the last: grown, and proven by the tiles where the log is public', async () => {
    const memory = newMemory();
    expect(outcomes(await check(await log.page(), memory))).toMatchObject({ growth: 'none' });
    expect(memory.read()).toMatchObject({ head: { size: 12 }, charters: [{ version: 2 }, { version: 1 }] });
    log.grow(300);
    const grown = await check(await log.page(), memory, log.tile);
    expect(wrongIn(grown)).toEqual([]);
    expect(grown.log.find(({ id }) => id === 'growth')?.result).toContain('prove that those before are unchanged');
    log.grow(1);
    const unproven = await check(await log.page(), memory);
    expect(unproven.log.find(({ id }) => id === 'growth')?.result).toContain('log is not public');
    expect(outcomes(unproven)).toMatchObject({ growth: 'good', kept: 'good' });
  });

  it('says that the tree shrank, and keeps what it knows', async () => {
    const memory = newMemory();
    log.grow(4);
    await check(await log.page(), memory);
    log.shrink(12);
    const result = await check(await log.page(), memory);
    expect(wrongIn(result)).toEqual([expect.stringMatching(/^growth: The tree shrank: .* it had 16 entries, and now has 12\.$/)]);
    expect(memory.read()?.head?.size).toBe(16);
  });

  it('does not call a page shrunk that was loaded before the last look', async () => {
    const memory = newMemory();
    const old = await log.page();
    log.grow(4);
    await check(await log.page(), memory);
    const result = await checkPage(old, { memory, fetchTile: closed, loadedAt: clock - 60_000, now: () => clock });
    expect(outcomes(result)).toMatchObject({ growth: 'open' });
    expect(memory.read()?.head?.size).toBe(16);
  });

  it('says that a log of the same size, or one that grew, is another', async () => {
    const memory = newMemory();
    await check(await log.page(), memory);
    const known = memory.read();
    if (known?.head == null) throw new Error('nothing was remembered');
    memory.write({ ...known, head: { ...known.head, root: btoa('another root of thirty-two bytes') } });
    expect(wrongIn(await check(await log.page(), memory))).toEqual([expect.stringContaining('but others')]);
    log.grow(3);
    expect(wrongIn(await check(await log.page(), memory, log.tile))).toEqual([expect.stringContaining('did not grow out of')]);
  });

  it('misses a charter that it verified before', async () => {
    const memory = newMemory();
    await check(await log.page(), memory);
    const page = await log.page();
    expect(wrongIn(await check({ ...page, charters: page.charters.slice(0, 1) }, memory))).toEqual([
      expect.stringMatching(/^kept: Version 1, entry #5, is missing/),
    ]);
  });

  it('says that the key is another, and does not take the new one', async () => {
    const memory = newMemory();
    await check(await log.page(), memory);
    const other = await PageLog.make();
    other.grow(20);
    other.adopt(1);
    const result = await check(await other.page(), memory);
    expect(wrongIn(result)).toEqual(
      expect.arrayContaining([expect.stringContaining('another key than the one that this browser remembers')]),
    );
    expect(memory.read()?.key).toBe(log.key);
    memory.forget();
    expect(wrongIn(await check(await other.page(), memory))).toEqual([]);
  });

  it('remembers no charter that failed', async () => {
    const memory = newMemory();
    await check(
      bent(await log.page(), ({ text }) => ({ text: `${text} ` })),
      memory,
    );
    expect(memory.read()?.charters).toMatchObject([{ version: 1 }]);
  });
});

describe('the first difference', () => {
  it('is named by its line, with both', () => {
    expect(firstDifference('a\nb', 'a\nb')).toBeNull();
    expect(firstDifference('a\nb', 'a\nc')).toBe('The text was altered: line 2 is “b” on this page, and “c” in the entry.');
    expect(firstDifference('  a', '  b')).toContain('line 1 is “a” on this page');
    expect(firstDifference('a ', 'a')).toContain('line 1 is “a ” on this page');
    expect(firstDifference('a', 'a\nc')).toBe('The text was altered: line 2 is nothing on this page, and “c” in the entry.');
  });
});
