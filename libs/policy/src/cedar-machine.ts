import { createRequire } from 'node:module';
import type * as CedarModule from '@cedar-policy/cedar-wasm/nodejs';

/**
 * Cedar, and the only file that knows its package. Its WebAssembly lives as long as nothing goes wrong in it: text that is nested too deeply runs its
 * stack over, and from then on every call into that instance fails. So what throws is answered with a failure, and the instance is thrown away.
 */
type Cedar = Pick<
  typeof CedarModule,
  | 'policySetTextToParts'
  | 'policyToJson'
  | 'schemaToJson'
  | 'validate'
  | 'preparseSchema'
  | 'preparsePolicySet'
  | 'statefulIsAuthorized'
  | 'isAuthorized'
>;

/** A set of policies that Cedar can be asked about. `digest` names it: the same digest, the same set. */
export type CedarSet = {
  readonly digest: string;
  readonly schema: string;
  /** Cedar text by id. */
  readonly permits: Readonly<Record<string, string>>;
  readonly forbids: Readonly<Record<string, string>>;
};

type EntityName = { readonly type: string; readonly id: string };
type Attributes = Record<string, CedarModule.CedarValueJson>;

/** What is asked, in Cedar's words. */
export type CedarCall = {
  readonly principal: EntityName;
  readonly action: EntityName;
  readonly resource: EntityName;
  readonly context: Attributes;
  readonly entities: readonly { readonly uid: EntityName; readonly attrs: Attributes; readonly parents: [] }[];
};

/** The ids of all policies that apply to a request. Where `errors` is not empty nothing can be built on the other two. `broken`: Cedar itself gave up. */
export type Applying = {
  readonly permits: readonly string[];
  readonly forbids: readonly string[];
  readonly errors: readonly string[];
  readonly broken: boolean;
};

/** A fault that Cedar names. `start`: where, in bytes of the text that it is about. */
export type CedarFault = { readonly policy: string | null; readonly message: string; readonly start: number | null };

export type PolicyParts = { readonly ok: true; readonly policies: readonly string[]; readonly templates: number };
export type PolicyJson = {
  readonly ok: true;
  readonly effect: 'permit' | 'forbid';
  readonly annotations: Readonly<Record<string, string>>;
  readonly json: unknown;
};
export type Failure = { readonly ok: false; readonly faults: readonly CedarFault[] };
export type Validated = { readonly ok: true; readonly errors: readonly CedarFault[]; readonly warnings: readonly CedarFault[] };

/** Cedar keeps what it has parsed until it is given something else under the same name, so it gets so many names and no more. */
const PLACES = 8;
const MODULE = '@cedar-policy/cedar-wasm/nodejs';
const resolver = createRequire(import.meta.url);

let machine: Cedar | null = null;
/** Which set is in which place, the least recently asked first. */
const places = new Map<string, number>();

/** Splits the text of a file into its policies. */
export function policyParts(text: string): PolicyParts | Failure {
  return attempt((cedar) => {
    const answer = cedar.policySetTextToParts(text);
    if (answer.type === 'failure') return failureOf(answer.errors);
    return { ok: true, policies: answer.policies, templates: answer.policy_templates.length };
  });
}

/** Reads one policy. */
export function policyJson(text: string): PolicyJson | Failure {
  return attempt((cedar) => {
    const answer = cedar.policyToJson(text);
    if (answer.type === 'failure') return failureOf(answer.errors);
    return { ok: true, effect: answer.json.effect, annotations: answer.json.annotations ?? {}, json: answer.json };
  });
}

/** Reads a schema in Cedar's human-readable syntax. */
export function schemaJson(text: string): { readonly ok: true; readonly json: unknown } | Failure {
  return attempt((cedar) => {
    const answer = cedar.schemaToJson(text);
    return answer.type === 'failure' ? failureOf(answer.errors) : { ok: true, json: answer.json };
  });
}

/** Cedar's strict validation of policies by id against a schema. */
export function validatePolicies(schema: string, policies: Readonly<Record<string, string>>): Validated | Failure {
  return attempt((cedar) => {
    const answer = cedar.validate({ validationSettings: { mode: 'strict' }, schema, policies: { staticPolicies: { ...policies } } });
    if (answer.type === 'failure') return failureOf(answer.errors);
    const named = (found: readonly CedarModule.ValidationError[]) => found.map(({ policyId, error }) => faultOf(error, policyId));
    return { ok: true, errors: named(answer.validationErrors), warnings: named(answer.validationWarnings) };
  });
}

/**
 * Every policy that applies to a request. Cedar names only those that decided, and permits not where a forbid did; so where anything forbids, permits are
 * asked again by themselves: a forbid that only holds must not hide that nothing permits. The request is validated against the schema.
 */
export function applyingTo(set: CedarSet, call: CedarCall): Applying {
  const asked = attempt<{ readonly ok: true; readonly applying: Applying }>((cedar) => {
    const place = placeOf(cedar, set);
    if (typeof place !== 'number') return place;
    const all = ask(cedar, call, { schema: `s${place}`, policies: `a${place}` });
    if (all.allow || all.errors.length > 0 || all.reason.length === 0)
      return { ok: true, applying: { permits: all.reason, forbids: [], errors: all.errors, broken: false } };
    const { reason, errors } = ask(cedar, call, { schema: `s${place}`, policies: `p${place}` });
    return { ok: true, applying: { permits: reason, forbids: all.reason, errors, broken: false } };
  });
  return asked.ok ? asked.applying : { permits: [], forbids: [], errors: asked.faults.map(({ message }) => message), broken: true };
}

/** Cedar's own answer on all policies together, parsed anew: what `applyingTo` is tested against. */
export function plainAnswer(set: CedarSet, call: CedarCall): { readonly allow: boolean; readonly errors: number } {
  const asked = attempt((cedar) => {
    const policies = { staticPolicies: { ...set.permits, ...set.forbids } };
    const { entities, ...rest } = call;
    const answer = cedar.isAuthorized({ ...rest, entities: [...entities], schema: set.schema, validateRequest: true, policies });
    if (answer.type === 'failure') return failureOf(answer.errors);
    const { decision, diagnostics } = answer.response;
    return { ok: true as const, allow: decision === 'allow', errors: diagnostics.errors.length };
  });
  return asked.ok ? asked : { allow: false, errors: asked.faults.length };
}

type Names = { readonly schema: string; readonly policies: string };

type Answer = { readonly allow: boolean; readonly reason: readonly string[]; readonly errors: readonly string[] };

function ask(cedar: Cedar, call: CedarCall, names: Names): Answer {
  const { entities, ...rest } = call;
  const answer = cedar.statefulIsAuthorized({
    ...rest,
    entities: [...entities],
    validateRequest: true,
    preparsedSchemaName: names.schema,
    preparsedPolicySetId: names.policies,
  });
  if (answer.type === 'failure') return { allow: false, reason: [], errors: answer.errors.map(({ message }) => message) };
  const { decision, diagnostics } = answer.response;
  const { reason, errors } = diagnostics;
  return { allow: decision === 'allow', reason, errors: errors.map(({ policyId, error }) => `${policyId}: ${error.message}`) };
}

/** Where a set lies parsed; it takes the place of the one that was asked least recently where it lies nowhere. */
function placeOf(cedar: Cedar, set: CedarSet): number | Failure {
  const known = places.get(set.digest);
  places.delete(set.digest);
  if (known !== undefined) {
    places.set(set.digest, known);
    return known;
  }
  const place = places.size < PLACES ? freePlace() : leastRecent();
  const parsed = [
    cedar.preparseSchema(`s${place}`, set.schema),
    cedar.preparsePolicySet(`a${place}`, { staticPolicies: { ...set.permits, ...set.forbids } }),
    cedar.preparsePolicySet(`p${place}`, { staticPolicies: { ...set.permits } }),
  ];
  const failed = parsed.flatMap((answer) => (answer.type === 'failure' ? answer.errors : []));
  if (failed.length > 0) return failureOf(failed);
  places.set(set.digest, place);
  return place;
}

function freePlace(): number {
  const taken = new Set(places.values());
  return Array.from({ length: PLACES }, (_, place) => place).find((place) => !taken.has(place)) ?? 0;
}

function leastRecent(): number {
  const [oldest] = places;
  if (oldest === undefined) return 0;
  places.delete(oldest[0]);
  return oldest[1];
}

function attempt<T extends { readonly ok: true }>(run: (cedar: Cedar) => T | Failure): T | Failure {
  try {
    machine ??= freshMachine();
    return run(machine);
  } catch (error) {
    // What Cedar throws itself is an ordinary error and leaves it whole; after these it can't be trusted any more.
    if (error instanceof RangeError || (error instanceof Error && error.name === 'RuntimeError')) {
      machine = null;
      places.clear();
    }
    const message = `Cedar gave up (${error instanceof Error ? error.message : String(error)}): the text is nested too deeply, or Cedar is not installed.`;
    return { ok: false, faults: [{ policy: null, message, start: null }] };
  }
}

/** The module makes its one instance when it is loaded; loaded once more, it makes another. */
function freshMachine(): Cedar {
  const file = resolver.resolve(MODULE);
  Reflect.deleteProperty(resolver.cache, file);
  const loaded: unknown = resolver(file);
  if (!isCedar(loaded)) throw new Error(`${MODULE} is not the version that this was written for`);
  return loaded;
}

function isCedar(value: unknown): value is Cedar {
  return typeof value === 'object' && value !== null && 'statefulIsAuthorized' in value && typeof value.statefulIsAuthorized === 'function';
}

function failureOf(errors: readonly CedarModule.DetailedError[]): Failure {
  return { ok: false, faults: errors.map((error) => faultOf(error, null)) };
}

function faultOf(error: CedarModule.DetailedError, policy: string | null): CedarFault {
  const [place] = error.sourceLocations ?? [];
  const more = [place?.label, error.help].filter((text) => typeof text === 'string' && text !== '');
  const message = more.length === 0 ? error.message : `${error.message} (${more.join('; ')})`;
  return { policy, message, start: place?.start ?? null };
}
