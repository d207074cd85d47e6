import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, JSHandle, Page, Route } from 'playwright-core';
import { expect } from 'vitest';
import { Listener } from '../harness/listener.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { WitnessProcess } from '../harness/witness-process.ts';
import { ARTIFACTS, openBrowser, windowOf } from './browser.ts';

/** Why the session of the scene was stopped. */
export const REASON = 'The customer asked for a human';

/** A server with a witness and some history, and a reviewer who looks at it in a browser. */
export class LedgerScene {
  readonly server: TestServer;
  readonly browser: Browser;
  readonly admin: SignedIn;
  readonly page: Page;
  readonly session: string;
  /** Errors in the reviewer's page. */
  readonly failures: string[] = [];
  readonly #witness: WitnessProcess;

  private constructor(parts: Pick<LedgerScene, 'server' | 'browser' | 'admin' | 'page' | 'session'>, witness: WitnessProcess) {
    this.server = parts.server;
    this.browser = parts.browser;
    this.admin = parts.admin;
    this.page = parts.page;
    this.session = parts.session;
    this.#witness = witness;
    this.page.on('pageerror', (error) => this.failures.push(error.message));
    this.page.on('console', (message) => {
      const { url, lineNumber } = message.location();
      // What is refused on purpose is logged by the browser, too.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        this.failures.push(`${message.text()} (${url}:${lineNumber})`);
    });
  }

  static async open(): Promise<LedgerScene> {
    mkdirSync(ARTIFACTS, { recursive: true });
    const server = await TestServer.start();
    const admin = await server.firstOperator();
    const witness = await WitnessProcess.start(readFileSync(path.join(server.dataFolder, 'ledger', 'verifier-key.txt'), 'utf8').trim());
    await server.stop();
    server.env['WHEELHOUSE_WITNESSES'] = witness.address;
    await server.run();
    for (let i = 0; i < 30; i += 1) await whisperTo(admin, `Drill ${i}`);
    const session = await stoppedSession(server, admin);
    const browser = await openBrowser('short.wav');
    const reviewer = await windowOf(browser, server.url);
    const page = await reviewer.newPage();
    const scene = new LedgerScene({ server, browser, admin, page, session }, witness);
    const { link } = await admin.api.invite({ name: 'Rita Reviewer', email: 'rita@example.org', role: 'reviewer' });
    await enter(page, link);
    return scene;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.dispose();
    await this.#witness.dispose();
  }

  /** An order that leaves no latch: the ledger grows. */
  whisper(reason: string): Promise<unknown> {
    return whisperTo(this.admin, reason);
  }

  /** Lets `change` rewrite what the server answers at addresses like `glob`, while `work` runs: a server that lies. */
  async lying(glob: string, change: (body: string) => string, work: () => Promise<void>): Promise<void> {
    const lie = async (route: Route) => {
      const response = await route.fetch();
      const before = await response.text();
      const body = change(before);
      expect(body).not.toBe(before);
      await route.fulfill({ response, body });
    };
    await this.page.route(glob, lie);
    try {
      await this.page.reload();
      await work();
    } finally {
      await this.page.unroute(glob, lie);
    }
  }
}

function whisperTo({ api }: SignedIn, reason: string): Promise<unknown> {
  return api.order({ id: randomUUID(), kind: 'whisper', scope: { type: 'everything' }, text: 'A drill', reason });
}

/** A session that was stopped, and released by a second person. */
async function stoppedSession(server: TestServer, admin: SignedIn): Promise<string> {
  const attachment = await admin.api.openSession({ deployment: 'relay' });
  const session = attachment.session.id;
  const listener = await Listener.attach(attachment);
  await new Promise((resolve) => setTimeout(resolve, 2500));
  const latch = randomUUID();
  await admin.api.order({ id: latch, kind: 'stop', scope: { type: 'session', session }, reason: REASON });
  const second = await server.person(admin, 'administrator');
  const release = randomUUID();
  await admin.api.askRelease({ id: release, kind: 'release', latch, reason: 'The customer is back' });
  await second.api.confirmRelease(release);
  await new Promise((resolve) => setTimeout(resolve, 1200));
  listener.client.close();
  return session;
}

/** Signs a person in by their one-time link. */
export async function enter(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByTestId('enter').click();
  await page.waitForURL('**/sessions');
}

export function shot(page: Page, name: string): Promise<Buffer> {
  return page.screenshot({ path: path.join(ARTIFACTS, `ledger-${name}.png`) });
}

/** How wide the page is: more than its window where something sticks out. */
export function widthOf(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth');
}

/** What a page is handed when a file is dropped on it. */
export function asDropped(page: Page, bytes: Buffer, name: string): Promise<JSHandle> {
  return page.evaluateHandle(`(() => {
    const bytes = Uint8Array.from(atob(${JSON.stringify(bytes.toString('base64'))}), (char) => char.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], ${JSON.stringify(name)}, { type: 'application/zip' }));
    return transfer;
  })()`);
}

/** A proof with one character of its first hash changed. */
export function flipFirstHash(body: string): string {
  return body.replace(/"hashes":\["(.)/, (_all, char: string) => `"hashes":["${other(char)}`);
}

/** A signed note with one character of its first signature changed. */
export function flipSignature(note: string): string {
  return note.replace(/(— \S+ .{20})(.)/, (_all, before: string, char: string) => before + other(char));
}

/** Another base64 character. */
function other(char: string): string {
  return char === 'A' ? 'B' : 'A';
}
