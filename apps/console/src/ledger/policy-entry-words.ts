import type { EntryOf } from '@wheelhouse/protocol/ledger-entry';
import { short } from './plain-words.ts';
import { because } from './reason-words.ts';

type PolicyEntry = EntryOf<
  | 'checkpoint.decided'
  | 'policy.adopted'
  | 'policy.rolled_back'
  | 'action.asked'
  | 'action.decided'
  | 'supervision.began'
  | 'supervision.ended'
  | 'help.asked'
  | 'session.handed_back'
>;

const DOING = { monitor: 'listens to', barge: 'speaks in', take_over: "speaks in the engine's place in" } as const;

/** Entries of checkpoints, actions and supervision as sentences. */
export function ofPolicy(entry: PolicyEntry, by: string): string {
  switch (entry.kind) {
    case 'checkpoint.decided': {
      const { checkpoint, session, verdict, policies, times } = entry.data;
      const where = session === undefined ? '' : ` in session ${short(session)}`;
      const often = times === undefined || times === 1 ? '' : `, ${times} times`;
      return `${checkpoint}${where}: ${verdict}${policies.length === 0 ? '' : ` by ${policies.join(', ')}`}${often}`;
    }
    case 'policy.adopted':
      return `Policy bundle ${entry.data.name} (${short(entry.data.bundle.replace('sha256:', ''))}) is in force`;
    case 'policy.rolled_back':
      return `${by} went back to policy bundle ${short(entry.data.bundle.replace('sha256:', ''))}${because(entry.data.reason)}`;
    case 'action.asked':
      return `${by} asked for ${entry.data.tool}: ${entry.data.outcome}${because(entry.data.reason)}`;
    case 'action.decided':
      return `${by} decided on action ${short(entry.data.action)}: ${entry.data.outcome}${because(entry.data.reason)}`;
    case 'supervision.began':
      return `${by} ${DOING[entry.data.verb]} session ${short(entry.data.session)}`;
    case 'supervision.ended':
      return `${by} left session ${short(entry.data.session)} at tick ${entry.data.lastTick}`;
    case 'help.asked':
      return `The engine asked for a human in session ${short(entry.data.session)}`;
    case 'session.handed_back':
      return `Session ${short(entry.data.session)} was handed back to the engine, with a summary`;
  }
}
