import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Role } from '@wheelhouse/protocol/identity';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';
import { ARTIFACTS, openBrowser, windowOf } from './browser.ts';

const PROPOSAL = /\/approvals\/[0-9a-f-]{36}$/;

describe('the charter in a real browser', () => {
  let server: TestServer;
  let browser: Browser;
  let admin: SignedIn;
  let ada: Page;
  /** Four people have a charter in which more than one vote is needed, and nobody is. */
  let others: readonly Page[] = [];
  const failures: string[] = [];

  beforeAll(async () => {
    mkdirSync(ARTIFACTS, { recursive: true });
    server = await TestServer.start();
    admin = await server.firstOperator();
    browser = await openBrowser('short.wav');
    const window = await windowOf(browser, server.url);
    const cookies = admin.cookie.split('; ').map((cookie) => cookie.split('='));
    await window.addCookies(cookies.map(([name = '', ...value]) => ({ name, value: value.join('='), url: server.url })));
    ada = watched(await window.newPage());
  });
  afterAll(async () => {
    await browser.close();
    await server.dispose();
  });

  function watched(page: Page): Page {
    page.on('pageerror', (error) => failures.push(error.message));
    return page;
  }

  /** A person in a window of their own, with a passkey on a device of their own. */
  async function personWithPasskey(name: string, role: Role): Promise<Page> {
    const { link } = await admin.api.invite({ name, email: `${name.toLowerCase()}@example.org`, role });
    const context: BrowserContext = await windowOf(browser, server.url);
    const page = watched(await context.newPage());
    const devtools = await context.newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    const options = {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
    } as const;
    await devtools.send('WebAuthn.addVirtualAuthenticator', { options: { ...options, automaticPresenceSimulation: true } });
    await page.goto(link);
    await page.getByTestId('add-passkey').click();
    await page.getByText('The passkey is made').waitFor();
    await page.getByTestId('enter').click();
    await page.waitForURL('**/sessions');
    return page;
  }

  const shot = (of: Page, name: string) => of.screenshot({ path: path.join(ARTIFACTS, `charter-live-${name}.png`) });
  const verdict = (of: Page, state: 'holds' | 'broken') =>
    of.locator(`[data-testid=check-panel][data-state=checked] [data-verdict=${state}]`).waitFor();
  const change = async (text: Locator, from: string | RegExp, to: string) => {
    const before = await text.inputValue();
    const after = before.replace(from, to);
    expect(after).not.toBe(before);
    await text.fill(after);
  };
  const person = (index: number): Page => {
    const page = others[index];
    if (page === undefined) throw new Error(`there is no person ${index}`);
    return page;
  };
  /** The seat that the reader of the page holds. */
  const heldBy = async (page: Page): Promise<string> => {
    await page.goto('/charter/seats');
    const own = page.locator('[data-testid^=own-]').filter({ hasText: 'You are its holder.' });
    return ((await own.getAttribute('data-testid')) ?? '').replace('own-', '');
  };

  it('says what it means that there is none yet, and that it takes three people', async () => {
    await ada.goto('/sessions');
    await ada.getByRole('link', { name: 'Charter', exact: true }).click();
    await ada.getByTestId('no-charter').getByText('a second person has to approve').waitFor();
    await ada.getByText('at least 3 people').waitFor();
    expect(await ada.getByTestId('make-charter').isDisabled()).toBe(true);
    await ada.getByTestId('invite-for-charter').click();
    await ada.getByRole('heading', { name: 'Invite a person' }).waitFor();
    await shot(ada, 'none');
  });

  it('is written from a draft, and says while one writes what it would mean', async () => {
    const people = [];
    for (const [name, role] of [
      ['Bo', 'operator'],
      ['Cy', 'reviewer'],
      ['Di', 'operator'],
    ] as const)
      people.push(await personWithPasskey(name, role));
    others = people;
    await ada.goto('/charter');
    await ada.getByTestId('make-charter').click();
    await ada.waitForURL('**/charter/amend');
    await verdict(ada, 'holds');
    const text = ada.getByTestId('charter-text');
    const propose = ada.getByTestId('propose-charter');
    expect(await propose.isEnabled()).toBe(true);

    await change(text, /(charter\.amend:\n +quorum: \{ votes: )2/, '$11');
    await verdict(ada, 'broken');
    await ada.getByText('With charter.amend they give themselves level.raise, whatever its quorum was.').waitFor();
    expect(await propose.isDisabled()).toBe(true);
    expect(await ada.getByTestId('propose-blocked').textContent()).toMatch(/It breaks law 5 in \d+ ways/);
    await shot(ada, 'breach');

    await change(text, 'voteWithin: 12h', 'voteWithin: soon');
    await ada.getByTestId('faults').getByText('a length of time such as').waitFor();
    expect(await ada.locator('[data-testid^=remark-]').textContent()).toContain('a length of time such as');
    expect(await propose.isDisabled()).toBe(true);
    await ada.getByTestId('faults').getByRole('button').click();
    const chosen = '((field) => field.value.slice(field.selectionStart, field.selectionEnd).trim())(document.activeElement)';
    expect(await ada.evaluate<string>(chosen)).toBe('voteWithin: soon');
    await shot(ada, 'fault');

    // What was written is still there after a look elsewhere.
    await ada.getByRole('link', { name: 'In force' }).click();
    await ada.getByTestId('make-charter').click();
    await ada.getByTestId('faults').waitFor();
    await change(text, 'voteWithin: soon', 'voteWithin: 12h');
    await change(text, /(charter\.amend:\n +quorum: \{ votes: )1/, '$12');
    await change(text, 'delegation: { allowed: false }', 'delegation: { allowed: true, longest: 14d }');
    await verdict(ada, 'holds');
  });

  it('comes into force when everyone whom it seats has signed', async () => {
    await ada.getByTestId('propose-reason').fill('The house needs rules that nobody can bend alone');
    await ada.getByTestId('propose-charter').click();
    await ada.waitForURL(PROPOSAL);
    for (const [i, page] of others.entries()) {
      await page.goto(ada.url());
      await page.getByTestId('enrol-key').click();
      await page.getByTestId('choice-yes').click();
      await page.getByTestId('vote-sign').click();
      await page.locator('[data-counts=true]').nth(i).waitFor();
    }
    await ada.locator('[data-testid=proposal][data-state=executed]').waitFor();
    await ada.goto('/charter');
    await ada.getByTestId('in-force').waitFor();
    await ada.getByRole('heading', { name: 'The charter, version 1' }).waitFor();
    await ada.locator('[data-verdict=holds]').waitFor();
    const amend = await ada.getByTestId('coalition-charter.amend').textContent();
    expect(amend).toMatch(/3 people.*3 by vote/);
    expect(await ada.getByTestId('coalition-latch.release').textContent()).toMatch(/2 by break glass/);
    await shot(ada, 'in-force');
  });

  it('has alternates stand in for who is away, and says so to everybody', async () => {
    const bo = person(0);
    const seat = await heldBy(bo);
    await ada.goto('/charter/seats');
    const represented = ada.getByTestId(`represented-${seat}`);
    await represented.getByText('holds it').waitFor();
    await bo.getByTestId('declare-absence').click();
    await bo.getByTestId('absence-until').fill('2020-01-01T00:00');
    await bo.getByTestId('declare-absence-submit').click();
    await bo.getByText('You have to be back after you left.').waitFor();
    await bo.getByTestId('absence-until').fill(`${new Date().getFullYear() + 1}-01-15T09:00`);
    await bo.getByTestId('declare-absence-submit').click();
    await bo.getByTestId('end-absence').waitFor();
    await shot(bo, 'absence');

    await ada.reload();
    await represented.getByText('alternate: Bo declared an absence').waitFor();
    await ada.getByTestId('absences').getByText('Bo').waitFor();
    await bo.getByTestId('end-absence').click();
    await bo.getByTestId('end-absence').waitFor({ state: 'detached' });
    await ada.reload();
    await represented.getByText('holds it').waitFor();
  });

  it('lets somebody delegate the vote of their seat for a while, no longer than the charter says', async () => {
    const bo = person(0);
    const seat = await heldBy(bo);
    await bo.getByTestId(`delegate-${seat}`).click();
    await bo.getByTestId('delegate-to').selectOption({ label: 'Di' });
    await bo.getByTestId('delegate-until').fill(`${new Date().getFullYear() + 2}-01-15T09:00`);
    await bo.getByTestId('delegate-submit').click();
    await bo.getByRole('alert').getByText('no delegation for as long as that').waitFor();
    await bo.getByRole('button', { name: 'Leave it' }).click();
    await bo.getByTestId(`delegate-${seat}`).click();
    await bo.getByTestId('delegate-to').selectOption({ label: 'Di' });
    await bo.getByTestId('delegate-submit').click();
    const given = bo.locator('[data-testid^=delegation-]');
    await given.getByText(`with ${seat}`).waitFor();
    await given.getByRole('button').click();
    await given.waitFor({ state: 'detached' });
  });

  it('passes a seat to an alternate who signs for it, and foresees that in the transitions', async () => {
    const seat = await heldBy(ada);
    await ada.getByTestId(`hand-over-${seat}`).click();
    const to = await ada.getByTestId('hand-over-to').locator('option').first().textContent();
    await ada.getByTestId('hand-over-submit').click();
    await ada.getByTestId(`handover-${seat}`).getByText('if it is accepted before then').waitFor();
    const successor = person(['Bo', 'Cy', 'Di'].indexOf(to ?? ''));
    await successor.goto('/charter/seats');
    await successor.getByTestId(`accept-${seat}`).click();
    await successor.getByTestId(`handover-${seat}`).getByText(': accepted.').waitFor();
    await shot(successor, 'handover');
    await ada.getByRole('link', { name: 'Transitions' }).click();
    await ada.getByTestId('powers-held').first().getByText('As a table').click();
    const rows = ada.getByTestId('tenures').first().locator('tr').filter({ hasText: seat });
    await until('the successor in the table', async () => (await rows.allTextContents()).some((row) => row.includes(to ?? '?')));
    await shot(ada, 'transitions');
  });

  it('is amended from the text in force, with its changes shown, by a proposal of its own', async () => {
    await ada.goto('/charter/amend');
    await ada.getByTestId('propose-blocked').getByText('nothing else than the charter in force').waitFor();
    const text = ada.getByTestId('charter-text');
    expect(await text.inputValue()).toMatch(/^version: 2$/m);
    await change(text, 'handover: { notice: 7d', 'handover: { notice: 14d');
    await verdict(ada, 'holds');
    expect(await ada.getByTestId('amend-diff').textContent()).toMatch(/2 lines added, 2 removed.*notice: 7d.*notice: 14d/);
    await ada.getByTestId('propose-reason').fill('Two weeks of notice');
    await shot(ada, 'amend');
    await ada.getByTestId('propose-charter').click();
    await ada.waitForURL(PROPOSAL);
    await ada.goto('/charter/amend');
    await ada.getByTestId('propose-blocked').getByText('nothing else than the charter in force').waitFor();
  });

  it('proposes to take a seat from its holder, and to give it to somebody else', async () => {
    const seat = await heldBy(person(2));
    await ada.goto('/charter/seats');
    await ada.getByTestId(`recall-${seat}`).click();
    await ada.getByTestId('act-reason').fill('Left the house');
    await ada.getByTestId('recall-submit').click();
    await ada.waitForURL(PROPOSAL);
    await ada.goto('/charter/seats');
    await ada.getByTestId(`change-${seat}`).click();
    await ada.getByTestId('seat-change-holder').selectOption({ label: 'Cy' });
    await ada.getByTestId('act-reason').fill('Cy takes over');
    await shot(ada, 'seat-change');
    await ada.getByTestId('seat-change-submit').click();
    await ada.waitForURL(PROPOSAL);
  });

  it('is left only by typing the name of the seat', async () => {
    const di = person(2);
    const seat = await heldBy(di);
    await di.getByTestId(`leave-${seat}`).click();
    await di.getByTestId('leave-typed').fill('another seat');
    await di.getByTestId('leave-submit').click();
    await di.getByText(`Type ${seat}, as it is written above.`).waitFor();
    await di.getByTestId('leave-typed').fill(seat);
    await di.getByTestId('leave-submit').click();
    await di.getByTestId(`own-${seat}`).waitFor({ state: 'detached' });
    await di.getByTestId(`seat-${seat}`).getByText('vacant').waitFor();
  });

  it('keeps every version, with its proposal and its entry in the ledger', async () => {
    await ada.goto('/charter/history');
    const version = ada.getByTestId('version-1');
    await version.getByText('The first charter.').waitFor();
    await version.getByText('Its whole text').click();
    await version.getByText('# The charter: who holds which seat').waitFor();
    await shot(ada, 'history');
    await version.getByRole('link', { name: /ledger entry/ }).click();
    await ada.waitForURL(/\/ledger\/\d+$/);
  });

  it('shows reviewers and administrators how people vote, and lets them record training, never their own', async () => {
    const [bo, cy] = [person(0), person(1)];
    await bo.goto('/charter');
    await bo.getByTestId('in-force').waitFor();
    expect(await bo.getByRole('link', { name: 'Oversight' }).count()).toBe(0);
    await cy.goto('/charter/oversight');
    const rows = cy.locator('[data-testid^=overseer-]');
    await rows.first().waitFor();
    await rows.filter({ hasText: 'Cy' }).getByText('somebody else records yours').waitFor();
    await rows.filter({ hasText: 'Bo' }).getByRole('button').click();
    await cy.getByTestId('training-until').fill(`${new Date().getFullYear() + 1}-06-30`);
    await cy.getByTestId('training-submit').click();
    await rows.filter({ hasText: 'Bo' }).locator('time').waitFor();
    await shot(cy, 'oversight');
  });

  it('fits a narrow window, light and dark', async () => {
    await ada.setViewportSize({ width: 800, height: 900 });
    await ada.emulateMedia({ colorScheme: 'dark' });
    for (const page of ['', '/seats', '/transitions', '/amend', '/history', '/oversight']) {
      await ada.goto(`/charter${page}`);
      await ada.locator('.charter-page h1').waitFor();
      expect(await ada.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(800);
      await shot(ada, `narrow${page.replace('/', '-')}`);
    }
    expect(failures).toEqual([]);
  });
});
