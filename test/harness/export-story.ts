import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, openAsBlob, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { sha256, verifyEd25519 } from '@wheelhouse/installation/node-crypto';
import type { BundleReport } from '@wheelhouse/ledger/bundle-report';
import { verifyBundle } from '@wheelhouse/ledger/bundle-verify';
import { parseVerifierKey } from '@wheelhouse/ledger/note-key';
import type { Export, ExportRequest, FoundEntry } from '@wheelhouse/protocol/export';
import type { ApiClient } from '@wheelhouse/sdk/api-client';
import { Listener } from './listener.ts';
import { type SignedIn, TestServer } from './server.ts';
import { until } from './until.ts';

/** The reason of the one order in the story: what a spreadsheet would run. */
export const FORMULA = '=HYPERLINK("http://evil.example","click")';

type Asked = Pick<ExportRequest, 'format'> & Partial<ExportRequest>;

/** A server with a story to export: a session that is stopped and let go again, in the house; another one of somebody else's. */
export class ExportStory {
  readonly server: TestServer;
  /** Administrators of the house. */
  readonly admin: SignedIn;
  readonly second: SignedIn;
  readonly reviewer: SignedIn;
  /** An administrator of another tenant. */
  readonly stranger: SignedIn;
  readonly session: string;
  /** The stranger's session. */
  readonly foreign: string;
  /** A folder for files. */
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'wheelhouse-exports-'));

  private constructor(parts: Pick<ExportStory, 'server' | 'admin' | 'second' | 'reviewer' | 'stranger' | 'session' | 'foreign'>) {
    this.server = parts.server;
    this.admin = parts.admin;
    this.second = parts.second;
    this.reviewer = parts.reviewer;
    this.stranger = parts.stranger;
    this.session = parts.session;
    this.foreign = parts.foreign;
  }

  static async tell(env: Record<string, string> = {}): Promise<ExportStory> {
    const server = await TestServer.start(env);
    const admin = await server.firstOperator();
    const reviewer = await server.person(admin, 'reviewer');
    const second = await server.person(admin, 'administrator');
    const stranger = await server.person(admin, 'administrator', 'globex');
    const foreign = (await stranger.api.openSession({ deployment: 'relay' })).session.id;
    const attachment = await admin.api.openSession({ deployment: 'relay' });
    const session = attachment.session.id;
    const listener = await Listener.attach(attachment);
    await pause(1500);
    const latch = randomUUID();
    await admin.api.order({ id: latch, kind: 'stop', scope: { type: 'session', session }, reason: FORMULA });
    const release = randomUUID();
    await admin.api.askRelease({ id: release, kind: 'release', latch, reason: 'It was a drill' });
    await second.api.confirmRelease(release);
    await pause(1200);
    listener.client.close();
    return new ExportStory({ server, admin, second, reviewer, stranger, session, foreign });
  }

  async dispose(): Promise<void> {
    await this.server.dispose();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Checks a bundle as somebody does who has the log's key. */
  async verified(bytes: Buffer): Promise<BundleReport> {
    const file = path.join(this.folder, `${randomUUID()}.zip`);
    writeFileSync(file, bytes);
    const key = parseVerifierKey((await this.admin.api.ledgerKey()).trim(), sha256);
    if (!key.ok) throw new Error(key.message);
    const newDigest = () => {
      const hash = createHash('sha256');
      return { update: (chunk: Uint8Array) => void hash.update(chunk), digest: () => new Uint8Array(hash.digest()) };
    };
    return verifyBundle(await openAsBlob(file), { sha256, newDigest, verify: verifyEd25519, trusted: [key.value], witnesses: [] });
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Asks for an export, redacted unless told otherwise. */
export function ask(api: ApiClient, request: Asked): Promise<Export> {
  return api.askExport({ profile: 'no-words', reason: 'A test', ...request });
}

/** Waits until an export is made or has failed. */
export function ended(api: ApiClient, id: string): Promise<Export> {
  return until('the export to end', async () => {
    const one = await api.export(id);
    return one.state === 'made' || one.state === 'failed' ? one : null;
  });
}

/** Asks for an export, and answers its file. */
export async function made(api: ApiClient, request: Asked): Promise<{ one: Export; bytes: Buffer }> {
  const one = await ended(api, (await ask(api, request)).id);
  if (one.state !== 'made') throw new Error(`the export ${one.state}: ${one.problem?.detail ?? ''}`);
  return { one, bytes: await fetched(api, one.id) };
}

export async function fetched(api: ApiClient, id: string): Promise<Buffer> {
  const response = await fetch((await api.exportLink(id)).url);
  if (response.status !== 200) throw new Error(`the file can't be fetched: ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

/** Every entry that a search finds, page by page. */
export async function found(api: ApiClient, query: Record<string, string>): Promise<FoundEntry[]> {
  const items: FoundEntry[] = [];
  let cursor: string | null = null;
  do {
    const more: Record<string, string> = cursor === null ? {} : { cursor };
    const text = new URLSearchParams({ limit: '7', ...query, ...more }).toString();
    const page: { items: FoundEntry[]; next: string | null } = await api.search(`?${text}`);
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return items;
}
