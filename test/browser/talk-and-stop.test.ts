import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';
import { ARTIFACTS, openBrowser, playedMs, windowOf } from './browser.ts';

describe('the console in a real browser', () => {
  let server: TestServer;
  let browser: Browser;
  let operator: BrowserContext;
  let talk: Page;
  let watch: Page;
  let session = '';
  let lastFrameOut = 0;
  const failures: string[] = [];

  beforeAll(async () => {
    mkdirSync(ARTIFACTS, { recursive: true });
    server = await TestServer.start();
    browser = await openBrowser('refund.wav');
    operator = await windowOf(browser, server.url);
    talk = await operator.newPage();
    talk.on('pageerror', (error) => failures.push(error.message));
  });
  afterAll(async () => {
    await browser.close();
    await server.dispose();
  });

  const shot = (page: Page, name: string) => page.screenshot({ path: path.join(ARTIFACTS, `${name}.png`) });

  it('lets the first operator in by the one-time link, once', async () => {
    await talk.goto(server.link);
    await talk.getByTestId('enter').waitFor();
    await shot(talk, 'welcome');
    await talk.getByTestId('enter').click();
    await talk.waitForURL('**/sessions');
    const stranger = await windowOf(browser, server.url);
    const page = await stranger.newPage();
    await page.goto(server.link);
    await page.waitForURL(/sign-in/);
    await stranger.close();
  });

  it('carries a conversation on the Talk page, with sound', async () => {
    await talk.goto('/talk');
    await talk.getByTestId('source-microphone').check();
    await talk.getByTestId('start').click();
    await until('the live session', async () => (await talk.getByTestId('talk-state').textContent())?.includes('live'));
    session = (await talk.getByTestId('talk-session').getAttribute('data-session')) ?? '';
    await until('speech that reached the page', async () => (await playedMs(talk)) > 600, 60_000);
    const transcript = (await talk.getByTestId('transcript').textContent()) ?? '';
    expect(transcript.toLowerCase()).toMatch(/order|dollars|forty/);
    await shot(talk, 'talk');
  });

  it('shows the session in a second window, and Stop silences it at once', async () => {
    watch = await operator.newPage();
    watch.on('pageerror', (error) => failures.push(error.message));
    await watch.goto(`/sessions/${session}`);
    await watch.getByTestId(`session-row-${session}`).waitFor();
    await until('the live transcript', async () =>
      /order|dollars|forty|refund/i.test((await watch.getByTestId('transcript').textContent()) ?? ''),
    );
    await until(
      'the reply in mid-flow',
      async () => {
        const before = await playedMs(talk);
        await new Promise((resolve) => setTimeout(resolve, 300));
        return (await playedMs(talk)) > before;
      },
      60_000,
    );

    await watch.keyboard.press('s');
    const effect = await until(
      'the effect',
      async () =>
        (await watch
          .getByTestId('effect')
          .textContent({ timeout: 5000 })
          .catch(() => null)) ?? null,
    );
    expect(effect).toMatch(/took effect in tick \d+, [\d.]+ ms after the press\. Last frame out was #\d+\./i);
    lastFrameOut = Number(/#(\d+)/.exec(effect)?.[1]);
    await until('the latch on the Talk page', async () => (await talk.getByTestId('talk-state').textContent())?.includes('latched'));

    // The page tells what it has played a moment after it has.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const atStop = await playedMs(talk);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(await playedMs(talk)).toBe(atStop);
    expect(Number((await talk.getByTestId('last-frame').textContent())?.replaceAll(/\D/g, ''))).toBe(lastFrameOut);
    await watch.getByTestId('latch-stop').waitFor();
    await until(
      'the entry',
      async () =>
        (await watch
          .getByTestId('stored')
          .textContent({ timeout: 5000 })
          .catch(() => null)) !== null,
    );
    await shot(watch, 'sessions-stopped');
    await shot(talk, 'talk-stopped');
  });

  it('stays stopped across a restart of the server', async () => {
    await server.stop();
    await server.run();
    await until('the client to come back', async () => (await talk.getByTestId('talk-state').textContent())?.includes('latched'), 60_000);
    const played = await playedMs(talk);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(await playedMs(talk)).toBe(played);
    await until('the console to come back', async () => (await watch.getByTestId('latch-stop').count()) > 0, 60_000);
  });

  it('speaks again only after another person confirmed the release', async () => {
    const cookies = await operator.cookies();
    const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    const { ApiClient } = await import('@wheelhouse/sdk/api-client');
    const { link } = await new ApiClient(server.url, { cookie }).invite({
      name: 'Second operator',
      email: 'second@example.org',
      role: 'operator',
    });
    await watch.getByTestId('release').click();
    await watch.getByTestId('release-reason').fill('the test goes on');
    await watch.getByTestId('release-submit').click();
    await watch.getByTestId('waiting-release').waitFor();
    expect(await watch.getByTestId('confirm-release').count()).toBe(0);

    const second = await windowOf(browser, server.url);
    const page = await second.newPage();
    await page.goto(link);
    await page.getByTestId('enter').click();
    await page.goto(`/sessions/${session}`);
    const before = await playedMs(talk);
    await page.getByTestId('confirm-release').click();
    await shot(page, 'confirm-release');
    const submit = page.getByTestId('confirm-release-submit');
    if ((await submit.count()) > 0) await submit.click();
    await until('speech after the release', async () => (await playedMs(talk)) > before + 300, 60_000);
    await second.close();
    expect(failures).toEqual([]);
  });
});
