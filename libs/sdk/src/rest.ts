import { Problem } from '@wheelhouse/protocol/problem';
import type { z } from 'zod';

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

/** Requests to one server as one caller. Every method rejects with `ApiError` when the server refuses. */
export class Rest {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: string, credential: Credential) {
    this.#url = url.replace(/\/$/, '');
    this.#headers = 'key' in credential ? { authorization: `Bearer ${credential.key}` } : { cookie: credential.cookie };
  }

  /** Asks, and parses the answer. */
  async call<T extends z.ZodType>(method: string, path: string, schema: T, body?: unknown): Promise<z.infer<T>> {
    return schema.parse(await (await this.send(method, path, body)).json());
  }

  async send(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = body === undefined ? this.#headers : { ...this.#headers, 'content-type': 'application/json' };
    const response = await fetch(`${this.#url}${path}`, { method, headers, ...json, ...(signal === undefined ? {} : { signal }) });
    if (response.ok) return response;
    const text = await response.text();
    throw new ApiError(
      problemIn(text) ?? {
        type: 'about:blank',
        title: response.statusText,
        status: response.status,
        detail: text.slice(0, 500),
        code: 'internal',
      },
    );
  }
}

function problemIn(text: string): Problem | null {
  try {
    const parsed = Problem.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
