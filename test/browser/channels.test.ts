import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { WebhookBody } from '@wheelhouse/protocol/notice';
import { Webhook } from 'standardwebhooks';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Receiver } from '../harness/receiver.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';
import { ARTIFACTS, openBrowser } from './browser.ts';
import { pageOf } from './window-of-signed-in.ts';

describe('the channels of the house, in a real browser', () => {
  let server: TestServer;
  let browser: Browser;
  let receiver: Receiver;
  let admin: SignedIn;
  let page: Page;
  let failures: string[] = [];

  beforeAll(async () => {
    mkdirSync(ARTIFACTS, { recursive: true });
    server = await TestServer.start({ WHEELHOUSE_NOTICE_RETRY_MS: '100,100' });
    receiver = await Receiver.listen();
    browser = await openBrowser('short.wav');
    admin = await server.firstOperator();
    ({ page, failures } = await pageOf(browser, server, admin));
  });
  afterAll(async () => {
    await browser.close();
    receiver.close();
    await server.dispose();
  });

  const shot = (name: string) => page.screenshot({ path: path.join(ARTIFACTS, `channels-${name}.png`) });

  it('are found behind the bell, and there are none at first', async () => {
    await page.goto('/sessions');
    await page.getByTestId('bell').locator('summary').click();
    await shot('bell');
    await page.getByTestId('house-channels').click();
    await page.waitForURL('**/channels');
    await page.getByTestId('no-channels').waitFor();
    expect(await page.getByTestId('house-channels').isVisible()).toBe(false);
  });

  it('are made with a secret that is shown once, for the kinds that were ticked, and tried', async () => {
    await page.getByTestId('new-channel').click();
    await page.getByTestId('channel-url').fill(`${receiver.url}/notices?token=hidden`);
    await page.getByTestId('channel-kind-glass_broken').check();
    await page.getByTestId('channel-kind-action_wanted').check();
    await shot('new');
    await page.getByTestId('channel-submit').click();
    const secret = await page.getByTestId('channel-secret').inputValue();
    await page.keyboard.press('Escape');
    const card = page.locator('[data-testid^="channel-"].webhook');
    await card.waitFor();
    expect(await card.textContent()).toMatch(/^Webhook .*Only: glass was broken, an action waits/);
    expect(await page.content()).not.toContain(secret);
    expect(await page.content()).not.toContain('token=hidden');
    await page.getByTestId('channel-test').click();
    await page.getByTestId('deliveries').locator('[data-state=delivered]').waitFor();
    await until('the test', () => receiver.got.length === 1);
    const [got] = receiver.got;
    const body = WebhookBody.parse(new Webhook(secret).verify(got?.body ?? '', { ...got?.headers }));
    expect(body.data).toMatchObject({ kind: 'test', person: (await admin.api.me()).principal.person });
    await shot('list');
  });

  it('of Slack’s kind have no secret, and say why a delivery was in vain', async () => {
    await page.getByTestId('new-channel').click();
    await page.getByTestId('channel-kind').selectOption('slack');
    await page.getByTestId('channel-url').fill(`${receiver.url}/services/T0/B0/secret`);
    await page.getByTestId('channel-submit').click();
    const slack = page.locator('.webhook').filter({ hasText: 'Slack' });
    await slack.waitFor();
    expect(await slack.textContent()).toContain('Notices of every kind');
    expect(await page.content()).not.toContain('/services/T0');
    receiver.answers = [500];
    await slack.getByTestId('channel-test').click();
    await slack.locator('[data-state=gave_up]').waitFor();
    expect(await slack.textContent()).toMatch(/given up.*3 attempts: .*500/s);
    await shot('given-up');
    await slack.getByTestId('channel-remove').click();
    await page.getByTestId('channel-remove-submit').click();
    await slack.waitFor({ state: 'detached' });
  });

  it('refuse an address that nothing is posted to, in words', async () => {
    await page.getByTestId('new-channel').click();
    await page.getByTestId('channel-url').fill('https://169.254.169.254/');
    await page.getByTestId('channel-submit').click();
    const refusal = page.locator('dialog [role=alert]');
    await refusal.waitFor();
    expect(await refusal.textContent()).toContain('The address');
    await shot('refused');
    await page.keyboard.press('Escape');
  });

  it('are not for others, and fit a phone', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    expect(Number(await page.evaluate('document.documentElement.scrollWidth'))).toBeLessThanOrEqual(360);
    await shot('phone');
    const operator = await pageOf(browser, server, await server.person(admin, 'operator'));
    await operator.page.goto('/channels');
    await operator.page.getByText('Channels of the house are for its administrators.').waitFor();
    await operator.page.getByTestId('bell').locator('summary').click();
    expect(await operator.page.getByTestId('house-channels').count()).toBe(0);
    expect([...failures, ...operator.failures]).toEqual([]);
  });
});
