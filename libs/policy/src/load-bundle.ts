import { CHECKPOINTS, type PolicyBundle, type PolicyFault } from '@wheelhouse/protocol/policy';
import { canonicalBundle, type Sha256 } from './bundle-text.ts';
import { applyingTo, type CedarSet } from './cedar-machine.ts';
import { cedarCall } from './cedar-request.ts';
import { checkAgainstSchema, readSchema } from './check-schema.ts';
import { literalsIn } from './literals.ts';
import { bundleFault, type ReadPolicy, readPolicies } from './read-policies.ts';
import { sampleRequest } from './sample-request.ts';

/** A bundle that decisions can be made by. */
export type LoadedPolicy = {
  /** `sha256:` and 64 hexadecimal digits, over the bundle's RFC 8785 rendering. */
  readonly digest: string;
  readonly bundle: PolicyBundle;
  /** That rendering: what a proposal and the ledger carry. */
  readonly text: string;
  readonly policies: ReadonlyMap<string, ReadPolicy>;
  readonly cedar: CedarSet;
  /** Ids of principals and resources that the bundle names: no other id can matter to a decision. */
  readonly named: ReadonlySet<string>;
};

export type Loading =
  | { readonly ok: true; readonly policy: LoadedPolicy; readonly warnings: readonly PolicyFault[] }
  | { readonly ok: false; readonly faults: readonly PolicyFault[] };

/**
 * Reads, parses and validates a bundle. A bundle with an error is not loaded: the one in force stays. Never throws, whatever the texts are.
 * Warnings are about what loads and yet denies everything at a checkpoint.
 */
export function loadBundle(bundle: PolicyBundle, sha256: Sha256): Loading {
  const canonical = canonicalBundle(bundle, sha256);
  if (!canonical.ok) return { ok: false, faults: [canonical.fault] };
  const schema = readSchema(bundle.schema);
  const read = readPolicies(bundle.policies);
  const unread = [...schema.faults, ...read.faults];
  if (unread.length > 0) return { ok: false, faults: unread };
  if (read.policies.length === 0)
    return { ok: false, faults: [bundleFault('no_policy', 'The bundle has no policy: all would be denied.')] };
  const found = checkAgainstSchema(bundle.schema, read.policies);
  if (found.some(({ severity }) => severity === 'error')) return { ok: false, faults: found };
  const policy: LoadedPolicy = {
    ...{ digest: canonical.digest, bundle, text: canonical.text },
    policies: new Map(read.policies.map((each) => [each.id, each])),
    cedar: cedarSet(bundle.schema, read.policies, canonical.digest),
    named: literalsIn([schema.json, ...read.policies.map(({ json }) => json)]).ids,
  };
  const tried = tryOut(policy);
  if (tried.some(({ severity }) => severity === 'error')) return { ok: false, faults: tried };
  return { ok: true, policy, warnings: [...found, ...tried] };
}

function cedarSet(schema: string, policies: readonly ReadPolicy[], digest: string): CedarSet {
  const texts = (effect: ReadPolicy['effect']) =>
    Object.fromEntries(policies.filter((policy) => policy.effect === effect).map(({ id, text }) => [id, text]));
  return { digest, schema, permits: texts('permit'), forbids: texts('forbid') };
}

/** Asks at every checkpoint what the house would ask there: a schema that does not take it denies everything at that place. */
function tryOut({ cedar }: LoadedPolicy): readonly PolicyFault[] {
  return CHECKPOINTS.flatMap((checkpoint): PolicyFault[] => {
    const { errors, broken } = applyingTo(cedar, cedarCall(sampleRequest(checkpoint)));
    const [first] = errors;
    if (first === undefined) return [];
    if (broken) return [bundleFault('too_deep', `At ${checkpoint}: ${first}`)];
    const message = `An ordinary request at ${checkpoint} is denied with an error, because the schema does not take it: ${first}`;
    return [{ severity: 'warning', code: 'schema_misfit', file: 'schema.cedarschema', policy: null, message }];
  });
}
