import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { WebhookEvent } from '@wheelhouse/protocol/webhook';
import { ApiClient } from '@wheelhouse/sdk/api-client';
import { Webhook } from 'standardwebhooks';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Receiver } from '../harness/receiver.ts';
import { refused } from '../harness/refused.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';
import { ARTIFACTS, openBrowser } from './browser.ts';
import { filled } from '../../apps/console/src/developers/quickstart-text.ts';
import { quickstarts } from '../harness/quickstarts.ts';
import { pageOf } from './window-of-signed-in.ts';

describe('the page for developers, in a real browser', () => {
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

  const shot = (name: string, fullPage = false) => page.screenshot({ path: path.join(ARTIFACTS, `developers-${name}.png`), fullPage });

  it('begins with the quickstarts of the documentation, with the addresses of this very installation', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto('/developers');
    const example = page.getByTestId('example-text');
    expect(await example.textContent()).toContain(`${server.url}/v1/sessions`);
    const addresses = { api: server.url, stream: server.streamUrl.replace('/stream', '') };
    for (const { id, text } of quickstarts()) {
      await page.getByTestId(`example-${id}`).click();
      await page.getByTestId(`copy-${id}`).click();
      await page.getByText('Copied.').waitFor();
      expect(await example.textContent(), id).toBe(filled(text, addresses));
      expect(await page.evaluate<string>('navigator.clipboard.readText()'), id).toBe(filled(text, addresses));
    }
    expect(await page.locator('[data-testid^=example-]').count()).toBe(quickstarts().length + 1);
    await page.getByTestId('example-sdk').click();
    await shot('quickstart', true);
  });

  it('issues a key that works, lists it without showing it again, and revokes it', async () => {
    await page.getByTestId('no-keys').waitFor();
    await page.getByTestId('new-key').click();
    await page.getByLabel('Name of the program').fill('billing');
    await page.getByTestId('issue-key').click();
    const key = await page.getByTestId('issued-key').inputValue();
    const api = new ApiClient(server.url, { key });
    expect((await api.me()).principal.kind).toBe('key');
    await page.keyboard.press('Escape');
    const row = page.getByTestId('key-billing');
    await row.waitFor();
    expect(await row.textContent()).toContain('actions:ask');
    expect(await page.content()).not.toContain(key);
    await shot('key');
    await page.getByTestId('revoke-billing').click();
    await page.getByTestId('revoke-submit').click();
    await row.waitFor({ state: 'detached' });
    expect(await refused(api.me())).toBe('unauthenticated');
  });

  it('rotates a key: the new one is shown once, the old one goes on for the overlap and can be revoked before', async () => {
    await page.getByTestId('new-key').click();
    await page.getByLabel('Name of the program').fill('shipping');
    await page.getByTestId('issue-key').click();
    const old = await page.getByTestId('issued-key').inputValue();
    await page.keyboard.press('Escape');
    await page.getByTestId('rotate-shipping').click();
    await page.getByTestId('rotate-overlap').selectOption({ label: 'an hour' });
    await shot('rotate', true);
    await page.getByTestId('rotate-submit').click();
    const rotated = await page.getByTestId('rotated-key').inputValue();
    expect(rotated).not.toBe(old);
    await shot('rotated', true);
    await page.keyboard.press('Escape');
    const row = page.getByTestId('key-shipping-replaced');
    await row.waitFor();
    expect(await page.content()).not.toContain(rotated);
    const clients = [old, rotated].map((key) => new ApiClient(server.url, { key }));
    for (const api of clients) expect((await api.me()).principal.kind).toBe('key');
    const ends = Date.parse((await row.locator('time').last().getAttribute('datetime')) ?? '') - Date.now();
    expect(ends).toBeGreaterThan(3_000_000);
    expect(ends).toBeLessThanOrEqual(3_600_000);
    // What was rotated is not rotated again; the new one may be.
    expect(await page.getByTestId('rotate-shipping-replaced').count()).toBe(0);
    await row.scrollIntoViewIfNeeded();
    await shot('rotated-list');
    await page.getByTestId('revoke-shipping-replaced').click();
    await page.getByTestId('revoke-submit').click();
    await row.waitFor({ state: 'detached' });
    const [before, after] = clients;
    expect(await refused(before?.me() ?? Promise.resolve())).toBe('unauthenticated');
    expect((await after?.me())?.principal.kind).toBe('key');
    await page.getByTestId('rotate-shipping').click();
    await page.getByTestId('rotate-overlap').selectOption({ label: 'not at all: it ends now' });
    await page.getByTestId('rotate-submit').click();
    await page.getByText('The old one has ended.').waitFor();
    expect(await refused(after?.me() ?? Promise.resolve())).toBe('unauthenticated');
    await page.keyboard.press('Escape');
  });

  it('makes a webhook whose secret is shown once and checks what arrives; a new secret signs beside the old one', async () => {
    await page.getByTestId('no-webhooks').waitFor();
    await page.getByTestId('new-webhook').click();
    await page.getByTestId('webhook-url').fill(`${receiver.url}/decisions?token=hidden`);
    await page.getByTestId('webhook-description').fill('Billing');
    await page.getByTestId('webhook-submit').click();
    const secret = await page.getByTestId('webhook-secret').inputValue();
    await page.keyboard.press('Escape');
    const opened = (with_: string, at: number) => {
      const got = receiver.got[at];
      if (got === undefined) throw new Error('nothing arrived');
      return WebhookEvent.parse(new Webhook(with_).verify(got.body, { ...got.headers }));
    };
    await page.getByTestId('webhook-test').click();
    await page.getByTestId('deliveries').locator('[data-state=delivered]').waitFor();
    expect(opened(secret, 0).type).toBe('webhook.test');
    await page.getByTestId('webhook-rotate').click();
    const rotated = await page.getByTestId('webhook-secret').inputValue();
    expect(rotated).not.toBe(secret);
    await page.keyboard.press('Escape');
    await page.getByTestId('webhook-test').click();
    await until('the second test', () => receiver.got.length === 2);
    for (const each of [secret, rotated]) expect(opened(each, 1).type).toBe('webhook.test');
    expect(await page.content()).not.toContain('token=hidden');
    expect(await page.content()).not.toContain(rotated);
  });

  it('shows why a delivery was in vain, and switches a webhook off, on, and away', async () => {
    receiver.answers = [500];
    await page.getByTestId('webhook-test').click();
    await page.getByTestId('deliveries').locator('[data-state=gave_up]').waitFor();
    expect(await page.getByTestId('deliveries').textContent()).toMatch(/given up.*3 attempts: .*500/s);
    await shot('deliveries');
    await page.getByTestId('webhook-switch').click();
    await page.locator('[data-enabled=false]').waitFor();
    expect(await page.getByTestId('webhook-test').isDisabled()).toBe(true);
    await page.getByTestId('webhook-switch').click();
    await page.locator('[data-enabled=true]').waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await shot('phone-dark');
    await page.getByTestId('webhook-test').scrollIntoViewIfNeeded();
    await shot('phone-dark-webhook');
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await page.getByTestId('webhook-remove').click();
    await page.getByTestId('webhook-remove-submit').click();
    await page.getByTestId('no-webhooks').waitFor();
  });

  it('has nothing for those who build nothing, and nothing failed', async () => {
    const watching = await pageOf(browser, server, await server.person(admin, 'operator'));
    await watching.page.goto('/developers');
    await watching.page.getByText('This page is for developers and administrators').waitFor();
    for (const id of ['new-key', 'new-webhook', 'example-text']) expect(await watching.page.getByTestId(id).count()).toBe(0);
    expect(await watching.page.getByRole('link', { name: 'Developers' }).count()).toBe(0);
    expect([...failures, ...watching.failures]).toEqual([]);
  });
});
