import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from '@wheelhouse/sdk/api-client';
import { TestServer } from '../harness/server.ts';
import { openBrowser, windowOf } from './browser.ts';

const PASSWORD = 'correct horse battery staple';

describe('signing in', () => {
  let server: TestServer;
  let browser: Browser;
  let person: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    server = await TestServer.start();
    browser = await openBrowser('short.wav');
    person = await windowOf(browser, server.url);
    page = await person.newPage();
    const devtools = await person.newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    const options = {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
    } as const;
    await devtools.send('WebAuthn.addVirtualAuthenticator', { options: { ...options, automaticPresenceSimulation: true } });
  });
  afterAll(async () => {
    await browser.close();
    await server.dispose();
  });

  const signOut = async () => {
    await page.goto('/sessions');
    await page.getByTestId('account-menu').locator('summary').click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/sign-in**');
  };

  it('makes a passkey and a password behind the one-time link', async () => {
    await page.goto(server.link);
    await page.getByTestId('add-passkey').click();
    await page.getByText('The passkey is made').waitFor();
    await page.getByTestId('new-password').fill(PASSWORD);
    await page.getByTestId('set-password').click();
    await page.getByText('The password is set').waitFor();
  });

  it('lets the person in with the passkey', async () => {
    await signOut();
    await page.getByTestId('sign-in-passkey').click();
    await page.waitForURL('**/sessions');
    await page.getByTestId('stop-everything').waitFor();
  });

  it('lets the person in with the password, and nobody with another', async () => {
    await signOut();
    await page.locator('input[name=email]').fill('operator@wheelhouse.local');
    await page.locator('input[name=password]').fill('not the password at all');
    await page.locator('input[name=password]').press('Enter');
    await page.getByRole('alert').waitFor();
    expect(page.url()).toMatch(/sign-in/);
    await page.locator('input[name=password]').fill(PASSWORD);
    await page.locator('input[name=password]').press('Enter');
    await page.waitForURL('**/sessions');
  });

  it('issues an API key that works, shown once', async () => {
    await page.getByTestId('account-menu').locator('summary').click();
    await page.getByRole('button', { name: 'Issue an API key' }).click();
    await page.locator('input[name=name]').fill('a program');
    await page.getByTestId('issue-key').click();
    const key = await page.getByTestId('issued-key').inputValue();
    const me = await new ApiClient(server.url, { key }).me();
    expect(me.principal).toMatchObject({
      kind: 'key',
      keyScopes: ['sessions:open', 'sessions:read', 'ledger:read', 'actions:ask', 'policy:read'],
    });
  });

  it('prints no more one-time links once the person can sign in', async () => {
    await server.stop();
    await server.run();
    expect(server.output.split('Wheelhouse runs').at(-1)).toMatch(/Sign in at/);
  });
});
