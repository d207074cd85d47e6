import { ACROSS_TENANTS } from '@wheelhouse/access/abilities';
import { MODEL_CHECKPOINTS, type ModelCheckpoint } from '@wheelhouse/protocol/policy';
import type { SessionFacts } from '@wheelhouse/gate/coverage';
import { HOUSE_TENANT } from '@wheelhouse/protocol/identity';
import type { Preview } from '@wheelhouse/protocol/proposed-act';
import { type ActOf, type ActPort, actPort, type AnyActPort, type Approval, type Ended, type ProposedPower } from '../charter/act-port.ts';
import { Refusal } from '../problem/refusal.ts';
import { type ActionDeskParts, stateOf } from './action-desk.ts';
import { mayRead, requireAsk, seesContent, unknownAction } from './action-rights.ts';
import { type ActionRow, powerOf, type Settled } from './action-row.ts';
import { askerOf } from './verdict-desk.ts';

type Parts = Pick<ActionDeskParts, 'book' | 'seal' | 'scribe' | 'gate' | 'views'> & {
  /** The sessions that run on a deployment now. */
  readonly sessionsOn: (deployment: string) => readonly Pick<SessionFacts, 'session' | 'tenant'>[];
};

type Act = ActOf<ModelCheckpoint>;

/**
 * The powers of the charter that are exercised on what somebody asked for: making a fine-tune, promoting a deployment. Wheelhouse does neither: what is
 * voted on is the action, and what its proposal carries out is the action's approval, for exactly the arguments that its digest binds.
 */
export function actionActs(parts: Parts): (readonly [ProposedPower, AnyActPort])[] {
  const { book, views } = parts;
  const port: ActPort<ModelCheckpoint> = {
    requireProposer: async (by, { action }) => {
      const row = await book.find(action);
      if (row === null || !mayRead(by, row)) throw unknownAction(action);
      requireAsk(by, row.tenant);
      if (row.person !== by.person) throw new Refusal('forbidden', 'Only whoever asked for an action can propose it.');
    },
    // Of one that the database has lost nobody outside of the house is told.
    tenantOf: async ({ action }) => (await book.find(action))?.tenant ?? ACROSS_TENANTS,
    about: async (act, proposal) => {
      const { id, kind, tool, digest, person, askedAt } = await waiting(parts, act, proposal);
      return { id, kind, tool, digest, person, askedAt: askedAt.toISOString() };
    },
    preview: async (act) => previewOf(parts, await waiting(parts, act, act.action)),
    // Those who vote on it decide on it: they are shown all that they are asked to allow.
    asked: async ({ action }, by, mayVote) => {
      const row = await book.find(action);
      return row !== null && (mayVote || seesContent(by, row)) ? views.whole(row) : null;
    },
    authors: () => [],
    execute: (act, approval) => book.inTurn(act.action, async () => approve(parts, await waiting(parts, act, approval.proposal), approval)),
    abandon: ({ action }, _, ended) => book.inTurn(action, () => end(parts, action, ended)),
  };
  return MODEL_CHECKPOINTS.map((power) => actPort(power, port));
}

/** The action that an act names, while it waits to be decided. Refuses for any other. */
async function waiting({ book }: Parts, { power, action, name, digest }: Act, proposal: string): Promise<ActionRow> {
  const row = await book.find(action);
  if (row === null) throw unknownAction(action);
  const isIt = action === proposal && powerOf(row) === power && row.tool === name && row.digest === digest;
  if (!isIt)
    throw new Refusal(
      'conflict',
      `Action ${action} is not what the act says. Ask for it (POST /v1/actions): that opens its proposal, under its own id.`,
    );
  if (row.state !== 'pending') throw new Refusal('conflict', `Action ${action} is ${row.state} already.`);
  return row;
}

const TITLE: Readonly<Record<ModelCheckpoint, string>> = {
  'finetune.create': 'Create the fine-tune',
  'deployment.promote': 'Promote the deployment',
};

/** What everybody is shown. The arguments are content, and not in it: the ledger keeps this, and they can be erased. Voters are shown both. */
function previewOf({ seal, gate, sessionsOn }: Parts, row: ActionRow): Preview {
  const { checkpoint, place } = gate.thingOf(row, seal.openAsked(row)?.arguments ?? null);
  if (checkpoint === 'tool.call') throw new Error('a call of a tool takes no votes');
  const decision = gate.decide(gate.request(askerOf(row), { checkpoint, name: row.tool, place }));
  const { level, deployment, model } = place;
  // Sessions of another tenant are counted, and not named.
  const reached = deployment === '' ? [] : sessionsOn(deployment);
  const named = reached.filter(({ tenant }) => row.tenant === HOUSE_TENANT || tenant === row.tenant);
  const title = `${TITLE[checkpoint]} ${row.tool}`.slice(0, 300);
  return {
    title,
    lines: [
      'Who proposes this asked for it, and may do it once then. Wheelhouse itself does nothing.',
      `Level ${level}; ${model === '' ? 'no model is named' : `model ${model}`}; ${deployment === '' ? 'for no deployment in particular' : `deployment ${deployment}`}.`,
      `The arguments have the digest ${row.digest}. Whoever votes is shown them, and their digest can be computed from what is shown.`,
      `Policy says ${decision.verdict}${decision.policies.length === 0 ? '' : ` (${decision.policies.join(', ')})`}.`,
    ].map((line) => line.slice(0, 500)),
    sessions: { count: reached.length, first: named.slice(0, 100).map(({ session }) => session) },
    deployments: deployment === '' ? { count: 0, first: [] } : { count: 1, first: [deployment] },
  };
}

/** Policy is asked once more: the one in force, with the tools, roles and levels of now, has to let what was voted for pass. */
async function approve({ seal, gate, scribe }: Parts, row: ActionRow, approval: Approval): Promise<void> {
  const request = gate.request(askerOf(row), gate.thingOf(row, seal.openAsked(row)?.arguments ?? null));
  const decision = gate.decide(request);
  if (stateOf(decision) === 'denied')
    throw new Refusal(
      'policy_denied',
      `Policy denies it by now: ${decision.policies.join(', ') || decision.errors.join(' ') || 'no policy permits it'}.`,
    );
  const common = { editedDigest: null, outcome: null, words: null };
  await scribe.decided(row, { state: 'approved', by: approval.by, at: new Date(approval.at), ...common } satisfies Settled, '', approval);
}

async function end({ book, scribe }: Parts, action: string, { state, because }: Ended): Promise<void> {
  const row = await book.find(action);
  if (row?.state === 'pending') await scribe.ended(row, endedAs(state), because);
}

/** What an action is when the votes on it came to nothing. Where the rules or the subject changed, it has to be asked for again. */
function endedAs(state: Ended['state']): 'rejected' | 'expired' | 'withdrawn' {
  switch (state) {
    case 'vetoed':
    case 'rejected':
      return 'rejected';
    case 'expired':
      return 'expired';
    case 'withdrawn':
    case 'superseded':
    case 'failed':
      return 'withdrawn';
  }
}
