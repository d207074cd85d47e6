import type { PolicyRequest } from '@wheelhouse/protocol/policy';
import type { CedarCall } from './cedar-machine.ts';

const PRINCIPAL_TYPES = { engine: 'Engine', person: 'Person', key: 'Key' } as const satisfies Record<
  PolicyRequest['principal']['kind'],
  string
>;

const RESOURCE_TYPES = {
  session: 'Session',
  tool: 'Tool',
  deployment: 'Deployment',
  export: 'Export',
  fine_tune: 'FineTune',
} as const satisfies Record<PolicyRequest['resource']['kind'], string>;

/** The names of everything that a request can speak of in Cedar: what a bundle's schema has to declare. */
export const ENTITY_TYPES: readonly string[] = [...Object.values(PRINCIPAL_TYPES), ...Object.values(RESOURCE_TYPES)];

/** A request in Cedar's words: docs/policy.md lists the names. Half characters become U+FFFD, as they do in UTF-8: Cedar can't read them. */
export function cedarCall({ checkpoint, principal, resource, context }: PolicyRequest): CedarCall {
  const who = { type: PRINCIPAL_TYPES[principal.kind], id: spelt(principal.id) };
  const what = { type: RESOURCE_TYPES[resource.kind], id: spelt(resource.id) };
  return {
    principal: who,
    action: { type: 'Action', id: checkpoint },
    resource: what,
    context: contextOf(context),
    entities: [
      { uid: who, attrs: { role: spelt(principal.role), tenant: spelt(principal.tenant) }, parents: [] },
      { uid: what, attrs: { tenant: spelt(resource.tenant) }, parents: [] },
    ],
  };
}

/** A field that is not there must be no field at all: `has` would see one that is undefined. */
function contextOf({ level, deployment, model, signals, tool, to, profile }: PolicyRequest['context']): CedarCall['context'] {
  return {
    ...{ level, deployment: spelt(deployment), model: spelt(model) },
    ...(signals === undefined ? {} : { signals: { ...signals } }),
    ...(tool === undefined ? {} : { tool: { name: spelt(tool.name), reversible: tool.reversible, risks: tool.risks.map(spelt) } }),
    ...(to === undefined ? {} : { to }),
    ...(profile === undefined ? {} : { profile: spelt(profile) }),
  };
}

/** A text as Cedar sees it. */
export function spelt(text: string): string {
  return text.toWellFormed();
}
