import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { FromGenerator, type ToGenerator, type Told } from './generator-messages.ts';

/** Opening thousands of sessions on a busy machine takes its time; everything else is answered at once. */
const ANSWER_MS = { open: 180_000, tell: 20_000, flushes: 20_000, end: 5_000 } as const;

/** The crowd of live sessions, as the measuring process sees it: its load generator runs in a process of its own. */
export class Crowd {
  readonly sessions: string[] = [];
  readonly #child: ChildProcess;
  readonly #target: { readonly url: string; readonly key: string };

  constructor(target: { readonly url: string; readonly key: string }) {
    this.#target = target;
    this.#child = fork(fileURLToPath(new URL('./generator.ts', import.meta.url)), [], {
      serialization: 'advanced',
      execArgv: ['--no-warnings'],
    });
  }

  /** Opens sessions until there are `size`, several at a time, each attached and streaming at once. Returns how long that took. */
  async growTo(size: number, deployment = 'echo'): Promise<{ readonly opened: number; readonly tookMs: number }> {
    const count = size - this.sessions.length;
    const { sessions, tookMs } = await this.#ask(
      { type: 'open', ...this.#target, count, concurrency: Math.min(count, 16), deployment },
      'opened',
    );
    this.sessions.push(...sessions);
    return { opened: count, tookMs };
  }

  tell(): Promise<Told> {
    return this.#ask({ type: 'tell' }, 'told');
  }

  async flushes(order: string): Promise<readonly number[]> {
    return (await this.#ask({ type: 'flushes', order }, 'flushes')).at;
  }

  /** Ends the load. The sessions stay open at the server, waiting for clients. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    await this.#ask({ type: 'end' }, 'ended');
    await ended;
  }

  #ask<T extends FromGenerator['type']>(message: ToGenerator, answer: T): Promise<Extract<FromGenerator, { type: T }>> {
    return new Promise((resolve, reject) => {
      const listen = (raw: unknown) => {
        const said = FromGenerator.parse(raw);
        if (isOf(said, answer)) {
          stopListening();
          resolve(said);
        } else if (said.type === 'failed') {
          stopListening();
          reject(new Error(`the load generator failed: ${said.message}`));
        }
      };
      const ended = (code: number | null) => {
        stopListening();
        reject(new Error(`the load generator ended (${code ?? 'killed'}) instead of saying "${answer}"`));
      };
      const timer = setTimeout(() => {
        stopListening();
        reject(new Error(`the load generator gave no "${answer}"`));
      }, ANSWER_MS[message.type]);
      const stopListening = () => {
        clearTimeout(timer);
        this.#child.off('message', listen);
        this.#child.off('exit', ended);
      };
      this.#child.on('message', listen);
      this.#child.once('exit', ended);
      this.#child.send(message);
    });
  }
}

function isOf<T extends FromGenerator['type']>(said: FromGenerator, type: T): said is Extract<FromGenerator, { type: T }> {
  return said.type === type;
}
