import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type PublicCharter, Transparency } from '@wheelhouse/protocol/transparency';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { found, type Overseer, overseers, propose, vote } from '../harness/founders.ts';
import { TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';
import { WitnessProcess } from '../harness/witness-process.ts';
import { ARTIFACTS, openBrowser, windowOf } from './browser.ts';

const NAMES = ['Ada Okafor', 'Bo Lindqvist', 'Cem Yilmaz', 'Dina Haddad', 'Eve Moreau'];

describe('the public page in a real browser', () => {
  let server: TestServer;
  let browser: Browser;
  let people: Overseer[];
  let witness: WitnessProcess | null = null;
  /** Somebody whom nobody here knows. */
  let stranger: BrowserContext;
  let page: Page;
  const failures: string[] = [];

  beforeAll(async () => {
    mkdirSync(ARTIFACTS, { recursive: true });
    server = await TestServer.start({ WHEELHOUSE_TRANSPARENCY: 'true', WHEELHOUSE_PUBLIC_LOG: 'true' });
    people = await overseers(server, NAMES.length);
    witness = await WitnessProcess.start((await read()).key);
    await server.stop();
    server.env['WHEELHOUSE_WITNESSES'] = witness.address;
    await server.run();
    browser = await openBrowser('short.wav');
    stranger = await windowOf(browser, server.url);
    page = watched(await stranger.newPage());
  });
  afterAll(async () => {
    await browser.close();
    await server.dispose();
    await witness?.dispose();
  });

  function watched(one: Page): Page {
    one.on('pageerror', (error) => failures.push(error.message));
    one.on('console', (message) => {
      if (/Content Security Policy/.test(message.text())) failures.push(message.text());
    });
    return one;
  }

  const shot = (name: string, fullPage = false) => page.screenshot({ path: path.join(ARTIFACTS, `transparency-${name}.png`), fullPage });
  const read = async () => Transparency.parse(await (await fetch(`${server.url}/v1/transparency`)).json());
  const allProven = (charters: number) =>
    until('all charters to be proven', async () => {
      const made = await read();
      return made.charters.length === charters && made.charters.every(({ proof }) => proof !== null);
    });
  const verdictOf = async (of: Page = page) => {
    await of.getByTestId('check-page').click();
    const line = of.getByTestId('check-verdict');
    await line.waitFor();
    return { verdict: await line.getAttribute('data-verdict'), words: (await line.textContent()) ?? '' };
  };
  const one = (index: number): Overseer => {
    const person = people[index];
    if (person === undefined) throw new Error(`there is no person ${index}`);
    return person;
  };
  /** With names as people have them, and amendments that need not wait for days. */
  const edited = (draft: string) =>
    people
      .reduce((text, { id }, i) => text.replace(new RegExp(`("?${id}"?): \\{ name: .* \\}`), `$1: { name: ${NAMES[i] ?? ''} }`), draft)
      .replace('notice: 3d\n    voteWithin: 14d', 'voteWithin: 14d');

  it('says that there is no charter yet, and what holds until then', async () => {
    await page.goto('/transparency');
    await page.getByTestId('no-charter').getByText('takes two people').waitFor();
    expect(await page.title()).toBe('Transparency – Wheelhouse');
    expect(await page.getByTestId('seats').count()).toBe(0);
    expect(await verdictOf()).toMatchObject({ verdict: 'verified' });
  });

  it('is read by anybody without an account: charter, seats, powers, notices, figures, the log', async () => {
    await found(people, edited);
    await allProven(1);
    const reason = 'words that nobody outside may read';
    await one(0).api.order({ id: randomUUID(), kind: 'hold', scope: { type: 'everything' }, reason });
    const text = (await one(0).charter.charter()).inForce?.text ?? '';
    const amended = text.replace('version: 1', 'version: 2').replace('voteWithin: 12h', 'voteWithin: 8h');
    const { id: amendment } = await propose(one(0), { power: 'charter.amend', text: amended });
    for (const voter of [1, 2, 3]) await vote(one(voter), amendment);
    const { id: change } = await propose(one(0), {
      ...{ power: 'seat.change', seat: 'safety-1', holder: one(1).id, alternates: [one(3).id, one(2).id], term: null },
    });
    for (const voter of [1, 2, 3]) await vote(one(voter), change);
    await allProven(2);
    await until('the notice on the page', async () => (await read()).notices.length === 1);

    await page.goto('/transparency');
    await page.getByTestId('in-force').waitFor();
    expect(page.url()).toMatch(/\/transparency$/);
    expect(await page.getByTestId('in-force').textContent()).toMatch(/^Version 2 has been in force since \d+ \w+ 20\d\d at \d\d:\d\d UTC/);
    expect(await page.getByTestId('charter-text').textContent()).toBe(amended);
    expect(await page.getByTestId('seat-operations-1').textContent()).toMatch(/^Ada Okafor.*Alternates: Bo Lindqvist, Cem Yilmaz\./);
    expect(await page.getByTestId('quorum').filter({ hasText: 'charter.amend' }).textContent()).toMatch(
      /^One person proposes, and 3 of the 5 seats of Operations and Safety vote yes, from both bodies:/,
    );
    expect(await page.getByTestId('power-latch.release').textContent()).toMatch(
      /8 hours to vote.*2 people of the seats .* may break the glass/,
    );
    expect(await page.getByTestId('notices').textContent()).toMatch(/Give a seat to somebody has its votes, and takes effect on/);
    expect(await page.getByTestId('orders-hold').textContent()).toMatch(/1$/);
    expect(await page.getByTestId('orders-in-force').textContent()).toBe('1');
    expect(await page.getByTestId('gate-p99').textContent()).toMatch(/^[\d.]+ (µs|ms)$/);
    expect(await page.getByTestId('proposals-executed').textContent()).toBe('2');
    expect(await page.getByTestId('glass-overdue').textContent()).toBe('No review of a broken glass is overdue.');
    expect(await page.getByTestId('signers').textContent()).toContain('the log’s own key');
    expect(await page.getByTestId('signers').textContent()).toContain('a witness that this page names');
    expect(await page.getByTestId('public-witnesses').textContent()).toContain(witness?.vkey);
    expect(await page.getByTestId('diff-2').textContent()).toMatch(/added: .*voteWithin: 8h/);
    expect(await page.locator('body').textContent()).not.toContain(reason);
    await shot('page');
    await shot('whole', true);
    for (const part of ['charter', 'seats', 'powers', 'overrides', 'decisions', 'log', 'history'])
      await page.getByTestId(part).screenshot({ path: path.join(ARTIFACTS, `transparency-part-${part}.png`) });
  });

  it('is linked to from where a visitor comes first', async () => {
    await page.goto('/sign-in');
    await page.getByTestId('public-link').waitFor();
    await shot('sign-in');
    await page.getByTestId('public-link').click();
    await page.waitForURL('**/transparency');
    await page.getByTestId('in-force').waitFor();
  });

  it('is checked by their own browser: texts, entries, tree, key, and that the log only grew since they last looked', async () => {
    const { verdict, words } = await verdictOf();
    expect(words).toContain('Checked, and it holds.');
    expect(verdict).toBe('verified');
    for (const version of [1, 2]) expect(await page.getByTestId(`check-version-${version}`).getAttribute('data-verdict')).toBe('verified');
    expect(await page.getByTestId('step-growth').textContent()).toContain('prove that those before are unchanged');
    expect(await page.getByTestId('step-witnesses').getAttribute('data-outcome')).toBe('good');
    const newest = page.getByTestId('check-version-2');
    for (const step of ['fields', 'text', 'place', 'powers'])
      expect(await newest.getByTestId(`step-${step}`).getAttribute('data-outcome')).toBe('good');
    await page.getByTestId('check').scrollIntoViewIfNeeded();
    await page.getByTestId('check').screenshot({ path: path.join(ARTIFACTS, 'transparency-checked.png') });
  });

  const charterBent = (change: (charter: PublicCharter) => Partial<PublicCharter>) => (made: Transparency) => ({
    ...made,
    charters: made.charters.map((charter, i) => (i === 0 ? { ...charter, ...change(charter) } : charter)),
  });

  it.each<[damage: string, step: string, words: RegExp, (made: Transparency) => Transparency]>([
    [
      'a word of the text',
      'text',
      /Version 2: The text was altered: line \d+ is “.*voteWithin: 9h” on this page, and “.*voteWithin: 8h” in the entry/,
      charterBent(({ text }) => ({ text: text.replace('voteWithin: 8h', 'voteWithin: 9h') })),
    ],
    [
      'a hash of the proof',
      'place',
      /Version 2: The proof leads to root/,
      charterBent(({ proof }) => ({
        proof: proof === null ? null : { ...proof, hashes: proof.hashes.with(0, Buffer.alloc(32, 7).toString('base64')) },
      })),
    ],
    [
      'a power that takes fewer votes',
      'powers',
      /Of charter\.amend, the number of votes is 1 on the page and 3 in the text/,
      (made) => ({ ...made, powers: made.powers.map((power) => (power.power === 'charter.amend' ? { ...power, votes: 1 } : power)) }),
    ],
  ])('fails loudly over %s, and names it', async (_damage, step, words, bend) => {
    await page.route('**/v1/transparency', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: bend(Transparency.parse(await response.json())) });
    });
    await page.reload();
    const told = await verdictOf();
    expect(told.verdict).toBe('failed');
    expect(told.words).toMatch(words);
    expect(await page.getByTestId('check-version-2').getByTestId(`step-${step}`).getAttribute('data-outcome')).toBe('bad');
    expect(await page.getByTestId('check-version-1').getAttribute('data-verdict')).toBe('verified');
    if (step === 'text') await page.getByTestId('check').screenshot({ path: path.join(ARTIFACTS, 'transparency-tampered.png') });
    await page.unroute('**/v1/transparency');
  });

  it('remembers: another key and a log that shrank are said', async () => {
    await page.evaluate(`localStorage.setItem('wheelhouse.transparency',
      localStorage.getItem('wheelhouse.transparency').replace(/"size":\\d+/, '"size":999999'))`);
    await page.reload();
    expect((await verdictOf()).words).toMatch(/^This page does not hold\..*The tree shrank: .* 999999 entries/);
    const other = { ...(await read()), key: 'example.org/log+a2d34cf0+AWZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZm' };
    await page.route('**/v1/transparency', (route) => route.fulfill({ json: other }));
    await page.reload();
    await page.getByTestId('key-changed').waitFor();
    expect((await verdictOf()).words).toMatch(/^This page does not hold\..*another key/);
    await page.unroute('**/v1/transparency');
    await page.reload();
    await page.getByTestId('remembered').locator('summary').click();
    await page.getByTestId('forget').click();
    expect(await verdictOf()).toMatchObject({ verdict: 'verified' });
  });

  it('fits a phone, the dark, and paper', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.reload();
    await page.getByTestId('in-force').waitFor();
    await verdictOf();
    expect(Number(await page.evaluate('document.documentElement.scrollWidth'))).toBeLessThanOrEqual(360);
    await shot('phone', true);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await shot('dark', true);
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.getByTestId('check-page').isVisible()).toBe(false);
    await page.pdf({ path: path.join(ARTIFACTS, 'transparency.pdf'), format: 'A4', printBackground: true });
    await page.setViewportSize({ width: 794, height: 1123 });
    expect(Number(await page.evaluate('document.documentElement.scrollWidth'))).toBeLessThanOrEqual(794);
    await shot('print', true);
    await page.emulateMedia({ media: 'screen', colorScheme: 'light' });
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  it('says plainly that nothing is published where that was not asked for', async () => {
    await server.stop();
    server.env['WHEELHOUSE_TRANSPARENCY'] = 'false';
    await server.run();
    await page.goto('/transparency');
    await page.getByTestId('nothing-published').waitFor();
    await page.getByRole('heading', { name: 'This installation publishes nothing' }).waitFor();
    expect(await page.getByTestId('check').count()).toBe(0);
    await shot('off');
    const asked = page.waitForResponse('**/v1/transparency');
    await page.goto('/sign-in');
    await asked;
    await page.getByTestId('sign-in-passkey').waitFor();
    expect(await page.getByTestId('public-link').count()).toBe(0);
    expect(failures).toEqual([]);
  });
});
