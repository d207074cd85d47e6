import { Problem } from '@wheelhouse/protocol/problem';
import type { z } from 'zod';
import { failed, usage } from '../cli-error.ts';
import { runningServer, type Settings } from '../settings.ts';

/** Options that every command on a running server takes. */
export const API_OPTIONS = { url: { type: 'string' }, key: { type: 'string' }, json: { type: 'boolean' } } as const;

type Given = { readonly url?: string | undefined; readonly key?: string | undefined };
type Call = { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: unknown };

/** The REST API of one server, with an API key. Every answer is parsed. */
export class ApiClient {
  readonly #base: string;
  readonly #key: string;

  constructor(settings: Settings, given: Given) {
    const base = given.url ?? runningServer(settings.dataFolder)?.url;
    const key = given.key ?? settings.apiKey;
    if (base === undefined) throw failed(`No server runs in ${settings.dataFolder}. Start it with npm start, or name one with --url.`);
    if (!URL.canParse(base)) throw usage(`--url takes an address such as http://localhost:7400, not "${base}".`);
    if (key === null) throw usage('An API key is needed: set WHEELHOUSE_KEY, or give --key. Keys are issued in the console.');
    this.#base = base;
    this.#key = key;
  }

  async call<S extends z.ZodType>(shape: S, { method, path, body }: Call): Promise<z.infer<S>> {
    const address = new URL(path, this.#base);
    const headers = {
      authorization: `Bearer ${this.#key}`,
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const init = { method, headers, signal: AbortSignal.timeout(30_000), ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const response = await fetch(address, init).catch((error: unknown) => {
      throw failed(`${address.origin} does not answer`, error instanceof Error ? (error.cause ?? error) : error);
    });
    const answer: unknown = await response.json().catch(() => null);
    if (!response.ok) throw failed(refusalOf(answer, response.status, path));
    const parsed = shape.safeParse(answer);
    if (!parsed.success)
      throw failed(`${path} answered with something that this version does not know. Do client and server have the same version?`);
    return parsed.data;
  }
}

function refusalOf(answer: unknown, status: number, path: string): string {
  const problem = Problem.safeParse(answer);
  if (!problem.success) return `${path} answered ${status}`;
  const { title, detail, errors = [] } = problem.data;
  return [`${title}: ${detail}`, ...errors.map((error) => `  ${error.path}: ${error.message}`)].join('\n');
}
