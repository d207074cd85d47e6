import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { GateEvent } from '@wheelhouse/protocol/stream-event';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawText } from '../../libs/detect/src/drawn-text.fixture.ts';
import { Listener } from '../harness/listener.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { recording, speak } from '../harness/speech.ts';
import { until } from '../harness/until.ts';
import { ARTIFACTS, openBrowser, windowOf } from './browser.ts';

const ELEMENT = `document.querySelector('[data-testid="recording-audio"]')`;

describe('recorded content in a real browser', () => {
  let server: TestServer;
  let browser: Browser;
  let admin: SignedIn;
  let window: BrowserContext;
  let page: Page;
  let other: BrowserContext;
  let reviewer: Page;
  let session = '';
  let reviewerId = '';
  const failures: string[] = [];

  beforeAll(async () => {
    mkdirSync(ARTIFACTS, { recursive: true });
    server = await TestServer.start();
    admin = await server.firstOperator();
    browser = await openBrowser('short.wav');
    window = await windowOf(browser, server.url);
    const cookies = admin.cookie.split('; ').map((cookie) => cookie.split('='));
    await window.addCookies(cookies.map(([name = '', ...value]) => ({ name, value: value.join('='), url: server.url })));
    page = await window.newPage();
    other = await windowOf(browser, server.url);
    reviewer = await other.newPage();
    for (const one of [page, reviewer]) one.on('pageerror', (error) => failures.push(error.message));
    const { link, person } = await admin.api.invite({ name: 'Rita Reviewer', email: 'rita@example.org', role: 'reviewer' });
    reviewerId = person;
    await reviewer.goto(link);
    await reviewer.getByTestId('enter').click();
    await reviewer.waitForURL('**/sessions');
  });
  afterAll(async () => {
    await browser.close();
    await server.dispose();
  });

  const shot = (of: Page, name: string) => of.screenshot({ path: path.join(ARTIFACTS, `content-${name}.png`) });
  const reads = async (): Promise<number> => (await admin.api.search('?kind=content.read&limit=100')).items.length;

  it('is recorded from the Talk page only where the person turns it on, and says so while it is', async () => {
    await page.goto('/talk');
    expect(await page.getByTestId('record').isChecked()).toBe(false);
    expect(await page.getByTestId('consent').textContent()).toMatch(/sound and words .* 184 days/);
    await page.getByTestId('record').check();
    await page.getByTestId('start').click();
    await page.getByTestId('recorded-notice').waitFor();
    expect(await page.getByTestId('recorded-notice').textContent()).toBe('This conversation is recorded: sound and words.');
    session = (await page.getByTestId('talk-session').getAttribute('data-session')) ?? '';
    await until('speech', async () => Number(await page.getByTestId('played-ms').textContent()) > 600, 60_000);
    await shot(page, 'talk');
    await reviewer.goto(`/sessions/${session}`);
    const row = reviewer.getByTestId(`session-row-${session}`);
    await row.getByTestId('recorded').waitFor();
    expect(await row.getByTestId('recorded').textContent()).toBe('recorded');
    await page.getByTestId('end').click();
    await page.getByTestId('ended-reason').waitFor();
  });

  it('is not recorded, and says nothing, where nobody asked for it', async () => {
    const attachment = await admin.api.openSession({ deployment: 'echo' });
    expect(attachment.session.recorded).toEqual([]);
    const listener = await Listener.attach(attachment);
    const ready = await until('ready', () => listener.gateEvent('ready'));
    expect(GateEvent.parse(ready)).toMatchObject({ recorded: [] });
    await reviewer.goto(`/sessions/${attachment.session.id}`);
    await reviewer.getByTestId('session-panel').waitFor();
    expect(await reviewer.getByTestId('session-panel').getByTestId('recorded').count()).toBe(0);
    expect(await reviewer.getByTestId('recording-section').count()).toBe(0);
    listener.client.end();
  });

  it('is listened to and read by a reviewer, and each time is in the ledger', async () => {
    const id = session;
    await until('the words to be stored', async () => (await admin.api.content(id)).pieces.some(({ what }) => what === 'transcript'));
    expect(await reads()).toBe(0);
    // The first operator belongs to the house, as the reviewer does.
    await reviewer.goto(`/sessions/${id}`);
    const audio = reviewer.getByTestId('recording-audio');
    await audio.waitFor();
    expect(await reads()).toBe(0);
    const section = (await reviewer.getByTestId('recording-section').textContent()) ?? '';
    expect(section).toMatch(/of sound and words, kept for 184 days.*consent: agreed to on the Talk page/);
    expect(section).toMatch(/Each time you listen, look or read, that is recorded/);
    for (const track of ['both', 'in', 'out']) {
      await reviewer.getByTestId('recording-track').selectOption(track);
      await reviewer.evaluate(`${ELEMENT}.play()`);
      await until(`the track ${track} to be played`, async () => Number(await reviewer.evaluate(`${ELEMENT}.currentTime`)) > 0.3);
    }
    await reviewer.getByTestId('read-transcript').click();
    await reviewer.getByTestId('stored-transcript').waitFor();
    expect(((await reviewer.getByTestId('stored-transcript').textContent()) ?? '').length).toBeGreaterThan(5);
    await shot(reviewer, 'recording');
    const { items } = await admin.api.search('?kind=content.read&limit=100');
    expect(items.length).toBeGreaterThanOrEqual(4);
    for (const { by } of items) expect(by).toMatchObject({ kind: 'person', id: reviewerId });
    expect(items.map(({ fields }) => fields['data.what'])).toEqual(
      expect.arrayContaining(['audio-in, audio-out', 'audio-in', 'audio-out', 'transcript']),
    );
  });

  it('is looked at in time with its sound, and that is in the ledger too', async () => {
    const record = { what: ['audio' as const, 'video' as const], retention: 'operational' as const, consent: 'form 9' };
    const attachment = await admin.api.openSession({ deployment: 'echo', record });
    const listener = await Listener.attach(attachment);
    const { id } = attachment.session;
    const pictures = ['1', '2'].map((digit) => drawText([digit], { width: 160, height: 120, point: 8 }));
    await until('ready', () => listener.gateEvent('ready'));
    const talk = speak(listener.client, recording('short.wav'));
    for (const picture of pictures) {
      await new Promise((resolve) => setTimeout(resolve, 600));
      listener.client.sendImage(picture);
    }
    await talk.done;
    listener.client.end();
    await until('the pieces', async () => (await admin.api.content(id)).pieces.length > 2);
    const before = await reads();
    await reviewer.goto(`/sessions/${id}`);
    await reviewer.getByTestId('look-at-video').waitFor();
    expect(await reads()).toBe(before);
    await reviewer.getByTestId('look-at-video').click();
    await until('the read', async () => (await reads()) === before + 1);
    expect(await reviewer.getByTestId('video-words').textContent()).toBe('No picture up to here.');
    await reviewer.evaluate(`${ELEMENT}.play()`);
    const picture = reviewer.getByTestId('video-picture');
    await picture.waitFor();
    const [first, second] = (await admin.api.video(id)).pictures;
    await until('the second picture', async () => (await picture.getAttribute('data-at')) === String(second?.atMs));
    const at = Number(await reviewer.evaluate(`${ELEMENT}.currentTime`)) * 1000;
    expect(at).toBeGreaterThanOrEqual(second?.atMs ?? Infinity);
    expect(await picture.getAttribute('src')).toBe(`data:image/jpeg;base64,${Buffer.from(pictures[1] ?? []).toString('base64')}`);
    const width = () => reviewer.evaluate(`document.querySelector('[data-testid="video-picture"]').naturalWidth`);
    await until('the picture to be drawn', async () => (await width()) === 160);
    await reviewer.evaluate(`${ELEMENT}.pause()`);
    await reviewer.getByTestId('video-moment').fill(String(first?.atMs));
    await until('the first picture', async () => (await picture.getAttribute('data-at')) === String(first?.atMs));
    await shot(reviewer, 'video');
    const { items } = await admin.api.search('?kind=content.read&limit=100');
    const looked = items.filter(({ by, fields }) => by?.id === reviewerId && String(fields['data.what']).startsWith('video-in'));
    expect(looked).toHaveLength(1);
  });

  it('is held by one person and let go by another', async () => {
    await page.goto('/content');
    await page.getByTestId('place-hold').click();
    await page.getByTestId('hold-over-session').check();
    await page.getByTestId('hold-target').fill('no session');
    await page.getByTestId('act-reason').fill('a lawsuit');
    await page.getByTestId('place-hold-submit').click();
    await page.getByText('the whole id of a session').waitFor();
    await page.getByTestId('hold-target').fill(session);
    await page.getByTestId('place-hold-submit').click();
    const [hold] = await until('the hold', async () => {
      const holds = await admin.api.holds();
      return holds.length > 0 ? holds : null;
    });
    const card = page.getByTestId(`hold-${hold?.id ?? ''}`);
    await card.getByText('You placed it: another person has to lift it.').waitFor();
    expect(await card.getByTestId('lift-hold').count()).toBe(0);
  });

  it('is erased by two people, but not while it is held, and then says so', async () => {
    const { subject } = await admin.api.content(session);
    await page.getByTestId('ask-erasure').click();
    await page.getByTestId('erasure-subject').fill(subject);
    await page.getByTestId('act-reason').fill('they asked for it');
    await page.getByTestId('ask-erasure-submit').click();
    await page.getByText('You asked for it: another person has to confirm.').waitFor();
    expect(await page.getByTestId('confirm-erasure').count()).toBe(0);

    await reviewer.goto('/content');
    await reviewer.getByTestId('confirm-erasure').click();
    await reviewer.getByTestId('confirm-erasure-submit').click();
    await reviewer
      .getByRole('alert')
      .getByText(/It has to be lifted before anything can be erased/)
      .waitFor();
    await shot(reviewer, 'held');
    await reviewer.getByRole('button', { name: 'Leave it' }).click();
    await reviewer.getByTestId('lift-hold').click();
    await reviewer.getByTestId('act-reason').fill('the lawsuit is over');
    await reviewer.getByTestId('lift-hold-submit').click();
    await reviewer.getByText('Lifted', { exact: true }).waitFor();
    await reviewer.getByTestId('confirm-erasure').click();
    await reviewer.getByTestId('confirm-erasure-submit').click();
    await reviewer.getByText(/ledger entry \d+/).waitFor();
    await shot(reviewer, 'erased');

    await reviewer.goto(`/sessions/${session}`);
    await reviewer
      .getByTestId('recording-fate')
      .getByText(/It was erased: the key of its data subject was destroyed/)
      .waitFor();
    expect(await reviewer.getByTestId('recording-audio').count()).toBe(0);
  });

  it('takes its mark from a session that runs when its data subject is erased', async () => {
    const attachment = await admin.api.openSession({
      deployment: 'echo',
      subject: 'customer 7',
      record: { what: ['audio'], retention: 'regulated', consent: 'form 7' },
    });
    expect(attachment.session.recorded).toEqual(['audio']);
    const { id } = attachment.session;
    const listener = await Listener.attach(attachment);
    expect(await until('ready', () => listener.gateEvent('ready'))).toMatchObject({ recorded: ['audio'] });
    speak(listener.client, recording('short.wav'));
    await reviewer.goto(`/sessions/${id}`);
    const mark = reviewer.getByTestId(`session-row-${id}`).getByTestId('recorded');
    await mark.waitFor();
    const { id: erasure } = await admin.api.askErasure({ id: crypto.randomUUID(), subject: 'house/customer 7', reason: 'asked' });
    const second = await server.person(admin, 'administrator');
    await second.api.confirmErasure(erasure);
    await mark.waitFor({ state: 'detached' });
    expect((await admin.api.session(id)).recorded).toEqual([]);
    listener.client.end();
    expect(failures).toEqual([]);
  });

  it('is for reviewers and administrators: an operator sees what is kept, and hears none of it', async () => {
    const operator = await windowOf(browser, server.url);
    const { link } = await admin.api.invite({ name: 'Otto', email: 'otto@example.org', role: 'operator' });
    const seat = await operator.newPage();
    await seat.goto(link);
    await seat.getByTestId('enter').click();
    await seat.waitForURL('**/sessions');
    expect(await seat.getByRole('link', { name: 'Content' }).count()).toBe(0);
    const attachment = await admin.api.openSession({
      deployment: 'echo',
      record: { what: ['audio'], retention: 'operational', consent: 'form 8' },
    });
    const listener = await Listener.attach(attachment);
    await speak(listener.client, recording('short.wav')).done;
    listener.client.end();
    await until('the pieces', async () => (await admin.api.content(attachment.session.id)).pieces.length > 1);
    await seat.goto(`/sessions/${attachment.session.id}`);
    await seat
      .getByTestId('recording-section')
      .getByText(/kept for 30 days/)
      .waitFor();
    expect(await seat.getByTestId('recording-audio').count()).toBe(0);
    await operator.close();
  });
});
