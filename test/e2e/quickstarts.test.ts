import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { promisify } from 'node:util';
import { freePort } from '@wheelhouse/installation/free-port';
import { Action } from '@wheelhouse/protocol/action';
import { EvaluationResponse } from '@wheelhouse/protocol/authzen';
import { IssuedKey, KeyScope } from '@wheelhouse/protocol/identity';
import { OrderAck } from '@wheelhouse/protocol/order';
import { Attachment } from '@wheelhouse/protocol/session';
import { ActionClient } from '@wheelhouse/sdk/action-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addressesOf, filled, type Quickstart } from '../../apps/console/src/developers/quickstart-text.ts';
import { makeCertificate, type TestCertificate } from '../harness/certificate.ts';
import { quickstarts } from '../harness/quickstarts.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
/** Commands are run as they are pasted: by bash and curl. */
const HAS_SHELL = ['bash', 'curl'].every((program) => spawnSync(program, ['--version']).status === 0);
if (!HAS_SHELL) process.stderr.write('QUICKSTARTS NOT RUN: this machine has no bash or no curl, so those for the shell are skipped.\n');

type Variables = Readonly<Record<string, string>>;

/** A place like a reader's: the packages of the installation, a key, and nothing else. */
class Desk {
  readonly server: TestServer;
  readonly admin: SignedIn;
  readonly operator: SignedIn;
  readonly developer: SignedIn;
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), 'wheelhouse-quickstart-'));
  readonly #trust: Variables;

  private constructor(server: TestServer, people: Pick<Desk, 'admin' | 'operator' | 'developer'>, trust: Variables) {
    this.server = server;
    this.admin = people.admin;
    this.operator = people.operator;
    this.developer = people.developer;
    this.#trust = trust;
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(this.#folder, 'node_modules'));
  }

  static async open(env: Record<string, string>, trust: Variables = {}): Promise<Desk> {
    const server = await TestServer.start(env);
    const admin = await server.firstOperator();
    const [operator, developer] = [await server.person(admin, 'operator'), await server.person(admin, 'developer')];
    return new Desk(server, { admin, operator, developer }, trust);
  }

  async dispose(): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true });
    await this.server.dispose();
  }

  /** The text as the console shows it to whoever reads it under the server's own address. */
  async shown({ text }: Quickstart): Promise<string> {
    return filled(text, addressesOf(new URL(this.server.url), (await this.developer.api.me()).streamUrl));
  }

  /** What the quickstart is run with: a key with the scope that it names and no other. */
  async variables({ scope }: Quickstart): Promise<NodeJS.ProcessEnv> {
    const key = scope === null ? '' : (await this.server.key(this.developer, [KeyScope.parse(scope)])).key;
    // `node` is the installation's.
    const PATH = `${path.dirname(process.execPath)}${path.delimiter}${process.env['PATH'] ?? ''}`;
    return { ...process.env, PATH, WHEELHOUSE_KEY: key, ...this.#trust };
  }

  async shell(quickstart: Quickstart, more: Variables = {}): Promise<string> {
    const env = { ...(await this.variables(quickstart)), ...more };
    return (await run('bash', ['-e', '-c', await this.shown(quickstart)], { env, cwd: this.#folder, timeout: 60_000 })).stdout;
  }

  async program(quickstart: Quickstart): Promise<string> {
    const options = { env: await this.variables(quickstart), cwd: this.#folder, timeout: 60_000 };
    return (await run(process.execPath, [await this.save(quickstart)], options)).stdout;
  }

  /** Saves a program where its reader would. */
  async save(quickstart: Quickstart): Promise<string> {
    const file = path.join(this.#folder, 'quickstart.mjs');
    writeFileSync(file, await this.shown(quickstart));
    return file;
  }
}

const ALL = quickstarts();
const called = (id: string): Quickstart => {
  const found = ALL.find((one) => one.id === id);
  if (found === undefined) throw new Error(`there is no docs/quickstart/${id}.md`);
  return found;
};

/** Runs each quickstart and looks at what it prints and does. */
const RUNS: Readonly<Record<string, (desk: Desk, quickstart: Quickstart) => Promise<void>>> = {
  curl: async (desk, quickstart) => {
    const { session, url, ticket } = Attachment.parse(JSON.parse(await desk.shell(quickstart)));
    expect(session).toMatchObject({ deployment: 'relay', level: 3, state: 'waiting' });
    expect(url).toBe((await desk.developer.api.me()).streamUrl);
    expect(ticket).not.toBe('');
    await desk.admin.api.endSession(session.id);
  },
  sdk: async (desk, quickstart) => {
    const before = (await desk.admin.api.sessions('?state=ended')).items.length;
    expect(await desk.program(quickstart)).toMatch(/good morning/i);
    await until('the end of its session', async () => (await desk.admin.api.sessions('?state=ended')).items.length === before + 1);
  },
  agents: async (desk, quickstart) => {
    expect(await desk.program(quickstart)).toMatch(/good morning/i);
  },
  openai: async (desk, quickstart) => {
    expect(await desk.program(quickstart)).toMatch(/good morning/i);
  },
  decision: async (desk, quickstart) => {
    const answer = EvaluationResponse.parse(JSON.parse(await desk.shell(quickstart)));
    expect(answer).toMatchObject({ decision: false, context: { verdict: 'hold' } });
  },
  action: async (desk, quickstart) => {
    const human = new ActionClient(desk.server.url, { cookie: desk.operator.cookie });
    const asked = until('the question', async () => (await human.actions('?state=pending')).items[0]);
    const [printed] = await Promise.all([
      desk.shell(quickstart),
      asked.then(({ id, digest }) => human.decide(id, { outcome: 'approve', digest })),
    ]);
    const [first, second] = printed.trim().split('\n');
    expect(Action.parse(JSON.parse(first ?? ''))).toMatchObject({ state: 'pending', agent: 'Support agent' });
    expect(Action.parse(JSON.parse(second ?? ''))).toMatchObject({ state: 'approved', id: (await asked).id });
  },
  webhook: async (desk, quickstart) => {
    const port = await freePort();
    const own = new ActionClient(desk.server.url, { cookie: desk.admin.cookie });
    const { id, secret } = await own.makeWebhook({ url: `http://127.0.0.1:${port}/` });
    const env = { ...(await desk.variables(quickstart)), WEBHOOK_SECRET: secret, PORT: String(port) };
    const receiver = spawn(process.execPath, [await desk.save(quickstart)], { env });
    let printed = '';
    for (const pipe of [receiver.stdout, receiver.stderr]) pipe.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    try {
      const forged = () => fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: '{}' }).catch(() => null);
      expect((await until('the receiver', forged)).status).toBe(401);
      expect(printed).toMatch(/required headers/i);
      expect((await own.testWebhook(id)).type).toBe('webhook.test');
      await until('the test', () => printed.includes('webhook.test'));
    } finally {
      receiver.kill();
    }
  },
  stop: async (desk, quickstart) => {
    const { session } = await desk.developer.api.openSession({ deployment: 'relay' });
    const ack = OrderAck.parse(JSON.parse(await desk.shell(quickstart, { SESSION: session.id })));
    expect(ack).toMatchObject({ kind: 'stop', repeated: false, sessions: [{ session: session.id }] });
    expect((await desk.developer.api.session(session.id)).latched).toEqual(['stop']);
  },
};

const NEEDS_TLS = new Set(['openai']);

it('each quickstart is run here, and none is run that is not there', () => {
  expect(Object.keys(RUNS).sort()).toEqual(ALL.map(({ id }) => id).sort());
});

it('the list of quickstarts names each of them with the scope that it takes', () => {
  const list = readFileSync(path.join(ROOT, 'docs/quickstart/README.md'), 'utf8');
  const rows = [...list.matchAll(/^\| \[(.+?)\]\((\w+)\.md\) +\|.*\| (?:`([\w:]+)`|none) +\|$/gm)].map(([, title, id, scope]) => ({
    id,
    title,
    scope,
  }));
  expect(rows.sort((a, b) => (a.id ?? '').localeCompare(b.id ?? ''))).toEqual(
    ALL.map(({ id, title, scope }) => ({ id, title, scope: scope ?? undefined })).sort((a, b) => a.id.localeCompare(b.id)),
  );
});

describe('the quickstarts, as they are shown', () => {
  let desk: Desk;

  beforeAll(async () => {
    desk = await Desk.open({});
  });
  afterAll(() => desk.dispose());

  for (const quickstart of ALL.filter(({ id }) => !NEEDS_TLS.has(id))) {
    it.skipIf(quickstart.language === 'sh' && !HAS_SHELL)(
      `${quickstart.title}, run by ${quickstart.language === 'sh' ? 'bash' : 'node'}`,
      () => RUNS[quickstart.id]?.(desk, quickstart),
    );
  }

  /** A command from a page of the documentation: the one block for the shell that has `part` in it. */
  const command = (page: string, part: string): string => {
    const blocks = [...readFileSync(path.join(ROOT, 'docs', page), 'utf8').matchAll(/^```sh\n([^]+?)\n```$/gm)].map(
      ([, block]) => block ?? '',
    );
    const [found, ...others] = blocks.filter((block) => block.includes(part));
    if (found === undefined || others.length > 0) throw new Error(`docs/${page} should have one command with ${part}`);
    return found;
  };
  const bash = async (text: string, variables: Variables): Promise<unknown> => {
    const { stdout } = await run('bash', ['-e', '-c', text], { env: { ...process.env, URL: desk.server.url, ...variables } });
    return JSON.parse(stdout);
  };

  it.skipIf(!HAS_SHELL)('so do the commands of docs/api.md and docs/actions.md', async () => {
    const issued = IssuedKey.parse(await bash(command('api.md', '/v1/keys'), { COOKIE: desk.developer.cookie }));
    expect(issued).toMatchObject({ name: 'billing', scopes: ['sessions:open', 'sessions:read'] });
    const { key: KEY } = await desk.server.key(desk.developer, ['actions:ask']);
    const { id: ID, digest, state } = Action.parse(await bash(command('actions.md', '/v1/actions" '), { KEY }));
    expect(state).toBe('pending');
    await new ActionClient(desk.server.url, { cookie: desk.operator.cookie }).decide(ID, { outcome: 'approve', digest });
    expect(await bash(command('actions.md', '/check" '), { KEY, ID })).toMatchObject({ id: ID, digest });
  });
});

describe('the quickstarts over TLS, behind the address that WHEELHOUSE_STREAM_URL names', () => {
  let certificate: TestCertificate;
  let desk: Desk;
  let port = 0;

  beforeAll(async () => {
    certificate = await makeCertificate();
    setDefaultCACertificates([...getCACertificates('default'), certificate.cert]);
    port = await freePort();
    const tls = { WHEELHOUSE_TLS_CERT: certificate.certFile, WHEELHOUSE_TLS_KEY: certificate.keyFile };
    const named = { WHEELHOUSE_STREAM_PORT: String(port), WHEELHOUSE_STREAM_URL: `wss://127.0.0.1:${port}` };
    const trust = { NODE_EXTRA_CA_CERTS: certificate.certFile, CURL_CA_BUNDLE: certificate.certFile };
    desk = await Desk.open({ ...tls, ...named }, trust);
  });
  afterAll(async () => {
    await desk.dispose();
    certificate.remove();
  });

  it('the server says so, and the text has it', async () => {
    expect((await desk.developer.api.me()).streamUrl).toBe(`wss://127.0.0.1:${port}/v1/stream`);
    expect(await desk.shown(called('openai'))).toContain(`https://127.0.0.1:${port}/v1`);
    expect(await desk.shown(called('agents'))).toContain(`wss://127.0.0.1:${port}/v1/realtime?model=relay`);
  });

  for (const id of ['openai', 'agents', 'sdk', 'curl']) {
    it.skipIf(called(id).language === 'sh' && !HAS_SHELL)(called(id).title, () => RUNS[id]?.(desk, called(id)));
  }
});
