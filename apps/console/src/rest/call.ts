import { Problem, problemOf, type ProblemCode } from '@wheelhouse/protocol/problem';
import type { z } from 'zod';

/** A request that the server refused, with its problem document. Anything else that goes wrong is a network error or a bug and throws as such. */
export class Refused extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'Refused';
    this.problem = problem;
  }
}

export type Method = 'GET' | 'POST' | 'DELETE';

/** Calls the API and parses the answer; throws `Refused` for a problem document. */
export async function call<T>(schema: z.ZodType<T>, method: Method, path: string, body?: unknown): Promise<T> {
  const response = await send(method, path, body);
  return schema.parse(await response.json());
}

/** As `call`, where the answer has no content. */
export async function send(method: Method, path: string, body?: unknown): Promise<Response> {
  const response = await fetch(path, {
    method,
    credentials: 'same-origin',
    headers: body === undefined ? { accept: 'application/json' } : { accept: 'application/json', 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (response.ok) return response;
  throw new Refused(await problemFrom(response));
}

export function isRefusedWith(error: unknown, code: ProblemCode): boolean {
  return error instanceof Refused && error.problem.code === code;
}

/** What to tell the person. */
export function inWords(error: unknown): string {
  if (error instanceof Refused) return detailInWords(error.problem);
  if (error instanceof TypeError) return 'The server cannot be reached.';
  return error instanceof Error ? error.message : 'Something went wrong.';
}

function detailInWords(problem: Problem): string {
  const fields = (problem.errors ?? []).map((error) => `${error.path}: ${error.message}`);
  return [problem.detail, ...fields].join(' ');
}

async function problemFrom(response: Response): Promise<Problem> {
  const text = await response.text();
  try {
    const parsed = Problem.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
  } catch {
    // Not JSON: a proxy or a crashed server answered. Said below in words, with the status.
  }
  return {
    ...problemOf(
      response.status === 401 ? 'unauthenticated' : 'internal',
      `The server answered ${response.status} ${response.statusText}.`,
    ),
    status: response.status,
  };
}
