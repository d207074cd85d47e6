import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import path from 'node:path';
import type { z } from 'zod';

/** A program of this folder that runs beside the bench and says things in lines of JSON. */
export class Program {
  readonly #child: ChildProcess;
  readonly #lines: unknown[] = [];
  readonly #waiting: ((line: unknown) => void)[] = [];
  #complaints = '';

  constructor(file: string, args: readonly string[]) {
    this.#child = spawn(process.execPath, ['--no-warnings', path.join(import.meta.dirname, file), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null) throw new Error('a program without pipes');
    stderr.on('data', (chunk: Buffer) => {
      this.#complaints = (this.#complaints + chunk.toString('utf8')).slice(-1500);
    });
    createInterface({ input: stdout }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      const said: unknown = JSON.parse(line);
      const next = this.#waiting.shift();
      if (next === undefined) this.#lines.push(said);
      else next(said);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The next thing that it says. Rejects when it ends instead, or says nothing for `withinMs`. */
  says<T>(shape: z.ZodType<T>, withinMs = 90_000): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`it said nothing for ${withinMs / 1000} s: ${this.#complaints}`));
      }, withinMs);
      const take = (line: unknown) => {
        clearTimeout(timer);
        resolve(shape.parse(line));
      };
      const ready = this.#lines.shift();
      if (ready !== undefined) {
        take(ready);
        return;
      }
      this.#waiting.push(take);
      this.#child.once('exit', (code) => {
        clearTimeout(timer);
        reject(new Error(`it ended (${code ?? 'killed'}): ${this.#complaints.trim().split('\n').slice(-4).join(' ')}`));
      });
    });
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }
}
