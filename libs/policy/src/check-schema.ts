import type { PolicyFault } from '@wheelhouse/protocol/policy';
import { type CedarFault, schemaJson, validatePolicies } from './cedar-machine.ts';
import { hostileText } from './hostile-text.ts';
import { lineOf, type ReadPolicy } from './read-policies.ts';

const FILE = 'schema.cedarschema';

/** Reads a schema; `json` is Cedar's own rendering of it. */
export function readSchema(text: string): { readonly json: unknown; readonly faults: readonly PolicyFault[] } {
  const hostile = hostileText(text);
  if (hostile !== null) return { json: null, faults: [faultOf({ code: 'too_deep', message: hostile })] };
  const read = schemaJson(text);
  if (read.ok) return { json: read.json, faults: [] };
  const faults = read.faults.map(({ message, start }) => {
    const line = start === null ? '' : `line ${lineOf(text, start)}: `;
    return faultOf({ code: 'unreadable', message: `${line}${message}` });
  });
  return { json: null, faults };
}

/** What Cedar's strict validation finds: errors first, among them every condition that could fail on a request that fits the schema. */
export function checkAgainstSchema(schema: string, policies: readonly ReadPolicy[]): readonly PolicyFault[] {
  const texts = Object.fromEntries(policies.map(({ id, text }) => [id, text]));
  const validated = validatePolicies(schema, texts);
  if (!validated.ok) return validated.faults.map(({ message }) => faultOf({ code: 'schema', message }));
  const byId = new Map(policies.map((policy) => [policy.id, policy]));
  return [
    ...validated.errors.map((fault) => placed(fault, byId, 'error')),
    ...validated.warnings.map((fault) => placed(fault, byId, 'warning')),
  ];
}

function placed(fault: CedarFault, policies: ReadonlyMap<string, ReadPolicy>, severity: PolicyFault['severity']): PolicyFault {
  const { policy: id, message, start } = fault;
  const policy = id === null ? undefined : policies.get(id);
  if (policy === undefined) return { severity, code: 'schema', file: null, policy: id, message };
  const line = policy.line + lineOf(policy.text, start ?? 0) - 1;
  return { severity, code: 'schema', file: policy.file, policy: policy.id, message: `line ${line}: ${message}` };
}

function faultOf({ code, message }: { readonly code: string; readonly message: string }): PolicyFault {
  return { severity: 'error', code, file: FILE, policy: null, message };
}
