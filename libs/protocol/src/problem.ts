import { z } from 'zod';

/** Codes of refused requests: the last part of the problem's `type`. Each is in docs/errors.md and has a test. */
export const PROBLEM_CODES = [
  'malformed',
  'unauthenticated',
  'forbidden',
  'not_found',
  'unknown_scope',
  'conflict',
  'not_restrictive',
  'same_person',
  'not_in_force',
  'session_ended',
  'session_attached',
  'not_recordable',
  'held',
  'erased',
  'expired',
  'not_ready',
  'bad_range',
  'bad_signature',
  'charter_refused',
  'charter_in_force',
  'policy_denied',
  'policy_refused',
  'other_digest',
  'unsupported',
  'full',
  'too_large',
  'rate_limited',
  'ledger_unavailable',
  'stopping',
  'internal',
] as const;
export const ProblemCode = z.enum(PROBLEM_CODES);
export type ProblemCode = z.infer<typeof ProblemCode>;

/** RFC 9457 problem details, `application/problem+json`. `errors` names each field that was wrong. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: ProblemCode,
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof Problem>;

const STATUS: Readonly<Record<ProblemCode, readonly [status: number, title: string]>> = {
  malformed: [400, 'The request could not be read'],
  unauthenticated: [401, 'Sign in first'],
  forbidden: [403, 'Not allowed'],
  not_found: [404, 'Not found'],
  unknown_scope: [404, 'Nothing with this scope'],
  conflict: [409, 'In conflict with what was said before'],
  not_restrictive: [422, 'This would not restrict anything'],
  same_person: [403, 'Another person has to confirm'],
  not_in_force: [409, 'The latch is not in force'],
  session_ended: [409, 'The session has ended'],
  session_attached: [409, 'A client is attached already'],
  not_recordable: [403, 'This may not be recorded'],
  held: [409, 'A legal hold covers it'],
  erased: [410, 'Erased'],
  expired: [410, 'Its time has come and it was deleted'],
  not_ready: [409, 'It is not made'],
  bad_range: [416, 'The file has no such range'],
  bad_signature: [403, 'The signature proves nothing'],
  charter_refused: [422, 'The charter would not be safe'],
  charter_in_force: [409, 'A charter is in force'],
  policy_denied: [403, 'Policy does not allow it'],
  policy_refused: [422, 'The policy bundle can not be used'],
  other_digest: [409, 'It is not what was shown'],
  unsupported: [501, 'Not supported here'],
  full: [503, 'No room for another session'],
  too_large: [413, 'Too large'],
  rate_limited: [429, 'Too many requests'],
  ledger_unavailable: [503, 'The ledger cannot take entries'],
  stopping: [503, 'The server is stopping'],
  internal: [500, 'Something went wrong here'],
};

/** Builds the problem document for `code`; `detail` says what was wrong, where, and what to do next. */
export function problemOf(code: ProblemCode, detail: string, errors?: readonly { path: string; message: string }[]): Problem {
  const [status, title] = STATUS[code];
  const problem: Problem = { type: `https://wheelhouse.dev/problems/${code}`, title, status, detail, code };
  return errors === undefined ? problem : { ...problem, errors: [...errors] };
}
