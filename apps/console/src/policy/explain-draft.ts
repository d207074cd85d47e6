import { HOUSE_TENANT } from '@wheelhouse/protocol/identity';
import type { Level } from '@wheelhouse/protocol/level';
import type { Checkpoint, PolicyBundle, PolicyRequest } from '@wheelhouse/protocol/policy';
import { NO_SIGNALS, type Signals } from '@wheelhouse/protocol/signals';

type PrincipalKind = PolicyRequest['principal']['kind'];
type ResourceKind = PolicyRequest['resource']['kind'];

/** Who acts at a checkpoint and on what, as the schema has it, and which facts it has besides. */
export const ASKED: Readonly<
  Record<Checkpoint, { readonly who: readonly PrincipalKind[]; readonly what: ResourceKind; readonly facts: readonly Fact[] }>
> = {
  'session.open': { who: ['person', 'key'], what: 'session', facts: [] },
  'tick.input': { who: ['engine'], what: 'session', facts: ['signals'] },
  'tick.output': { who: ['engine'], what: 'session', facts: ['signals'] },
  'tool.call': { who: ['engine', 'person', 'key'], what: 'tool', facts: ['tool'] },
  'level.change': { who: ['person', 'key'], what: 'session', facts: ['to'] },
  'finetune.create': { who: ['person', 'key'], what: 'fine_tune', facts: [] },
  'deployment.promote': { who: ['person', 'key'], what: 'deployment', facts: [] },
  'record.export': { who: ['person', 'key'], what: 'export', facts: ['profile'] },
};
export type Fact = 'signals' | 'tool' | 'to' | 'profile';

/** What somebody asks about; parts that a checkpoint does not have are kept for when another is chosen. */
export type ExplainDraft = {
  readonly checkpoint: Checkpoint;
  readonly who: PrincipalKind;
  readonly role: string;
  readonly tenant: string;
  readonly level: Level;
  readonly deployment: string;
  readonly tool: string;
  readonly to: Level;
  readonly profile: string;
  readonly signals: Signals;
};

export const FIRST_DRAFT: ExplainDraft = {
  checkpoint: 'tick.output',
  who: 'person',
  role: 'operator',
  tenant: HOUSE_TENANT,
  level: 3,
  deployment: 'relay',
  tool: '',
  to: 4,
  profile: 'full',
  signals: { ...NO_SIGNALS, hasText: true },
};

/** The request that a draft stands for. A tool that the bundle does not know is as the server takes it: not to be taken back, of unknown risk. */
export function requestOf(draft: ExplainDraft, tools: PolicyBundle['tools']): PolicyRequest {
  const { checkpoint, level, deployment, tool, to, profile, signals } = draft;
  const { who, what, facts } = ASKED[checkpoint];
  const kind = who.find((one) => one === draft.who) ?? who[0] ?? 'person';
  const known = Object.hasOwn(tools, tool) ? tools[tool] : undefined;
  const has = (fact: Fact) => facts.includes(fact);
  return {
    checkpoint,
    principal: { kind, id: 'example', role: kind === 'engine' ? 'engine' : draft.role, tenant: draft.tenant },
    resource: { kind: what, id: what === 'tool' ? tool : what === 'deployment' ? deployment : 'example', tenant: draft.tenant },
    context: {
      level,
      deployment,
      model: 'example',
      ...(has('signals')
        ? { signals: { ...signals, found: [...signals.found].sort(), foundOnScreen: [...signals.foundOnScreen].sort() } }
        : {}),
      ...(has('tool') ? { tool: { name: tool, reversible: known?.reversible ?? false, risks: known?.risks ?? ['unknown'] } } : {}),
      ...(has('to') ? { to } : {}),
      ...(has('profile') ? { profile } : {}),
    },
  };
}
