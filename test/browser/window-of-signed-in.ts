import type { Browser, Page } from 'playwright-core';
import type { SignedIn, TestServer } from '../harness/server.ts';
import { windowOf } from './browser.ts';

/** A window of somebody who signed in by other means: their cookie, in a browser. `failures` gathers what goes wrong in their page. */
export async function pageOf(browser: Browser, server: TestServer, who: SignedIn): Promise<{ page: Page; failures: string[] }> {
  const window = await windowOf(browser, server.url);
  await window.addCookies(
    who.cookie.split('; ').map((one) => {
      const at = one.indexOf('=');
      return { name: one.slice(0, at), value: one.slice(at + 1), url: server.url };
    }),
  );
  const page = await window.newPage();
  const failures: string[] = [];
  page.on('pageerror', (error) => failures.push(error.message));
  return { page, failures };
}
