import { createHash, randomUUID } from 'node:crypto';
import { proposalDigest } from '@wheelhouse/charter/ballot';
import { actionDigest } from '@wheelhouse/ledger/action-digest';
import type { ProposalView } from '@wheelhouse/protocol/proposal';
import { ActionClient } from '@wheelhouse/sdk/action-client';
import { CharterClient } from '@wheelhouse/sdk/charter-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brisk, Chamber } from '../harness/chamber.ts';
import { vote } from '../harness/founders.ts';
import { refused } from '../harness/refused.ts';
import type { SignedIn } from '../harness/server.ts';

const ARGUMENTS = { level: 3, model: 'base-1', adapter: 'sha256:bb', evaluation: 'run 17' };
const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());

/** The digest that a vote signs, computed from nothing but what a client was shown. */
function shownDigest({ id, act, asked, preview, charter, policy, about, authors }: ProposalView): string {
  if (act.power !== 'deployment.promote' || asked === null) throw new Error('nothing that was asked for is shown');
  const digest = actionDigest({ tool: asked.tool, arguments: asked.arguments, checkpoint: act.power }, sha256);
  return proposalDigest({ proposal: id, act: { ...act, digest }, preview, charter, policy, about, authors }, sha256);
}

describe('whoever may vote is shown the whole of what is voted on', () => {
  let chamber: Chamber;
  let asker: SignedIn;
  let id = '';
  let reached = { session: '', deployment: '' };
  const seen = (by: SignedIn) => new CharterClient(chamber.server.url, by).proposal(id);

  beforeAll(async () => {
    // Four of the five may decide on no action: their seats alone show it to them.
    chamber = await Chamber.open(5, brisk, {}, 'developer');
    asker = await chamber.server.person(chamber.person(0), 'developer');
    const { session } = await chamber.person(0).api.openSession();
    reached = { session: session.id, deployment: session.deployment };
    const actions = new ActionClient(chamber.server.url, asker);
    const asked = {
      id: randomUUID(),
      checkpoint: 'deployment.promote',
      tool: session.deployment,
      arguments: ARGUMENTS,
      reason: 'Run 17 was better',
    } as const;
    id = (await actions.ask(asked)).id;
  });
  afterAll(() => chamber.dispose());

  it('a seat-holder of the least role: arguments, checkpoint, verdict and why, under the digest that is signed', async () => {
    const view = await seen(chamber.person(1));
    expect(view.asked).toMatchObject({
      kind: 'deployment.promote',
      tool: reached.deployment,
      arguments: ARGUMENTS,
      reason: 'Run 17 was better',
    });
    expect(view.asked?.decision).toMatchObject({ verdict: 'allow', policies: ['deployment-promote'] });
    expect(view.asked?.because[0]?.reason).not.toBe('');
    expect(view.preview.deployments).toEqual({ count: 1, first: [reached.deployment] });
    expect(view.preview.sessions).toEqual({ count: 1, first: [reached.session] });
    expect(shownDigest(view)).toBe(view.digest);
  });

  it('every holder and alternate, whose turn may come; and the asker', async () => {
    for (const person of [...chamber.people, asker]) expect((await seen(person)).asked?.arguments).toEqual(ARGUMENTS);
  });

  it('not somebody without a seat, nor by a key; and nobody of another tenant sees the proposal at all', async () => {
    const [reviewer, developer] = [
      await chamber.server.person(chamber.person(0), 'reviewer'),
      await chamber.server.person(chamber.person(0), 'developer'),
    ];
    for (const person of [reviewer, developer]) {
      const view = await seen(person);
      expect(view.asked).toBeNull();
      expect(JSON.stringify(view)).not.toContain('run 17');
    }
    const { key } = await chamber.server.key(chamber.person(1), ['proposals:open']);
    expect((await new CharterClient(chamber.server.url, { key }).proposal(id)).asked).toBeNull();
    const foreign = await chamber.server.person(chamber.person(0), 'operator', 'acme');
    expect(await refused(seen(foreign))).toBe('forbidden');
  });

  it('in the answer to a vote too, and after a conflict was declared to whoever may still veto', async () => {
    expect((await vote(chamber.person(2), id)).asked?.arguments).toEqual(ARGUMENTS);
    const view = await chamber.person(3).charter.declareConflict(id, 'it is about my own work');
    expect(view.yours).toMatchObject({ seats: [], vetoSeats: ['safety-2'] });
    expect(view.asked?.arguments).toEqual(ARGUMENTS);
  });
});
