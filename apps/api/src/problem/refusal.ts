import { problemOf, type Problem, type ProblemCode } from '@wheelhouse/protocol/problem';
import type { z } from 'zod';

/** A request that is refused for a reason that its sender should know. Filters turn it into problem+json or a `refused` message. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly problem: Problem;

  constructor(code: ProblemCode, detail: string, errors?: readonly { path: string; message: string }[]) {
    super(detail);
    this.problem = problemOf(code, detail, errors);
  }
}

/** Parses what came from outside; a `malformed` refusal names each field that was wrong. */
export function parseOrRefuse<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  const first = errors[0];
  const where = first === undefined || first.path === '' ? 'The request' : `Field ${first.path}`;
  throw new Refusal('malformed', `${where} can't be used: ${first?.message ?? 'unknown'}.`, errors);
}
