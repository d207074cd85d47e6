import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type KeyScope, type Role } from '@wheelhouse/protocol/identity';
import { ApiClient } from '@wheelhouse/sdk/api-client';
import { freePort } from '@wheelhouse/installation/free-port';
import { endServerProcess, type ServerProcess, startServerProcess } from '@wheelhouse/installation/server-process';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** Tests look at each answer as it comes; sdk.test.ts has clients that ask again. */
const ONE_TRY = { tries: 1 };

/** A person who signed in, with their cookie. */
export type SignedIn = { readonly cookie: string; readonly api: ApiClient };

/** A real server of its own: real PostgreSQL, real threads, real engine process, in a data folder that lives as long as the test. */
export class TestServer {
  readonly dataFolder: string;
  readonly env: Record<string, string>;
  readonly url: string;
  readonly streamUrl: string;
  #process: ServerProcess | null = null;
  /** What the processes before this one printed. */
  #earlier = '';
  #link = '';

  private constructor(dataFolder: string, ports: { port: number; stream: number }, env: Record<string, string>) {
    this.dataFolder = dataFolder;
    const secure = env['WHEELHOUSE_TLS_CERT'] === undefined ? '' : 's';
    this.url = `http${secure}://localhost:${ports.port}`;
    this.streamUrl = `ws${secure}://localhost:${ports.stream}/v1/stream`;
    this.env = {
      WHEELHOUSE_PORT: String(ports.port),
      WHEELHOUSE_STREAM_PORT: String(ports.stream),
      WHEELHOUSE_DATA: dataFolder,
      WHEELHOUSE_LOG: 'warn',
      // Tests and benchmarks ask as fast as they can; rate-limits.test.ts has limits.
      WHEELHOUSE_RATE_LIMIT: '0',
      WHEELHOUSE_DECISION_LIMIT: '0',
      ...env,
    };
  }

  static async start(env: Record<string, string> = {}): Promise<TestServer> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'wheelhouse-test-'));
    // PostgreSQL runs as another user when this runs as root, and has to get through.
    chmodSync(folder, 0o711);
    const server = new TestServer(folder, { port: await freePort(), stream: await freePort() }, env);
    try {
      await server.run();
    } catch (error) {
      await server.dispose();
      throw error;
    }
    return server;
  }

  /** A second server on the same data folder, not started; on ports of its own. */
  static async beside(other: TestServer): Promise<TestServer> {
    return new TestServer(other.dataFolder, { port: await freePort(), stream: await freePort() }, {});
  }

  /** Everything that the server printed. */
  get output(): string {
    return this.#earlier + (this.#process?.output() ?? '');
  }

  get pid(): number {
    const pid = this.#process?.child.pid;
    if (pid === undefined) throw new Error('the server does not run');
    return pid;
  }

  /** Starts the process (again) in the same data folder and waits for its one-time link or its greeting. */
  async run(nodeFlags: readonly string[] = []): Promise<void> {
    this.#earlier = this.output;
    this.#process = null;
    this.#process = await startServerProcess(ROOT, this.env, nodeFlags);
    this.#link = this.#process.link ?? this.#link;
  }

  /** Stops the process as Ctrl-C does, and waits for its end. Returns the exit code. */
  async stop(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  /** Ends the process as a power cut does. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    return this.#process === null ? null : endServerProcess(this.#process.child, signal);
  }

  /** Stops the server and removes its folder. */
  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.dataFolder, { recursive: true, force: true });
  }

  /** Signs the first operator in, by the link that the server printed. Works once. */
  firstOperator(): Promise<SignedIn> {
    return this.signIn(this.#link);
  }

  get link(): string {
    return this.#link;
  }

  async signIn(link: string): Promise<SignedIn> {
    return this.#signedIn(await fetch(link, { redirect: 'manual' }));
  }

  async signInWithPassword(email: string, password: string): Promise<SignedIn> {
    const headers = { 'content-type': 'application/json', origin: this.url };
    return this.#signedIn(
      await fetch(`${this.url}/api/auth/sign-in/email`, { method: 'POST', headers, body: JSON.stringify({ email, password }) }),
    );
  }

  #signedIn(response: Response): SignedIn {
    const cookie = response.headers
      .getSetCookie()
      .map((one) => one.split(';')[0] ?? '')
      .join('; ');
    if (!cookie.includes('session_token'))
      throw new Error(`this did not sign in: ${response.status} ${response.headers.get('location') ?? ''}`);
    return { cookie, api: new ApiClient(this.url, { cookie }, ONE_TRY) };
  }

  /** Invites a person and signs them in. */
  async person(inviter: SignedIn, role: Role, tenant?: string): Promise<SignedIn> {
    const email = `${role}-${randomUUID()}@example.org`;
    const { link } = await inviter.api.invite({ name: `A ${role}`, email, role, ...(tenant === undefined ? {} : { tenant }) });
    return this.signIn(link);
  }

  /** An API key of `holder` with these scopes. */
  async key(holder: SignedIn, scopes: KeyScope[]): Promise<{ key: string; id: string; api: ApiClient }> {
    const issued = await holder.api.issueKey({ name: 'test key', scopes, expiresInDays: 1 });
    return { key: issued.key, id: issued.id, api: new ApiClient(this.url, { key: issued.key }, ONE_TRY) };
  }
}
