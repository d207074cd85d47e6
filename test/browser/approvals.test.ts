import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { CharterDraft, CharterView } from '@wheelhouse/protocol/charter-view';
import { ProposalLines, ProposalView } from '@wheelhouse/protocol/proposal';
import type { ProposedAct } from '@wheelhouse/protocol/proposed-act';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';
import { ARTIFACTS, openBrowser } from './browser.ts';
import { Colleague } from './colleagues.ts';

const Scrolled = z.object({ ms: z.number(), rows: z.number(), height: z.number() });

describe('approvals in a real browser, each person with a passkey of their own', () => {
  let server: TestServer;
  let browser: Browser;
  let people: Colleague[] = [];
  let founding = '';
  let muted = '';

  beforeAll(async () => {
    mkdirSync(ARTIFACTS, { recursive: true });
    server = await TestServer.start();
    browser = await openBrowser('short.wav');
    const first = await Colleague.arrive('Ann', server.link, { browser, server });
    people = [first];
    for (const name of ['Bob', 'Cem', 'Dan', 'Eve']) {
      const { link } = await first.api.invite({ name, email: `${name.toLowerCase()}@example.org`, role: 'administrator' });
      people.push(await Colleague.arrive(name, link, { browser, server }));
    }
  });
  afterAll(async () => {
    await browser.close();
    await server.dispose();
  });

  const shot = (page: Page, name: string) => page.screenshot({ path: path.join(ARTIFACTS, `approvals-${name}.png`) });
  const one = (at: number): Colleague => {
    const found = people[at];
    if (found === undefined) throw new Error(`there is no person ${at}`);
    return found;
  };
  const propose = (by: Colleague, act: ProposedAct, reason: string) =>
    by.rest.call('POST', '/v1/proposals', ProposalView, { id: randomUUID(), act, reason });
  const proposalAt = (by: Colleague, id: string) => by.rest.call('GET', `/v1/proposals/${id}`, ProposalView);
  const charter = () => one(0).rest.call('GET', '/v1/charter', CharterView);

  it('shows an empty inbox as such, and counts what comes to wait for one without a reload', async () => {
    const { page } = one(1);
    await page.goto('/approvals');
    await page.getByRole('heading', { name: 'Nothing waits for you' }).waitFor();
    expect(await page.getByTestId('approvals-count').count()).toBe(0);
    const { text } = await one(0).rest.call('GET', '/v1/charter/draft', CharterDraft);
    founding = (await propose(one(0), { power: 'charter.amend', text }, 'We want a charter')).id;
    const row = page.getByTestId(`proposal-${founding}`);
    await row.waitFor();
    expect(await row.textContent()).toMatch(/We want a charter.*4 more yes, from Operations or Safety.*closes in 14 days.*Your vote/s);
    await page.getByTestId('approvals-count').waitFor();
    expect(await page.getByTestId('approvals-count').textContent()).toMatch(/^1/);
    await shot(page, 'inbox');
    await row.getByRole('link').click();
    await page.waitForURL(`**/approvals/${founding}`);
  });

  it('offers the proposer a withdrawal, and says why not a vote', async () => {
    const { page } = one(0);
    await page.goto(`/approvals/${founding}`);
    expect(await page.getByTestId('excluded').textContent()).toMatch(/proposer/);
    expect(await page.getByTestId('vote-sign').count()).toBe(0);
    await page.getByTestId('withdraw').waitFor();
  });

  it('refuses to sign, loudly, when the server shows something else than it has signed', async () => {
    const { page } = one(1);
    await page.route(`**/v1/proposals/${founding}`, async (route) => {
      const response = await route.fetch();
      const view = ProposalView.parse(await response.json());
      await route.fulfill({ json: { ...view, preview: { ...view.preview, lines: ['Nothing much happens'] } } });
    });
    await page.reload();
    await page.getByTestId('not-to-be-signed').waitFor();
    expect(await page.getByTestId('vote-sign').count()).toBe(0);
    expect(await page.getByTestId('choice-yes').count()).toBe(0);
    await shot(page, 'not-to-be-signed');
    await page.unrouteAll({ behavior: 'wait' });
  });

  it('makes a passkey count first, asks a reason for a no, and shows each vote with how it was cast', async () => {
    const { page, id } = one(1);
    await page.goto(`/approvals/${founding}`);
    await page.getByTestId('first-voting-key').waitFor();
    await shot(page, 'first-key');
    await page.getByTestId('enrol-key').click();
    await page.getByTestId('choice-no').check();
    await page.getByTestId('vote-sign').click();
    await page.getByText('A no needs a reason').waitFor();
    await page.getByTestId('evidence-analysis').locator('summary').first().click();
    await page.getByTestId('coalition-table').waitFor();
    await shot(page, 'first-charter');
    await page.getByTestId('choice-yes').check();
    await page.getByTestId('vote-sign').click();
    await page.getByTestId('vote-done').getByText('in the ledger').waitFor();
    const { votes } = await proposalAt(one(0), founding);
    expect(votes).toMatchObject([{ person: id, choice: 'yes', evidence: true, uncounted: null }]);
    expect(await page.getByTestId(`vote-${id}`).textContent()).toMatch(/Yes Bob for .*evidence opened\. Signed with their passkey/s);
    await until('nothing to wait for Bob any more', async () => (await page.getByTestId('approvals-count').count()) === 0);
  });

  it('puts the charter in force with the last founder’s vote, under everybody’s eyes', async () => {
    const watcher = one(0).page;
    await watcher.goto(`/approvals/${founding}`);
    for (const at of [2, 3, 4]) await one(at).vote(founding, 'yes');
    await watcher.locator('[data-testid=proposal][data-state=executed]').waitFor();
    await shot(watcher, 'executed');
    expect((await charter()).inForce).toMatchObject({ version: 1, proposal: founding });
  });

  it('decides the release of a stop by votes: asked for in the console, signed by two bodies', async () => {
    const [ann, bob, cem] = [one(0), one(1), one(2)];
    const latch = randomUUID();
    await ann.api.order({ id: latch, kind: 'stop', scope: { type: 'everything' }, reason: 'A drill' });
    await ann.page.goto('/approvals');
    await ann.page.getByTestId('wide-release').click();
    await ann.page.getByTestId('release-reason').fill('The drill is over');
    await ann.page.getByTestId('release-submit').click();
    await ann.page.getByTestId('wide-release-proposal').click();
    await ann.page.waitForURL('**/approvals/*');
    const proposal = new URL(ann.page.url()).pathname.split('/').at(-1) ?? '';
    await bob.read(proposal);
    await bob.page.getByTestId('evidence-latch').locator('summary').click();
    await bob.page.getByTestId('evidence-latch').getByText('A drill').waitFor();
    expect(await bob.page.getByTestId('tally').textContent()).toMatch(/0 of 2 yes, 2 more yes, from Operations and Safety/);
    await shot(bob.page, 'release');
    await bob.vote(proposal, 'no', 'Nobody has looked yet');
    await bob.vote(proposal, 'yes', 'Now I have looked');
    expect(await ann.page.getByTestId('wide-latch-stop').count()).toBe(1);
    await cem.vote(proposal, 'yes');
    await ann.page.locator('[data-testid=proposal][data-state=executed]').waitFor();
    await ann.page.getByTestId('wide-latch-stop').waitFor({ state: 'detached' });
    expect(await ann.page.getByTestId(`vote-${bob.id}`).first().textContent()).toMatch(/No Bob|Yes Bob/);
  });

  it('sends a signed vote that did not arrive again as it is, without asking for another signature', async () => {
    const [ann, dan] = [one(0), one(3)];
    const latch = randomUUID();
    await ann.api.order({ id: latch, kind: 'hold', scope: { type: 'deployment', deployment: 'relay' }, reason: 'Odd answers' });
    const { id } = await propose(ann, { power: 'latch.release', latch }, 'They were right after all');
    await dan.read(id);
    const sent: (string | null)[] = [];
    await dan.page.route('**/votes', async (route) => {
      sent.push(route.request().postData());
      await (sent.length === 1 ? route.abort() : route.continue());
    });
    await dan.page.getByTestId('choice-no').check();
    await dan.page.getByTestId('vote-reason').fill('They were not');
    await dan.page.getByTestId('vote-sign').click();
    await dan.page.getByText('The server cannot be reached').waitFor();
    await dan.page.getByTestId('vote-sign').click();
    await dan.page.getByTestId(`vote-${dan.id}`).waitFor();
    expect(sent).toHaveLength(2);
    expect(sent[1]).toBe(sent[0]);
    await dan.page.unrouteAll({ behavior: 'wait' });
  });

  it('shows an amendment line by line, and what it would let whom do', async () => {
    const [ann, eve] = [one(0), one(4)];
    const text = ((await charter()).inForce?.text ?? '').replace('version: 1', 'version: 2').replace('voteWithin: 12h', 'voteWithin: 6h');
    const { id } = await propose(ann, { power: 'charter.amend', text }, 'Releases take too long');
    await eve.page.emulateMedia({ colorScheme: 'dark' });
    await eve.read(id);
    await eve.page.getByTestId('evidence-diff').locator('summary').click();
    const diff = eve.page.getByTestId('charter-diff');
    await diff.waitFor();
    expect(await diff.textContent()).toMatch(/2 lines added, 2 removed.*voteWithin: 12h.*voteWithin: 6h/s);
    await diff.getByText('voteWithin: 6h').scrollIntoViewIfNeeded();
    await eve.page.getByTestId('closes').waitFor();
    await shot(eve.page, 'amendment-dark');
    await eve.page.emulateMedia({ colorScheme: null });
  });

  it('grants another passkey only by a proposal', async () => {
    const [bob, cem] = [one(1), one(2)];
    await bob.page.goto('/approvals');
    await bob.page.getByTestId('propose-access').click();
    await bob.page.getByTestId('access-person').selectOption(cem.id);
    await bob.page.getByTestId('act-reason').fill('Cem lost his laptop');
    await shot(bob.page, 'grant-dialog');
    await bob.page.getByTestId('propose-access-submit').click();
    await bob.page.waitForURL('**/approvals/*-*');
    await bob.page.getByRole('heading', { level: 1, name: /Cem/ }).waitFor();
  });

  it('stays quick with ten thousand proposals: only what is near the window is drawn', async () => {
    const { page } = one(2);
    const [line] = (await one(2).rest.call('GET', '/v1/proposals?list=all&limit=1', ProposalLines)).items;
    await page.route('**/v1/proposals?list=all*', async (route) => {
      const at = Number(new URL(route.request().url()).searchParams.get('cursor') ?? 0);
      await route.fulfill({
        json: { items: Array.from({ length: 100 }, () => ({ ...line, id: randomUUID() })), next: at < 99 ? String(at + 1) : null },
      });
    });
    await page.goto('/approvals?list=all');
    for (let pages = 1; pages < 100; pages += 1) {
      await page.getByTestId('more-proposals').dispatchEvent('click');
      await page.locator('.proposal-pages > ul').nth(pages).waitFor({ state: 'attached' });
    }
    const quick = `(async () => {
      const page = document.querySelector('.approvals');
      const began = performance.now();
      for (let i = 0; i < 30; i += 1) {
        page.scrollTop += 3000;
        await new Promise(requestAnimationFrame);
      }
      return { ms: performance.now() - began, rows: document.querySelectorAll('.proposal-row').length, height: page.scrollHeight };
    })()`;
    const { ms, rows, height } = Scrolled.parse(await page.evaluate(quick));
    expect(height).toBeGreaterThan(10_000 * 70);
    expect(rows).toBeLessThan(600);
    expect(ms).toBeLessThan(6000);
    await page.keyboard.press('j');
    await page.unrouteAll({ behavior: 'wait' });
  });

  it('steps aside, withdraws, and keeps what ended', async () => {
    const [ann, bob] = [one(0), one(1)];
    muted = randomUUID();
    await ann.api.order({ id: muted, kind: 'mute', scope: { type: 'deployment', deployment: 'echo' }, reason: 'Too loud' });
    const { id } = await propose(ann, { power: 'latch.release', latch: muted }, 'Quiet again');
    await bob.read(id);
    await bob.page.getByTestId('declare-conflict').click();
    await bob.page.getByTestId('act-reason').fill('It is my own deployment');
    await bob.page.getByTestId('conflict-submit').click();
    await bob.page
      .getByTestId('excluded')
      .getByText(/conflict of interest/)
      .waitFor();
    expect(await bob.page.getByTestId('choice-yes').count()).toBe(0);
    await ann.page.goto(`/approvals/${id}`);
    await ann.page.getByTestId('withdraw').click();
    await ann.page.getByTestId('withdraw-submit').click();
    await bob.page.locator('[data-testid=proposal][data-state=withdrawn]').waitFor();
    await bob.page.goto('/approvals');
    await bob.page.getByTestId('tab-all').click();
    await bob.page.locator(`[data-testid=proposal-${id}][data-state=withdrawn]`).waitFor();
    await bob.page.getByTestId('your-record').getByText(/%/).first().waitFor();
    await shot(bob.page, 'all');
  });

  it('breaks the glass with two people, for an hour, and asks for a review', async () => {
    const [ann, bob] = [one(0), one(1)];
    await ann.page.goto('/approvals');
    await ann.page.getByTestId('break-glass').click();
    // She has proposed, and never voted: her passkey has to count first here, too.
    await ann.page.getByTestId('first-voting-key').getByTestId('enrol-key').click();
    await ann.page.getByTestId('glass-latch').selectOption(muted);
    await ann.page.getByTestId('act-reason').fill('A caller is on the muted line');
    await shot(ann.page, 'glass-dialog');
    await ann.page.getByTestId('break-glass-submit').click();
    await ann.page.locator('[data-state=asked]').waitFor();
    await bob.page.goto('/approvals');
    await bob.page.getByTestId('glass').getByText('A caller is on the muted line').waitFor();
    await bob.page.locator('[data-testid^=sign-glass-]').click();
    const broken = bob.page.locator('[data-testid^=glass-][data-state=broken]');
    await broken.waitFor();
    expect(await broken.textContent()).toMatch(/In force.*ends in (59|60) min|In force.*ends in 1 h/s);
    await shot(bob.page, 'glass-broken');
    await ann.page.getByTestId('wide-latch-mute').waitFor({ state: 'detached' });
  });

  it('proposes another master key from the console, and says in words what that reaches', async () => {
    const { page } = one(0);
    await page.goto('/content');
    await page.getByTestId('rotate-master-key').click();
    await page.getByTestId('act-reason').fill('The yearly rotation');
    await shot(page, 'rotate-dialog');
    await page.getByTestId('rotate-master-key-submit').click();
    await page.waitForURL('**/approvals/*');
    await page.getByRole('heading', { name: 'Rotate the master key' }).waitFor();
    expect(await page.getByTestId('preview').textContent()).toMatch(
      /A new master key is made .*with the fingerprint .*Back the new one up/,
    );
    expect(await page.getByTestId('blast-radius').textContent()).toContain('everything that is kept of every person');
    await page.getByTestId('evidence-rotation').locator('summary').click();
    await page.getByText('Backups of the database from before open with the old key alone.').waitFor();
    await page.screenshot({ path: path.join(ARTIFACTS, 'approvals-rotation.png'), fullPage: true });
    const id = page.url().split('/').at(-1) ?? '';
    expect((await proposalAt(one(1), id)).act).toEqual({ power: 'key.rotate', key: 'master' });
    await one(0).rest.call('POST', `/v1/proposals/${id}/withdraw`, ProposalView, { reason: '' });
  });

  it('fits a phone, and nothing failed on any page', async () => {
    const { page } = one(3);
    await page.setViewportSize({ width: 390, height: 844 });
    for (const [name, address] of [
      ['phone-inbox', '/approvals?list=all'],
      ['phone-proposal', `/approvals/${founding}`],
    ] as const) {
      await page.goto(address);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await shot(page, name);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    }
    expect(people.flatMap(({ failures }) => failures)).toEqual([]);
  });
});
