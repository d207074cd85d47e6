import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Action } from '@wheelhouse/protocol/action';
import { ActionClient } from '@wheelhouse/sdk/action-client';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestServer } from '../harness/server.ts';
import { ARTIFACTS, openBrowser } from './browser.ts';
import { Colleague } from './colleagues.ts';

const CALL = {
  tool: 'refund',
  arguments: { order: 'A-17', amount: 12.5, lines: [{ sku: 'lamp', count: 1, note: 'arrived broken, photo in the ticket' }] },
};

describe('what waits for a human, in a real browser', () => {
  let server: TestServer;
  let browser: Browser;
  let ann: Colleague;
  let bob: Colleague;
  let agent: ActionClient;

  beforeAll(async () => {
    mkdirSync(ARTIFACTS, { recursive: true });
    server = await TestServer.start();
    browser = await openBrowser('short.wav');
    ann = await Colleague.arrive('Ann', server.link, { browser, server });
    const { link } = await ann.api.invite({ name: 'Bob', email: 'bob@example.org', role: 'operator' });
    bob = await Colleague.arrive('Bob', link, { browser, server });
    const { key } = await ann.api.issueKey({ name: 'billing agent', scopes: ['actions:ask'], expiresInDays: 1 });
    agent = new ActionClient(server.url, { key });
  });
  afterAll(async () => {
    await browser.close();
    await server.dispose();
  });

  const shot = (page: Page, name: string) => page.screenshot({ path: path.join(ARTIFACTS, `actions-${name}.png`) });
  const ask = (change: Partial<Parameters<ActionClient['ask']>[0]> = {}) =>
    agent.ask({ id: randomUUID(), ...CALL, agent: 'Billing agent', reason: 'The lamp arrived broken.', ...change });
  const settled = (page: Page, state: Action['state']) => page.locator(`[data-testid=action][data-state=${state}]`).waitFor();

  it('shows an empty inbox as such, and what comes to wait without a reload', async () => {
    const { page } = bob;
    await page.goto('/actions');
    await page.getByTestId('actions-empty').waitFor();
    await shot(page, 'empty');
    const asked = await ask();
    await page.getByTestId(`action-${asked.id}`).waitFor();
    expect(await page.getByTestId('actions-count').textContent()).toMatch(/^1/);
  });

  it('is decided by the keyboard alone: chosen, opened, and approved on a second press', async () => {
    const { page } = bob;
    await page.keyboard.press('j');
    await page.getByTestId('action-arguments').waitFor();
    expect(await page.getByTestId('because').textContent()).toMatch(/tool-asks.*human/s);
    expect(JSON.parse((await page.getByTestId('action-arguments').textContent()) ?? '')).toEqual(CALL.arguments);
    await shot(page, 'waiting');
    await page.keyboard.press('a');
    await page.getByTestId('verdict-submit').waitFor();
    await page.keyboard.type('Looks right');
    await shot(page, 'approve');
    await page.keyboard.press('Control+Enter');
    await settled(page, 'approved');
    expect(await page.getByTestId('action-outcome').textContent()).toMatch(/approved by Bob.*Looks right/s);
    await page.getByTestId('actions-empty').waitFor();
  });

  it('can be edited as JSON: what is wrong is said as it is typed, and the new digest is the one that is approved', async () => {
    const { page } = bob;
    const asked = await ask();
    await page.getByTestId(`action-${asked.id}`).getByRole('button').click();
    await page.getByTestId('choose-edit').click();
    const field = page.getByTestId('edit-arguments');
    expect(await page.getByTestId('verdict-submit').isDisabled()).toBe(true);
    for (const [text, why] of [
      ['{"order":', 'position'],
      ['{"amount":1,"amount":2}', 'occurs twice'],
      ['{"amount":1e400}', 'loses precision'],
    ] as const) {
      await field.fill(text);
      await page.getByTestId('edit-status').getByText(why).waitFor();
      expect(await page.getByTestId('verdict-submit').isDisabled()).toBe(true);
    }
    await field.fill('{\n  "order": "A-17",\n  "amount": 5\n}');
    const digest = ((await page.getByTestId('edit-digest').textContent()) ?? '').replaceAll(' ', '');
    await shot(page, 'edit');
    await page.getByTestId('verdict-submit').click();
    await settled(page, 'edited');
    expect((await agent.action(asked.id)).edited).toEqual({ arguments: { order: 'A-17', amount: 5 }, digest });
    await shot(page, 'edited');
  });

  it('can be answered, and rejected with a reason only', async () => {
    const { page } = bob;
    const [one, two] = [await ask(), await ask()];
    await page.goto(`/actions/${one.id}`);
    await page.getByTestId('choose-answer').click();
    await page.getByTestId('answer-text').fill('Paid back by hand this morning.');
    await page.getByTestId('verdict-submit').click();
    await settled(page, 'answered');
    await page.goto(`/actions/${two.id}`);
    await page.getByTestId('choose-reject').click();
    expect(await page.getByTestId('verdict-submit').isDisabled()).toBe(true);
    await page.getByTestId('verdict-reason').fill('No photo in the ticket.');
    await page.getByTestId('verdict-submit').click();
    await settled(page, 'rejected');
    expect((await agent.action(two.id)).decidedReason).toBe('No photo in the ticket.');
  });

  it('refuses, loudly, to decide on something that is not what its digest says, and to let one approve oneself', async () => {
    const asked = await ask();
    const { page } = bob;
    await page.goto('/actions');
    await page.route('**/v1/actions**', async (route) => {
      const response = await route.fetch();
      const text = (await response.text()).replaceAll('"amount":12.5', '"amount":1');
      await route.fulfill({ response, body: text });
    });
    await page.goto(`/actions/${asked.id}`);
    await page.getByTestId('not-to-decide').getByText('not what its digest says').waitFor();
    expect(await page.getByTestId('choose-approve').count()).toBe(0);
    await shot(page, 'not-to-decide');
    await page.unrouteAll({ behavior: 'wait' });
    await ann.page.goto(`/actions/${asked.id}`);
    await ann.page.getByTestId('not-to-decide').getByText('a key of yours').waitFor();
  });

  it('says so when somebody else was quicker', async () => {
    const { link } = await ann.api.invite({ name: 'Cem', email: 'cem@example.org', role: 'operator' });
    const cem = await Colleague.arrive('Cem', link, { browser, server });
    const asked = await ask();
    await bob.page.goto(`/actions/${asked.id}`);
    await bob.page.getByTestId('choose-approve').click();
    await bob.page.route('**/v1/actions/*/decision', async (route) => {
      await cem.rest.call('POST', `/v1/actions/${asked.id}/decision`, Action, { outcome: 'reject', digest: asked.digest, reason: 'No.' });
      await route.continue();
    });
    await bob.page.getByTestId('verdict-submit').click();
    await settled(bob.page, 'rejected');
    await bob.page.unrouteAll({ behavior: 'wait' });
    expect(cem.failures).toEqual([]);
  });

  it('stands beside its session too, the urgent first, and goes with it', async () => {
    const { page } = bob;
    const { session } = await ann.api.openSession({ deployment: 'relay', level: 3 });
    const later = await ask({ arguments: { order: 'B-2' } });
    const asked = await ask({ session: session.id });
    await ask({ arguments: { order: 'C-3' } });
    await page.goto('/actions');
    await page.getByTestId(`action-${later.id}`).waitFor();
    expect(await page.locator('.action-rows > li').first().getAttribute('data-testid')).toBe(`action-${asked.id}`);
    await page.goto(`/sessions/${session.id}`);
    const card = page.getByTestId(`pending-${asked.id}`);
    await card.waitFor();
    await shot(page, 'session');
    await card.getByTestId('choose-approve').click();
    await card.getByTestId('verdict-submit').click();
    await page.getByTestId('pending-actions').getByText('approved').waitFor();
  });

  it('fits a phone, and the dark', async () => {
    const { page } = bob;
    const asked = await ask({
      tool: 'accounts.payable/transfer_with_a_long_name',
      arguments: { iban: 'DE'.padEnd(60, '7'), ...CALL.arguments },
    });
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto('/actions');
    await page.getByTestId(`action-${asked.id}`).waitFor();
    await shot(page, 'phone-list');
    await page.getByTestId(`action-${asked.id}`).getByRole('button').click();
    await page.getByTestId('choose-reject').click();
    await shot(page, 'phone-action');
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.goto(`/actions/${asked.id}`);
    await page.getByTestId('choose-edit').click();
    await shot(page, 'dark');
    expect([...ann.failures, ...bob.failures]).toEqual([]);
  });
});
