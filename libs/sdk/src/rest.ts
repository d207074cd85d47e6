import { Problem } from '@wheelhouse/protocol/problem';
import type { z } from 'zod';
import { pause, pauseBefore } from './pause.ts';

/** How often a request is sent at most. The pauses between come to some four seconds together, unless the server names longer ones. */
const TRIES = 5;
/** The longest `Retry-After` that is waited for, in seconds: that of a limit by the minute. Beyond it the refusal is the caller's to handle. */
const LONGEST_RETRY_AFTER = 60;
/** The server, or what stands in front of it, could not answer now. */
const AWAY: ReadonlySet<number> = new Set([502, 503, 504]);

/** A refused request: `problem` is the server's RFC 9457 document. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.title}: ${problem.detail}`);
    this.problem = problem;
  }
}

/** How a client says who it is: an API key, or the cookie of a person who signed in. */
export type Credential = { readonly key: string } | { readonly cookie: string };

/** How patient a client is. `tries`: how often a request is sent at most, 5 unless said; 1 sends nothing again. */
export type Patience = { readonly tries?: number };

/** A name of the caller's own for a request: sent again under it with the same body, within 24 hours, it is carried out once. Unless said, a new one each call. */
export type Once = { readonly idempotencyKey?: string };

/** `repeatable`: saying it twice does no more than saying it once. Known of what has an id or an idempotency key, and of everything but POST. */
export type Sending = Once & Patience & { readonly signal?: AbortSignal; readonly repeatable?: boolean };

/**
 * Requests to one server as one caller. Every method rejects with `ApiError` when the server refuses, and with the `TypeError` of `fetch` when it can't be
 * reached. What may be sent again is, a few times: whatever was refused for coming too often (429), after the time that the answer names; and what can
 * be said twice without doing more, where the server was away (502, 503, 504) or the connection was lost.
 */
export class Rest {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #tries: number;

  constructor(url: string, credential: Credential, { tries = TRIES }: Patience = {}) {
    this.#url = url.replace(/\/$/, '');
    this.#headers = 'key' in credential ? { authorization: `Bearer ${credential.key}` } : { cookie: credential.cookie };
    this.#tries = tries;
  }

  /** Asks, and parses the answer. */
  async call<T extends z.ZodType>(method: string, path: string, schema: T, body?: unknown): Promise<z.infer<T>> {
    return schema.parse(await (await this.send(method, path, body)).json());
  }

  /** Asks for something new to be made, under an `Idempotency-Key`: an answer that got lost is asked for again, and nothing is made twice. */
  async make<T extends z.ZodType>(path: string, schema: T, body: unknown, once: Once): Promise<z.infer<T>> {
    return schema.parse(await (await this.send('POST', path, body, { idempotencyKey: freshKey(), ...once })).json());
  }

  async send(method: string, path: string, body?: unknown, sending: Sending = {}): Promise<Response> {
    const { signal, tries = this.#tries } = sending;
    let wasLost = false;
    for (let nth = 1; ; nth += 1) {
      const answer = await this.#try(method, path, body, sending);
      if (answer instanceof Response && answer.ok) return answer;
      // It was there before, and its answer got lost: it is gone, which is what was asked for.
      if (answer instanceof Response && answer.status === 404 && method === 'DELETE' && wasLost) return new Response(null, { status: 204 });
      const ms = nth < tries ? pauseAfter(answer, nth, sending.repeatable ?? isRepeatable(method, body, sending)) : null;
      if (ms === null) throw answer instanceof Response ? await refusalIn(answer) : answer;
      wasLost ||= !(answer instanceof Response);
      if (answer instanceof Response) await answer.body?.cancel();
      await pause(ms, signal);
    }
  }

  /** The answer, or the error of a connection that came to nothing. */
  async #try(method: string, path: string, body: unknown, { signal, idempotencyKey }: Sending): Promise<Response | TypeError> {
    const headers = {
      ...this.#headers,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    };
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    try {
      return await fetch(`${this.#url}${path}`, { method, headers, ...json, ...(signal === undefined ? {} : { signal }) });
    } catch (error) {
      if (error instanceof TypeError && signal?.aborted !== true) return error;
      throw error;
    }
  }
}

/** How long to wait before the request is sent again, in milliseconds; null where it is not. */
function pauseAfter(answer: Response | TypeError, nth: number, repeatable: boolean): number | null {
  if (!(answer instanceof Response)) return repeatable ? pauseBefore(nth) : null;
  const after = answer.headers.get('retry-after');
  const named = after !== null && /^\d+$/.test(after) ? Number(after) : null;
  if (named !== null && named > LONGEST_RETRY_AFTER) return null;
  // Refused before anything was done, so that it may come again whatever it is; but not before its time, nor at a guess.
  if (answer.status === 429) return named === null ? null : named * 1000;
  if (!AWAY.has(answer.status) || !repeatable) return null;
  return named === null ? pauseBefore(nth) : named * 1000;
}

/** What can be said twice without doing more: docs/api.md, "Sending something again". */
function isRepeatable(method: string, body: unknown, { idempotencyKey }: Once): boolean {
  if (method !== 'POST' || idempotencyKey !== undefined) return true;
  return typeof body === 'object' && body !== null && 'id' in body && typeof body.id === 'string';
}

/** 128 random bits. `crypto.randomUUID` is not there on pages of plain HTTP. */
function freshKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function refusalIn(answer: Response): Promise<ApiError> {
  const text = await answer.text();
  const { status, statusText: title } = answer;
  return new ApiError(problemIn(text) ?? { type: 'about:blank', title, status, detail: text.slice(0, 500), code: 'internal' });
}

function problemIn(text: string): Problem | null {
  try {
    const parsed = Problem.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
