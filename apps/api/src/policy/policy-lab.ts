import { Worker } from 'node:worker_threads';
import { Explanation, type PolicyBundle, type PolicyRequest } from '@wheelhouse/protocol/policy';
import type { z } from 'zod';
import { Refusal } from '../problem/refusal.ts';
import { Compared, type PolicyTask, Tried } from './policy-task.ts';
import type { Counted } from './request-counter.ts';

/** A hostile bundle can take seconds; the control thread has orders to give meanwhile. */
const WITHIN_MS = 30_000;
/** Tasks that wait or run. Two at a time: each takes a core. */
const MOST_ASKED = 12;
const AT_A_TIME = 2;
const MOST_REMEMBERED = 30;

/** Tries bundles out in threads of their own: tests, lint, comparisons. */
export class PolicyLab {
  readonly #tried = new Map<string, Promise<Tried>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** Loads, lints and tests a bundle; the same bundle again is answered from memory. */
  check(bundle: PolicyBundle): Promise<Tried> {
    const key = JSON.stringify(bundle);
    const known = this.#tried.get(key);
    if (known !== undefined) return known;
    if (this.#tried.size >= MOST_REMEMBERED) this.#tried.clear();
    const asked = this.#run({ type: 'check', bundle }, Tried);
    this.#tried.set(key, asked);
    asked.catch(() => this.#tried.delete(key));
    return asked;
  }

  explain(bundle: PolicyBundle | null, request: PolicyRequest): Promise<Explanation> {
    return this.#run({ type: 'explain', bundle, request }, Explanation);
  }

  /** What two bundles say to the same requests. */
  compare(inForce: PolicyBundle | null, candidate: PolicyBundle, asked: readonly Counted[]): Promise<Compared> {
    return this.#run({ type: 'compare', inForce, candidate, asked: [...asked] }, Compared);
  }

  async #run<T extends z.ZodType>(task: PolicyTask, answer: T): Promise<z.infer<T>> {
    if (this.#running + this.#waiting.length >= MOST_ASKED)
      throw new Refusal('rate_limited', 'Other policy bundles are being tried out. Ask again in a moment.');
    if (this.#running >= AT_A_TIME) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
    try {
      return answer.parse(await inThread(task));
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }
}

function inThread(task: PolicyTask): Promise<unknown> {
  const worker = new Worker(new URL('./policy-worker.js', import.meta.url), { workerData: task, name: 'policy-lab' });
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const timer = setTimeout(() => {
    reject(new Refusal('policy_refused', `This could not be worked out within ${WITHIN_MS / 1000} s; make the bundle simpler.`));
  }, WITHIN_MS);
  worker.once('message', resolve);
  worker.once('error', reject);
  worker.once('exit', () => {
    reject(new Error('the thread that tries policy bundles out ended without an answer'));
  });
  return promise.finally(() => {
    clearTimeout(timer);
    return worker.terminate();
  });
}
