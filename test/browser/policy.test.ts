import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { PolicyBundle } from '@wheelhouse/protocol/policy';
import { PolicyClient } from '@wheelhouse/sdk/policy-client';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brisk } from '../harness/chamber.ts';
import { found, type Overseer, overseers, vote } from '../harness/founders.ts';
import { Listener } from '../harness/listener.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';
import { ARTIFACTS, openBrowser } from './browser.ts';
import { pageOf } from './window-of-signed-in.ts';

const FORBID = `@id("no-developers")
@reason("Developers do not talk to what they build.")
forbid (principal, action == Action::"session.open", resource)
when { principal.role == "developer" };
`;

describe('policy in a real browser', () => {
  let server: TestServer;
  let browser: Browser;
  let people: Overseer[] = [];
  let developer: SignedIn;
  let page: Page;
  let failures: string[] = [];

  beforeAll(async () => {
    mkdirSync(ARTIFACTS, { recursive: true });
    server = await TestServer.start();
    browser = await openBrowser('short.wav');
    people = await overseers(server, 5);
    await found(people, brisk);
    developer = await server.person(one(0), 'developer');
    ({ page, failures } = await pageOf(browser, server, one(0)));
  });
  afterAll(async () => {
    await browser.close();
    await server.dispose();
  });

  const one = (at: number): Overseer => {
    const person = people[at];
    if (person === undefined) throw new Error(`there is no person ${at}`);
    return person;
  };
  const shot = (name: string, fullPage = false) => page.screenshot({ path: path.join(ARTIFACTS, `policy-${name}.png`), fullPage });
  const policyNow = () => new PolicyClient(server.url, { cookie: one(0).cookie }).policy();
  const inFiles = (name: string) => page.getByTestId(`file-${name}`).click();

  it('shows what is in force: each policy with its reason, its tests, its signature', async () => {
    await page.goto('/policy');
    expect(await page.getByTestId('policy-digest').textContent()).toBe((await policyNow()).digest);
    expect(await page.getByTestId('policy-output-secrets').textContent()).toMatch(/redact.*Secrets, payment details/s);
    expect(await page.getByTestId('policy-tests').textContent()).toMatch(/All \d+ tests pass/);
    expect(await page.getByTestId('policy-tools').textContent()).toMatch(/refund.*can’t be taken back.*payment/s);
    expect(await page.getByTestId('rollback').count()).toBe(0);
    await shot('in-force');
  });

  it('explains a verdict by the policies that decided, in their authors’ words', async () => {
    await page.goto('/policy/explain');
    await page.getByTestId('found-payment_card').check();
    await page.getByTestId('explain').click();
    const verdict = page.getByTestId('explanation');
    await verdict.waitFor();
    expect(await verdict.getAttribute('data-verdict')).toBe('redact');
    expect(await verdict.textContent()).toMatch(/output-secrets.*Secrets, payment details and identity numbers/s);
    await shot('explain');
    await page.getByTestId('explain-checkpoint').selectOption('tool.call');
    expect(await verdict.count()).toBe(0);
    await page.getByTestId('explain-tool').fill('refund');
    await page.getByTestId('explain').click();
    await page.locator('[data-testid=explanation][data-verdict=hold]').waitFor();
    expect(await verdict.textContent()).toContain('tool-irreversible');
  });

  it('says what is wrong with a candidate, file by file, and offers no proposal of it', async () => {
    await page.goto('/policy/change');
    await page.getByTestId('candidate-name').fill('strict');
    await page.getByTestId('new-file').fill('developers');
    await page.keyboard.press('Enter');
    await page.getByTestId('file-developers.cedar').waitFor();
    await page.getByTestId('candidate-text').fill('permit (');
    await page.getByTestId('check-policy').click();
    await page.getByTestId('check-faults').getByText('developers.cedar').waitFor();
    expect(await page.getByTestId('propose-policy').isDisabled()).toBe(true);
    await inFiles('tools.json');
    const tools = await page.getByTestId('candidate-text').inputValue();
    await page.getByTestId('candidate-text').fill('{');
    await page.getByTestId('candidate-faults').getByText('tools.json').waitFor();
    expect(await page.getByTestId('check-policy').isDisabled()).toBe(true);
    await page.getByTestId('candidate-text').fill(tools);
    await inFiles('developers.cedar');
    await page.getByTestId('candidate-text').fill(FORBID);
    await page.getByTestId('check-policy').click();
    await page.locator('[data-testid=checked][data-state=not-proposable]').waitFor();
    expect(await page.getByTestId('check-tests').textContent()).toMatch(/expected allow, got deny by no-developers/);
    await shot('check-failed');
  });

  it('is tried on the past and in the shadow before anybody votes', async () => {
    await inFiles('tests.json');
    const field = page.getByTestId('candidate-text');
    const tests = PolicyBundle.shape.tests.parse(JSON.parse(await field.inputValue()));
    const fits = tests.filter(({ request }) => request.checkpoint !== 'session.open' || request.principal.role !== 'developer');
    await field.fill(JSON.stringify(fits, null, 2));
    await page.getByTestId('check-policy').click();
    await page.locator('[data-testid=checked][data-state=proposable]').waitFor();
    expect(await page.getByTestId('candidate-changes').textContent()).toMatch(/developers\.cedar.*added: @id\("no-developers"\)/s);
    await page.getByTestId('replay').click();
    await page.getByTestId('replay-result').waitFor();
    await shot('candidate', true);
    await page.getByTestId('run-beside').click();
    await page.getByTestId('shadow').getByText('strict').waitFor();
    await developer.api.openSession();
    await page.getByTestId('shadow-comparison').getByText('1 decision differs').waitFor();
    expect(await page.getByTestId('shadow-comparison').textContent()).toMatch(
      /session\.open: person \(developer\).*allow.*deny no-developers/s,
    );
    await shot('shadow');
    await until('the decision in the ledger', async () => {
      const { items } = await one(0).api.search('?kind=checkpoint.decided');
      return items.length > 0;
    });
    await page.goto('/policy/change');
    await page.getByTestId('replay').click();
    await page.getByTestId('replay-comparison').getByText('1 decision differs').waitFor();
    expect(await page.getByTestId('replay-recordings').count()).toBe(0);
    await page.getByLabel('Read recorded words too').check();
    await page.getByTestId('replay').click();
    await page.getByTestId('replay-recordings').getByText('No decision differs').waitFor();
    await shot('replay-recordings');
  });

  it('is proposed as checked, adopted by votes, and taken back by one person with a reason', async () => {
    await page.getByTestId('check-policy').click();
    await page.getByTestId('propose-reason').fill('They should not');
    await page.getByTestId('propose-policy').click();
    await page.waitForURL('**/approvals/*');
    const proposal = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    await vote(one(1), proposal);
    await vote(one(2), proposal);
    expect((await policyNow()).name).toBe('strict');
    await page.goto('/policy');
    await page.getByTestId('policy-no-developers').waitFor();
    await page.getByTestId('rollback').click();
    await page.getByTestId('act-reason').fill('Too strict after all');
    await shot('rollback');
    await page.getByTestId('rollback-submit').click();
    await page.getByTestId('policy-no-developers').waitFor({ state: 'detached' });
    await page.goto('/policy/history');
    await page.locator('[data-testid=policy-version][data-how=rolled_back]').getByText('Too strict after all').waitFor();
    expect(await page.getByTestId('policy-version').count()).toBe(3);
    await shot('history');
  });

  it('is asked why on the page of the session that a verdict was given in', async () => {
    const listener = await Listener.attach(await one(0).api.openSession({ deployment: 'relay', level: 3 }));
    await until('ready', () => listener.gateEvent('ready'));
    listener.client.sendText('The key AKIAIOSFODNN7EXAMPLE opens it');
    await until('the reply', () => /opens it/.test(listener.said.join(' ')));
    await page.goto(`/sessions/${listener.client.session}`);
    const row = page.locator('[data-testid=verdict][data-checkpoint="tick.output"]').first();
    await row.waitFor();
    await row.getByTestId('verdict-why').click();
    await row.getByTestId('explanation').waitFor();
    expect(await row.textContent()).toMatch(/redact.*tick \d+.*output-secrets.*Secrets, payment details/s);
    await row.scrollIntoViewIfNeeded();
    await shot('why');
    listener.client.end();
    await until('the end', () => listener.closed);
  });

  it('offers a developer no way back, somebody outside nothing; fits a phone and the dark; and nothing failed', async () => {
    const built = await pageOf(browser, server, developer);
    await built.page.goto('/policy');
    await built.page.getByTestId('policy-output-secrets').waitFor();
    expect(await built.page.getByTestId('rollback').count()).toBe(0);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.emulateMedia({ colorScheme: 'dark' });
    for (const name of ['', 'explain', 'change', 'shadow', 'history']) {
      await page.goto(`/policy/${name}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await shot(`phone-dark-${name === '' ? 'in-force' : name}`);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    }
    expect([...failures, ...built.failures]).toEqual([]);
  });
});
