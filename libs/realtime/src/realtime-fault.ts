import { z } from 'zod';

/**
 * What is wrong, as an `error` event says it. `invalid_request_error`: the client's doing, in the protocol's own codes. `server_error`: ours.
 * `wheelhouse_order`: a human's order is in force. `wheelhouse_policy`: a checkpoint decided. `wheelhouse_session`: the session is over.
 */
export type RealtimeFault = {
  readonly type: 'invalid_request_error' | 'server_error' | 'wheelhouse_order' | 'wheelhouse_policy' | 'wheelhouse_session';
  readonly code: string;
  readonly message: string;
  /** The field of the client's event that is meant. */
  readonly param: string | null;
  /** The client's own id of its event. */
  readonly event_id: string | null;
};

/** What a handler refuses a client's event with; the event's id is added where it is answered. */
export type Refused = { readonly code: string; readonly message: string; readonly param: string | null };

/** A field of which only these values can be carried out; anything else is refused, and never ignored. */
export function only(allowed: readonly unknown[], why: string) {
  return z
    .unknown()
    .refine((value) => value === undefined || allowed.includes(value), { message: why, params: { unsupported: true } })
    .optional();
}

/** A shape of the protocol that is refused whole. */
export function unsupported<T extends string>(type: T, why: string) {
  return z
    .object({ type: z.literal(type) })
    .refine(() => false, { message: why, params: { unsupported: true }, abort: true })
    .transform((): never => z.NEVER);
}

/** A parsing error's first issue, in the codes that the protocol's clients know. `value` is what was parsed. */
export function faultOf(error: z.ZodError, value: unknown): Refused {
  const issue = error.issues[0];
  if (issue === undefined) return { code: 'invalid_value', message: 'The event is not valid.', param: null };
  const param = paramOf(issue.path);
  if (issue.code === 'unrecognized_keys') return unknownParameter([...issue.path, issue.keys[0] ?? '']);
  if (issue.path.length > 0 && valueAt(value, issue.path) === undefined)
    return { code: 'missing_required_parameter', message: `Missing required parameter: '${param ?? ''}'.`, param };
  switch (issue.code) {
    case 'invalid_type':
      return { code: 'invalid_type', message: `${param ?? 'The event'}: ${issue.message}.`, param };
    case 'invalid_union': {
      const kinds = issue.message === 'Invalid input' ? 'it is none of the kinds that are supported here' : issue.message;
      return { code: 'invalid_value', message: `Invalid value for '${param ?? ''}': ${kinds}.`, param };
    }
    case 'custom': {
      const code = issue.params?.['unsupported'] === true ? 'unsupported_value' : 'invalid_value';
      return { code, message: `${param ?? 'The event'}: ${issue.message}`, param };
    }
    default:
      return { code: 'invalid_value', message: `Invalid value for '${param ?? ''}': ${issue.message}.`, param };
  }
}

function unknownParameter(path: readonly PropertyKey[]): Refused {
  const param = paramOf(path);
  return { code: 'unknown_parameter', message: `Unknown parameter: '${param ?? ''}'.`, param };
}

/** `session.tools[0].name` */
function paramOf(path: readonly PropertyKey[]): string | null {
  if (path.length === 0) return null;
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return text.replace(/^\./, '').slice(0, 200);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = new Map<PropertyKey, unknown>(Object.entries(at)).get(typeof step === 'number' ? String(step) : step);
  }
  return at;
}
