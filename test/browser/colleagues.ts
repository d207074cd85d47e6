import type { Browser, BrowserContext, Page } from 'playwright-core';
import { Rest } from '@wheelhouse/sdk/rest';
import { ApiClient } from '@wheelhouse/sdk/api-client';
import type { TestServer } from '../harness/server.ts';
import { windowOf } from './browser.ts';

/** Somebody at their own desk: a window and an authenticator that nobody else has, and a passkey made with it. */
export class Colleague {
  readonly name: string;
  readonly window: BrowserContext;
  readonly page: Page;
  readonly id: string;
  readonly api: ApiClient;
  readonly rest: Rest;
  /** Errors in their page. */
  readonly failures: string[] = [];

  private constructor(name: string, window: BrowserContext, page: Page, who: { id: string; url: string; cookie: string }) {
    this.name = name;
    this.window = window;
    this.page = page;
    this.id = who.id;
    this.api = new ApiClient(who.url, { cookie: who.cookie });
    this.rest = new Rest(who.url, { cookie: who.cookie });
    page.on('pageerror', (error) => this.failures.push(`${name}: ${error.message}`));
  }

  /** Opens a one-time link, makes a passkey and goes to work. */
  static async arrive(name: string, link: string, { browser, server }: { browser: Browser; server: TestServer }): Promise<Colleague> {
    const window = await windowOf(browser, server.url);
    const page = await window.newPage();
    await giveAuthenticator(window, page);
    await page.goto(link);
    await page.getByTestId('add-passkey').click();
    await page.getByText('The passkey is made').waitFor();
    await page.getByTestId('enter').click();
    await page.waitForURL('**/sessions');
    const cookie = (await window.cookies()).map((one) => `${one.name}=${one.value}`).join('; ');
    const { principal } = await new ApiClient(server.url, { cookie }).me();
    return new Colleague(name, window, page, { id: principal.person, url: server.url, cookie });
  }

  /** Opens a proposal and has the ballot before them; makes their passkey count first where it does not yet. */
  async read(proposal: string): Promise<void> {
    await this.page.goto(`/approvals/${proposal}`);
    await this.page.getByTestId('your-vote').waitFor();
    await this.page.getByTestId('enrol-key').or(this.page.getByTestId('vote-sign')).waitFor();
    if ((await this.page.getByTestId('enrol-key').count()) === 0) return;
    await this.page.getByTestId('enrol-key').click();
    await this.page.getByTestId('vote-sign').waitFor();
  }

  async vote(proposal: string, choice: 'yes' | 'no' | 'veto', reason = ''): Promise<void> {
    await this.read(proposal);
    await this.page.getByTestId(`choice-${choice}`).check();
    await this.page.getByTestId('vote-reason').fill(reason);
    await this.page.getByTestId('vote-sign').click();
    await this.page.getByTestId(`vote-${this.id}`).waitFor();
  }
}

async function giveAuthenticator(window: BrowserContext, page: Page): Promise<void> {
  const devtools = await window.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}
