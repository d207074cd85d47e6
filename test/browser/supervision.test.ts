import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { ApiClient } from '@wheelhouse/sdk/api-client';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { humming, hums, type Member } from '../harness/crowd.ts';
import { TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';
import { ARTIFACTS, openBrowser, windowOf } from './browser.ts';

describe('a human at the wheel, in the console', () => {
  let server: TestServer;
  let browser: Browser;
  let operator: BrowserContext;
  let page: Page;
  let api: ApiClient;
  let member: Member;
  const failures: string[] = [];

  beforeAll(async () => {
    mkdirSync(ARTIFACTS, { recursive: true });
    server = await TestServer.start();
    browser = await openBrowser('refund.wav');
    operator = await windowOf(browser, server.url);
    page = await operator.newPage();
    page.on('pageerror', (error) => failures.push(error.message));
    await page.goto(server.link);
    await page.getByTestId('enter').click();
    await page.waitForURL('**/sessions');
    api = new ApiClient(server.url, { cookie: (await operator.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ') });
    member = await humming(api);
    await hums(member);
    await page.goto(`/sessions/${member.id}`);
  });
  afterAll(async () => {
    member.hush();
    await browser.close();
    await server.dispose();
  });

  const verbIs = (verb: string) =>
    until(`the page to say ${verb}`, async () => (await page.getByTestId('supervise-state').getAttribute('data-verb')) === verb);
  const level = async (name: string) => Number(await page.getByTestId(`level-${name}`).getAttribute('data-level'));
  const humanFrames = () => member.listener.frames.filter(({ frame }) => frame.header.source === 'human').length;
  const shot = (name: string) => page.screenshot({ path: path.join(ARTIFACTS, `${name}.png`) });

  it('listens in: both directions are heard, and nothing is sent', async () => {
    await page.getByTestId('supervise-join').click();
    await verbIs('monitor');
    await until("the person's sound", async () => (await level('client')) > 0);
    await until("the engine's sound", async () => (await level('engine')) > 0);
    await page.getByText('You are listening, unheard.').waitFor();
    expect((await api.session(member.id)).supervisors).toMatchObject([{ verb: 'monitor' }]);
    await page.getByTestId('whisper-text').fill('be brief');
    await page.getByTestId('whisper-send').click();
    await page.getByText('The engine has it').waitFor();
    expect(humanFrames()).toBe(0);
    await shot('supervise-listening');
  });

  it('speaks along while the key is held, and not a moment longer', async () => {
    await page.locator('body').click({ position: { x: 5, y: 5 } });
    await page.keyboard.down('b');
    await verbIs('barge');
    await until('the human', () => humanFrames() > 3);
    await shot('supervise-speaking-along');
    await page.keyboard.up('b');
    await verbIs('monitor');
    const spoken = humanFrames();
    const last = member.listener.lastSequence;
    await hums(member, last);
    expect(humanFrames() - spoken).toBeLessThan(4);
  });

  it('takes over with the microphone, and hands back with a summary that another person confirms', async () => {
    const before = humanFrames();
    await page.getByTestId('supervise-take-over').click();
    await verbIs('take_over');
    await until('the human', () => humanFrames() > before + 3);
    const last = member.listener.lastSequence;
    await page.getByTestId('latch-take_over').waitFor();
    await until('the microphone to be shown', async () => (await level('own')) > 0);
    await shot('supervise-taken-over');
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByTestId('hand-back-summary').scrollIntoViewIfNeeded();
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    expect(wide).toBeLessThanOrEqual(0);
    await shot('supervise-phone');
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByTestId('hand-back-summary').fill('The refund is fifty dollars.');
    await page.getByTestId('hand-back').click();
    await page.getByTestId('waiting-release').waitFor();
    expect(member.listener.lastSequence).toBe(last);

    const { link } = await api.invite({ name: 'Second operator', email: 'second@example.org', role: 'operator' });
    const second = await server.signIn(link);
    const [release] = await second.api.releases();
    await second.api.confirmRelease(release?.id ?? '');
    await verbIs('monitor');
    await hums(member, last);
    await page.getByTestId('supervise-leave').click();
    await page.getByTestId('supervise-join').waitFor();
    await until('them to be gone', async () => (await api.session(member.id)).supervisors?.length === 0);
    expect(failures).toEqual([]);
  });
});
