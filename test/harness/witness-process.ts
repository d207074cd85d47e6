import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '@wheelhouse/installation/free-port';
import { until } from './until.ts';

const MAIN = path.resolve(import.meta.dirname, '../../apps/cli/src/main.ts');

/** A real `wheelhouse witness`, in a folder that lives as long as the test. */
export class WitnessProcess {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'wheelhouse-witness-'));
  readonly #logs: string;
  readonly #port: number;
  #child: ChildProcess | null = null;
  #said = '';

  private constructor(logs: string, port: number) {
    this.#logs = logs;
    this.#port = port;
  }

  static async start(logs: string): Promise<WitnessProcess> {
    const witness = new WitnessProcess(logs, await freePort());
    await witness.run();
    return witness;
  }

  async run(): Promise<void> {
    this.#said = '';
    const child = spawn(process.execPath, [MAIN, 'witness', '--data', this.folder, '--port', String(this.#port), '--log', this.#logs], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const listen = (chunk: Buffer) => {
      this.#said += chunk.toString('utf8');
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    await until('the witness to start', () => {
      if (child.exitCode !== null) throw new Error(`the witness ended:\n${this.#said}`);
      return this.#said.includes('WHEELHOUSE_WITNESSES=');
    });
  }

  /** VKEY@URL, as the server takes it. */
  get address(): string {
    return /WHEELHOUSE_WITNESSES=(\S+)/.exec(this.#said)?.[1] ?? '';
  }

  get vkey(): string {
    return this.address.slice(0, this.address.indexOf('@'));
  }

  get url(): string {
    return this.address.slice(this.address.indexOf('@') + 1);
  }

  post(body: string | Buffer): Promise<Response> {
    return fetch(`${this.url}/add-checkpoint`, { method: 'POST', body });
  }

  /** Ends the process as a power cut does. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  }

  async dispose(): Promise<void> {
    await this.#end('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
