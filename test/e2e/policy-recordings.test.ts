import { randomUUID } from 'node:crypto';
import type { PolicyBundle } from '@wheelhouse/protocol/policy';
import { PolicyClient } from '@wheelhouse/sdk/policy-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ContentCaller } from '../harness/content-caller.ts';
import { Listener } from '../harness/listener.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';

const RECORD = { retention: 'regulated', consent: 'form 7 of 2026-11-20' } as const;

/** The bundle in force, and nobody is told an address any more. */
function withoutAddresses(bundle: PolicyBundle): PolicyBundle {
  const forbid = `
@id("no-addresses")
@reason("Addresses are not said.")
forbid (principal, action == Action::"tick.output", resource)
when { context.signals.found.contains("email") };
`;
  return { ...bundle, name: 'discreet', policies: { ...bundle.policies, 'addresses.cedar': forbid } };
}

describe('a replay of recordings', () => {
  let server: TestServer;
  let first: SignedIn;
  let admin: ContentCaller;
  let candidate: PolicyBundle;
  const since = new Date(Date.now() - 60_000).toISOString();
  const replay = (who: SignedIn, recordings: boolean) =>
    new PolicyClient(server.url, { cookie: who.cookie }).replay(candidate, since, new Date(Date.now() + 60_000).toISOString(), recordings);

  beforeAll(async () => {
    server = await TestServer.start();
    first = await server.firstOperator();
    admin = new ContentCaller(server, first);
    const { bundle } = await new PolicyClient(server.url, { cookie: first.cookie }).policy();
    if (bundle === null) throw new Error('no bundle is in force');
    candidate = withoutAddresses(bundle);
  });
  afterAll(() => server.dispose());

  /** A session that says the words, recorded, until its transcript is stored. */
  const said = async (words: string, ending: RegExp, subject?: string): Promise<string> => {
    const opened = await first.api.openSession({
      deployment: 'relay',
      record: { ...RECORD, what: ['transcript'] },
      ...(subject === undefined ? {} : { subject }),
    });
    const listener = await Listener.attach(opened);
    listener.client.sendText(words);
    await until('the reply', () => ending.test(listener.said.join(' ')));
    listener.client.end();
    await until('the end', () => listener.closed);
    await until('the pieces', async () => (await admin.content(opened.session.id)).pieces.length > 0);
    return opened.session.id;
  };

  it('finds in stored words what the record of decisions does not know, reads them openly, and says what it left out', async () => {
    await said('You can write to ada@example.org about it', /about it/);
    await said('There is nothing to find here', /here/);
    // What was decided then was plain permission, of which the ledger keeps nothing.
    const plain = await replay(first, false);
    expect(plain).toMatchObject({ recordings: null, comparison: { differing: 0 } });
    const before = (await first.api.search('?kind=content.read')).items.length;
    const { comparison, recordings } = await replay(first, true);
    expect(comparison.differing).toBe(0);
    expect(recordings).toMatchObject({ sessions: 2, leftOut: [], forbidden: 0, undecided: 0 });
    const differences = recordings?.comparison.differences ?? [];
    expect(differences.length).toBeGreaterThan(0);
    for (const { request, inForce, candidate: other } of differences) {
      expect(request).toMatchObject({ checkpoint: 'tick.output', context: { deployment: 'relay', signals: { found: ['email'] } } });
      expect(inForce.verdict).toBe('allow');
      expect(other).toMatchObject({ verdict: 'deny', policies: ['no-addresses'] });
    }
    expect(recordings?.comparison.differing).toBeLessThan(recordings?.lines ?? 0);
    expect((await first.api.search('?kind=content.read')).items).toHaveLength(before + 2);
  });

  it('tells nobody of words that they may not read', async () => {
    const developer = await server.person(first, 'developer');
    const { recordings } = await replay(developer, true);
    expect(recordings).toMatchObject({ sessions: 0, lines: 0, leftOut: [], forbidden: 2, comparison: { decided: 0 } });
  });

  it('leaves out what was erased, and names it', async () => {
    const gone = await said('Or write to bob@example.org instead', /instead/, 'a passer-by');
    const { subject } = await admin.content(gone);
    const second = new ContentCaller(server, await server.person(first, 'administrator'));
    const id = randomUUID();
    await admin.json('POST', '/v1/erasures', { id, subject, reason: 'they asked' });
    await second.json('POST', `/v1/erasures/${id}/confirm`);
    const { recordings } = await replay(first, true);
    expect(recordings).toMatchObject({ sessions: 2, leftOut: [{ session: gone, problem: 'erased' }] });
  });
});
