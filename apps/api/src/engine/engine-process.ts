import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EngineSecrets } from '@wheelhouse/engine/engine-secrets';
import type { UpstreamSettings } from '@wheelhouse/engine/upstream-settings';
import { childEnvironment } from '@wheelhouse/installation/child-environment';
import type { Logger } from 'pino';
import { z } from 'zod';

const RESTART_MS = 300;
const START_MS = 60_000;
/** What the process says on its standard output is one short line. */
const MOST_SAID = 4096;

const Failure = z.object({ ready: z.literal(false), message: z.string() });

/** Why the engine would not start, in its own words; null when it said nothing of the kind. */
function failureIn(said: string): string | null {
  try {
    return Failure.parse(JSON.parse(said)).message;
  } catch {
    return null;
  }
}

/**
 * The engine's process: apart from the server's, because the engine is not trusted (law 7). When it dies, it is started again; the gate
 * never waits for it. It ends when its standard input closes, so it can't outlive the server.
 */
export class EngineProcess {
  readonly socketPath: string;
  readonly #models: string;
  readonly #upstream: UpstreamSettings | null;
  readonly #log: Logger;
  readonly #onState: (up: boolean) => void;
  #child: ChildProcess | null = null;
  #stopping = false;

  constructor(options: { models: string; upstream?: UpstreamSettings | null; log: Logger; onState: (up: boolean) => void }) {
    // A socket's path may have about 100 bytes, which a deep data folder exceeds: it lives in the system's folder for such things.
    const name = `wheelhouse-engine-${process.pid}`;
    this.socketPath = os.platform() === 'win32' ? `\\\\.\\pipe\\${name}` : path.join(os.tmpdir(), `${name}.sock`);
    this.#models = options.models;
    this.#upstream = options.upstream ?? null;
    this.#log = options.log;
    this.#onState = options.onState;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Starts the process and resolves when it listens. */
  start(): Promise<void> {
    const entry = fileURLToPath(import.meta.resolve('@wheelhouse/engine/engine-process'));
    const kinds = this.#upstream === null ? 'relay,echo' : 'relay,echo,realtime';
    // It is given all it needs as arguments: whoever takes it over must not find the master key or the database's password in it.
    const child = spawn(process.execPath, ['--no-warnings', entry, this.socketPath, this.#models, kinds], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: childEnvironment(process.env),
    });
    this.#child = child;
    child.stdin.on('error', () => undefined);
    // The one thing that is written to it: arguments and environments can be read by others. After that it only has to stay open.
    if (this.#upstream !== null) child.stdin.write(`${JSON.stringify({ upstream: this.#upstream } satisfies EngineSecrets)}\n`);
    child.stderr.on('data', (chunk: Buffer) => {
      this.#log.warn({ engine: chunk.toString('utf8').trim().slice(0, 2000) }, 'the engine process complains');
    });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error('The engine process did not get ready within a minute.'));
      }, START_MS);
      let said = '';
      child.stdout.on('data', (chunk: Buffer) => {
        if (said.length < MOST_SAID) said += chunk.toString('utf8');
        if (!said.includes('"ready":true')) return;
        clearTimeout(timer);
        this.#onState(true);
        resolve();
      });
      child.once('error', (error) => {
        clearTimeout(timer);
        reject(new Error(`The engine process could not be started: ${error.message}`, { cause: error }));
        this.#startSoon(child);
      });
      child.once('exit', (code, signal) => {
        clearTimeout(timer);
        this.#onState(false);
        const words = failureIn(said);
        reject(
          new Error(words === null ? `The engine process ended (${signal ?? code ?? 'unknown'}).` : `The engine could not start. ${words}`),
        );
        if (this.#stopping) return;
        this.#log.error({ code, signal, words }, 'the engine process ended; starting it again');
        this.#startSoon(child);
      });
    });
  }

  #startSoon(ended: ChildProcess): void {
    setTimeout(() => {
      if (!this.#stopping && this.#child === ended) this.start().catch(() => undefined);
    }, RESTART_MS);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise<void>((resolve) =>
        child.once('exit', () => {
          resolve();
        }),
      );
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 2000);
      await ended;
      clearTimeout(timer);
    }
    if (os.platform() !== 'win32') rmSync(this.socketPath, { force: true });
  }
}
