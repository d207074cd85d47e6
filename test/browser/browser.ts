import path from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { browserPath } from '../../scripts/browser-path.mjs';

const FIXTURES = path.resolve(import.meta.dirname, '../fixtures');
export const ARTIFACTS = path.resolve(import.meta.dirname, '../artifacts');

/** A real Chromium whose microphone plays a recording, over and over. */
export async function openBrowser(recording: string): Promise<Browser> {
  const found = await browserPath();
  if (found === null) throw new Error('No browser: install Chrome or Chromium, or name one with CHROME_PATH.');
  return chromium.launch({
    executablePath: found.path,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-audio-capture=${path.join(FIXTURES, recording)}`,
    ],
  });
}

/** A browser window of a person of its own: cookies are shared with nobody. */
export async function windowOf(browser: Browser, url: string): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL: url, permissions: ['microphone'], viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(30_000);
  return context;
}

/** Milliseconds of engine audio that the Talk page has played so far. */
export async function playedMs(page: Page): Promise<number> {
  return Number((await page.getByTestId('played-ms').textContent())?.replaceAll(/[^\d.]/g, ''));
}
