import type { Checkpoint, PolicyRequest } from '@wheelhouse/protocol/policy';
import { NO_SIGNALS } from '@wheelhouse/protocol/signals';

/** An ordinary request at a checkpoint, as the house asks it: with everything that this checkpoint always has. */
export function sampleRequest(checkpoint: Checkpoint): PolicyRequest {
  const person = { kind: 'person', id: 'somebody', role: 'operator', tenant: 'house' } as const;
  const engine = { kind: 'engine', id: 'echo', role: 'engine', tenant: 'house' } as const;
  const context = { level: 3, deployment: 'echo', model: 'echo' } as const;
  const at = (kind: PolicyRequest['resource']['kind'], id: string) => ({ kind, id, tenant: 'house' });
  switch (checkpoint) {
    case 'session.open':
      return { checkpoint, principal: person, resource: at('session', 'new'), context };
    case 'tick.input':
    case 'tick.output':
      return { checkpoint, principal: engine, resource: at('session', 'one'), context: { ...context, signals: NO_SIGNALS } };
    case 'tool.call': {
      const tool = { name: 'search', reversible: true, risks: [] };
      return { checkpoint, principal: engine, resource: at('tool', tool.name), context: { ...context, tool } };
    }
    case 'level.change':
      return { checkpoint, principal: person, resource: at('session', 'one'), context: { ...context, to: 3 } };
    case 'finetune.create':
      return { checkpoint, principal: person, resource: at('fine_tune', 'new'), context };
    case 'deployment.promote':
      return { checkpoint, principal: person, resource: at('deployment', 'echo'), context };
    case 'record.export':
      return { checkpoint, principal: person, resource: at('export', 'new'), context: { ...context, profile: 'reviewer' } };
  }
}
