import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../harness/until.ts';
import { ARTIFACTS, windowOf } from './browser.ts';
import { asDropped, enter, flipFirstHash, flipSignature, LedgerScene, REASON, shot, widthOf } from './ledger-scene.ts';

describe('the ledger in a real browser', () => {
  let scene: LedgerScene;
  let page: Page;
  let session = '';
  let stopped = '';
  const bundle = path.join(ARTIFACTS, 'ledger-bundle.zip');

  beforeAll(async () => {
    scene = await LedgerScene.open();
    ({ page, session } = scene);
  });
  afterAll(() => scene.close());

  const verdict = async (): Promise<string | null> => {
    await page.getByTestId('verify').click();
    await page.getByTestId('verdict').waitFor();
    return page.getByTestId('verdict').getAttribute('data-verdict');
  };
  const outcomeOf = (step: string) => page.getByTestId(`step-${step}`).getAttribute('data-outcome');

  it('finds orders by their kind, in words, and keeps the search in the address', async () => {
    await page.getByRole('link', { name: 'Ledger', exact: true }).click();
    await page.waitForURL('**/ledger');
    await page.getByText(REASON).waitFor();
    await shot(page, 'search');
    expect(await page.locator('[data-kind="session.segment"]').count()).toBe(0);
    await page.getByTestId('filter-kind').selectOption('order.given');
    await page.waitForURL(/kind=order\.given/);
    await until('31 orders', async () => (await page.getByTestId('found-count').textContent())?.includes('31 entries'));
    await page.getByTestId('filter-session').fill(session);
    await page.waitForURL(new RegExp(`session=${session}`));
    await until('one order', async () => (await page.getByTestId('found-count').textContent()) === '1 entry');
    await page.reload();
    const row = page.locator('[data-kind="order.given"]');
    await row.waitFor();
    expect(await row.textContent()).toMatch(new RegExp(`stopped session ${session.slice(0, 8)}: ${REASON}`));
    await shot(page, 'search-filtered');
  });

  it('leaves kinds out on request, and keeps them in the address', async () => {
    await page.goto(`/ledger?session=${session}`);
    await page.locator('[data-kind="session.opened"]').waitFor();
    await page.getByTestId('leave-out-summary').press('Enter');
    await page.getByRole('checkbox', { name: 'Session opened' }).press('Space');
    await page.waitForURL(/without=session\.opened/);
    await until('no such entry', async () => (await page.locator('[data-kind="session.opened"]').count()) === 0);
    await page.locator('[data-kind="order.given"]').waitFor();
    await shot(page, 'search-without');
    await page.getByTestId('filter-ticks').check();
    await page.locator('[data-kind="session.segment"]').first().waitFor();
    await page.reload();
    expect(await page.getByTestId('leave-out-summary').textContent()).toBe('Leave out: Session opened');
    await page.locator('[data-kind="session.segment"]').first().waitFor();
    expect(await page.locator('[data-kind="session.opened"]').count()).toBe(0);
    await page.getByTestId('filter-clear').click();
    await until('nothing left out', async () => (await page.getByTestId('leave-out-summary').textContent()) === 'Leave out: nothing');
  });

  it('says so when nothing fits, and when a search makes no sense', async () => {
    await page.goto(`/ledger?deployment=nowhere`);
    await page.getByTestId('nothing-found').waitFor();
    await page.getByTestId('filter-session').fill('not an id');
    await page.getByRole('alert').getByText('A session is named by its whole id').waitFor();
    await page.goto(`/ledger?kind=no.such`);
    await page.getByRole('alert').getByText(/kind/).first().waitFor();
  });

  it('is worked by the keyboard: arrows choose, Enter opens, / goes to the filter', async () => {
    await page.goto(`/ledger?kind=order.given&session=${session}`);
    await page.locator('[data-kind="order.given"]').waitFor();
    await page.keyboard.press('/');
    expect(await page.locator('[data-testid=filter-kind]:focus').count()).toBe(1);
    await page.keyboard.press('Escape');
    await page.keyboard.press('ArrowDown');
    await page.locator('[aria-selected="true"]').waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/ledger\/\d+$/);
    stopped = page.url();
    expect(await page.getByTestId('entry-sentence').textContent()).toContain(REASON);
    const trail = page.getByTestId('trail');
    await trail.getByText(/took effect in session/).waitFor();
    await trail.getByText(/asked to release order/).waitFor();
  });

  it('proves an entry: fields, place, signature, witness; and remembers the head', async () => {
    expect(await verdict()).toBe('verified');
    expect(await outcomeOf('fields')).toBe('good');
    expect(await outcomeOf('place')).toBe('good');
    expect(await outcomeOf('signature')).toBe('good');
    await until('the cosignature', async () => (await verdict()) === 'verified' && (await outcomeOf('witnesses')) === 'good');
    // From the second look on, the browser holds each head against the last one that it verified.
    expect(await outcomeOf('growth')).toBe('good');
    await scene.whisper('The log grows');
    await until('a head that has grown', async () => {
      expect(await verdict()).toBe('verified');
      return (await page.getByTestId('step-growth').textContent())?.includes('added to');
    });
    await page.getByTestId('step-place').locator('summary').click();
    await shot(page, 'entry-verified');
  });

  it('catches a server that lies, and says where', async () => {
    await page.goto(stopped);
    const index = /(\d+)$/.exec(stopped)?.[1] ?? '';
    await scene.lying(
      `**/v1/ledger/entries/${index}`,
      (body) => body.replace('asked for a human', 'asked for a robot'),
      async () => {
        await page.getByText('asked for a robot').first().waitFor();
        expect(await verdict()).toBe('failed');
        expect(await outcomeOf('fields')).toBe('bad');
        expect(await page.getByTestId('verdict').textContent()).toContain('It fails at “The fields are those that were committed to”');
        await shot(page, 'entry-tampered');
      },
    );
    await scene.lying('**/v1/ledger/proof/inclusion*', flipFirstHash, async () => {
      expect(await verdict()).toBe('failed');
      expect([await outcomeOf('fields'), await outcomeOf('place'), await outcomeOf('signature')]).toEqual(['good', 'bad', 'good']);
    });
    await scene.lying('**/v1/ledger/published', flipSignature, async () => {
      expect(await verdict()).toBe('failed');
      expect([await outcomeOf('fields'), await outcomeOf('place'), await outcomeOf('signature')]).toEqual(['good', 'good', 'bad']);
    });
  });

  it('notices when the history that it verified before is not the one it is shown', async () => {
    await page.goto(stopped);
    expect(await verdict()).toBe('verified');
    const kept = await page.evaluate(() => localStorage.getItem('wheelhouse.log') ?? '');
    // A log that was rewritten under the same key looks to the browser just like one whose old root it remembers otherwise.
    await page.evaluate((text) => {
      localStorage.setItem(
        'wheelhouse.log',
        text.replace(/"root":"(.)/, (_all, char: string) => `"root":"${char === 'A' ? 'B' : 'A'}`),
      );
    }, kept);
    expect(await verdict()).toBe('failed');
    expect(await outcomeOf('growth')).toBe('bad');
    // A log that lost its end.
    await page.evaluate((text) => {
      localStorage.setItem('wheelhouse.log', text.replace(/"size":\d+/, '"size":1000000'));
    }, kept);
    expect(await verdict()).toBe('failed');
    expect(await page.getByTestId('step-growth').textContent()).toContain('The log is shorter than it was');
    await page.evaluate((text) => {
      localStorage.setItem('wheelhouse.log', text);
    }, kept);
  });

  it('warns loudly when the server shows another key than before', async () => {
    await scene.lying(
      '**/v1/ledger/key',
      () => 'another.example/log+08834d7d+AXHa8hg5NuT/6ndiDkH6JqkgJ9cuweuKTQvVywZFJ2vV\n',
      async () => {
        await page.getByTestId('key-warning').waitFor();
        await shot(page, 'other-key');
        expect(await verdict()).toBe('failed');
        expect(await outcomeOf('signature')).toBe('bad');
      },
    );
    await page.reload();
    await page.getByTestId('entry-sentence').waitFor();
    expect(await page.getByTestId('key-warning').count()).toBe(0);
  });

  it('shows heads and witnesses, and checks the latest head itself', async () => {
    await page.goto('/ledger/heads');
    await page.getByTestId('heads').locator('tbody tr').first().waitFor();
    await until('the browser’s own look', async () => (await outcomeOf('growth')) === 'good');
    expect(await outcomeOf('signature')).toBe('good');
    expect(await page.getByTestId('witnesses').textContent()).toContain('cosigns');
    expect(await page.getByTestId('heads').textContent()).toContain('witness');
    await shot(page, 'heads');
  });

  it('makes an export as a reviewer asks, and hands it out', async () => {
    await page.goto('/ledger');
    await page.getByTestId('export-these').click();
    await page.waitForURL('**/ledger/exports*');
    await page.getByTestId('export-reason').fill('For the yearly review');
    await shot(page, 'export-form');
    await page.getByTestId('export-submit').click();
    const made = page.locator('[data-state="made"]').first();
    await made.waitFor();
    await shot(page, 'export-made');
    const coming = page.waitForEvent('download');
    await made.getByTestId('download').click();
    await (await coming).saveAs(bundle);
    await page.getByTestId('export-report').selectOption('oversight');
    await page.getByTestId('export-reason').fill('How fast does Stop take effect?');
    await page.getByTestId('export-submit').click();
    await page.locator('[data-state="made"]').getByText('Oversight report, PDF').waitFor();
  });

  it('has a second person confirm what shows everything', async () => {
    await page.getByTestId('profile-full').check();
    await page.getByTestId('export-report').selectOption('');
    await page.getByTestId('export-reason').fill('The court asks for all of it');
    await page.getByTestId('export-submit').click();
    await page.locator('[data-state="waits"]').waitFor();
    expect(await page.getByTestId('confirm-export').count()).toBe(0);
    const other = await windowOf(scene.browser, scene.server.url);
    const second = await other.newPage();
    const { link } = await scene.admin.api.invite({ name: 'Carl Second', email: 'carl@example.org', role: 'administrator' });
    await enter(second, link);
    await second.goto('/ledger/exports');
    await second.getByTestId('confirm-export').waitFor();
    await shot(second, 'export-waits');
    await second.getByTestId('confirm-export').click();
    await page.locator('[data-state="made"]').getByText('The court asks for all of it').waitFor();
    expect(await page.getByText('Confirmed by Carl Second').count()).toBe(1);
    // With Stop beside them, the pages' names make room on a phone.
    await second.setViewportSize({ width: 390, height: 800 });
    expect(await widthOf(second)).toBe(390);
    const stop = await second.getByTestId('stop-everything').boundingBox();
    expect((stop?.x ?? 0) + (stop?.width ?? 0)).toBeLessThanOrEqual(390);
    await shot(second, 'phone-with-stop');
    await other.close();
  });

  it('verifies the bundle that was dropped into it, without sending it anywhere', async () => {
    await page.goto('/ledger/verify');
    const sent: string[] = [];
    page.on('request', (request) => {
      if (request.method() !== 'GET') sent.push(request.url());
    });
    const files = await asDropped(page, readFileSync(bundle), 'ledger-bundle.zip');
    await page.getByTestId('drop').dispatchEvent('drop', { dataTransfer: files });
    await page.getByTestId('bundle-verdict').waitFor();
    expect(await page.getByTestId('bundle-verdict').getAttribute('data-verdict')).toBe('verified');
    expect(await page.getByTestId('bundle-verdict').textContent()).toMatch(/^Verified\. \d+ entries of the \d+ in the log/);
    await shot(page, 'bundle-verified');
    expect(sent).toEqual([]);
  });

  it('finds one byte that was flipped, and does not call proven what another key would have to vouch for', async () => {
    const bytes = readFileSync(bundle);
    const at = Math.floor(bytes.length / 2);
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at);
    await page.reload();
    await page.getByTestId('bundle-file').setInputFiles({ name: 'flipped.zip', mimeType: 'application/zip', buffer: flipped });
    await page.getByTestId('bundle-verdict').waitFor();
    expect(await page.getByTestId('bundle-verdict').getAttribute('data-verdict')).toBe('failed');
    expect(await page.getByTestId('findings-fault').textContent()).toMatch(/member_|line_|syntax|zip_|not_canonical|fields_differ/);
    await shot(page, 'bundle-flipped');
    await page.getByTestId('key-pasted').check();
    await page.getByTestId('pasted-key').fill('another.example/log+00000000+nonsense');
    await page.getByTestId('bundle-file').setInputFiles(bundle);
    await page.getByText('That is not the key of a log').waitFor();
    await page.getByTestId('pasted-key').fill('example.org/wheelhouse+08834d7d+AXHa8hg5NuT/6ndiDkH6JqkgJ9cuweuKTQvVywZFJ2vV');
    await page.getByTestId('bundle-file').setInputFiles(bundle);
    await until('a failed verdict', async () => (await page.getByTestId('bundle-verdict').getAttribute('data-verdict')) === 'failed');
    expect(await page.getByTestId('findings-fault').textContent()).toContain('other_');
  });

  it('fits a phone, in the dark', async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    await page.emulateMedia({ colorScheme: 'dark' });
    for (const [at, name, ready] of [
      ['/ledger', 'search', page.getByTestId('entries')],
      [stopped, 'entry', page.getByTestId('entry-sentence')],
      ['/ledger/exports', 'exports', page.getByTestId('exports').locator('li').first()],
      ['/ledger/heads', 'heads', page.getByTestId('heads')],
      ['/ledger/verify', 'verify', page.getByTestId('drop')],
    ] as const) {
      await page.goto(at);
      await ready.waitFor();
      await shot(page, `phone-${name}`);
      expect([at, await widthOf(page)]).toEqual([at, 390]);
    }
  });

  it('shows the pages to nobody whose role is not for them', async () => {
    const developer = await windowOf(scene.browser, scene.server.url);
    const own = await developer.newPage();
    const { link } = await scene.admin.api.invite({ name: 'Dev', email: 'dev@example.org', role: 'developer' });
    await enter(own, link);
    expect(await own.getByRole('link', { name: 'Ledger', exact: true }).count()).toBe(0);
    await own.goto('/ledger');
    await own.getByText('Not for your role').waitFor();
    await developer.close();
    expect(scene.failures).toEqual([]);
  });
});
