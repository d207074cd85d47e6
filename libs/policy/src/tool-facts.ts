import type { PolicyRequest } from '@wheelhouse/protocol/policy';
import type { LoadedPolicy } from './load-bundle.ts';

/** What policy is told of a tool. One that the bundle does not know can't be taken back and has the risk `unknown`, whatever its caller says of it. */
export function toolFacts(policy: LoadedPolicy | null, name: string): NonNullable<PolicyRequest['context']['tool']> {
  const tools = policy?.bundle.tools ?? {};
  const known = Object.hasOwn(tools, name) ? tools[name] : undefined;
  if (known === undefined) return { name, reversible: false, risks: ['unknown'] };
  return { name, reversible: known.reversible, risks: known.risks };
}
