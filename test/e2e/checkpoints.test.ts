import type { Action } from '@wheelhouse/protocol/action';
import type { EngineConfig } from '@wheelhouse/protocol/tool-call';
import { ActionClient } from '@wheelhouse/sdk/action-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Listener } from '../harness/listener.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';

const TOOL = (name: string) => ({ name, description: '', parameters: {} });
const CONFIG: EngineConfig = { instructions: '', voice: '', tools: [TOOL('search'), TOOL('refund')], answers: true };

describe('the checkpoints of a live session', () => {
  let server: TestServer;
  let first: SignedIn;
  let second: SignedIn;
  let actions: ActionClient;

  beforeAll(async () => {
    server = await TestServer.start();
    first = await server.firstOperator();
    second = await server.person(first, 'operator');
    actions = new ActionClient(server.url, { cookie: second.cookie });
  });
  afterAll(() => server.dispose());

  const join = async (level: 1 | 2 | 3) => Listener.attach(await first.api.openSession({ deployment: 'relay', level }));
  const waiting = (kind: Action['kind'], session: string) =>
    until(`a pending ${kind}`, async () =>
      (await actions.actions('?state=pending')).items.find((one) => one.kind === kind && one.session === session),
    );
  const entries = (kind: string) => first.api.search(`?kind=${kind}`);

  it('mask what is found in the words, tell the client, and leave the rest as it is', async () => {
    const listener = await join(3);
    expect((await until('ready', () => listener.gateEvent('ready'))).holdBack).toBe(1);
    listener.client.sendText('The key AKIAIOSFODNN7EXAMPLE opens it');
    await until('the reply', () => /opens it/.test(listener.said.join(' ')));
    expect(listener.said.join(' ')).not.toMatch(/AKIA|EXAMPLE/);
    expect(listener.said.join(' ')).toMatch(/The key █+ opens it/);
    expect(listener.gateEvent('checkpoint')).toMatchObject({ checkpoint: 'tick.output', verdict: 'redact' });
    const found = await until('its entry', async () =>
      (await entries('checkpoint.decided')).items.find(({ fields }) => fields['data.checkpoint'] === 'tick.output'),
    );
    expect(JSON.stringify(found)).toContain('secret_key');
    expect(JSON.stringify(found)).not.toContain('AKIA');
    listener.client.end();
    await until('the end', () => listener.closed);
  });

  it('say so when what they look for took longer to say than the window, and mask the rest of it', async () => {
    const listener = await join(3);
    listener.client.sendText('Please charge 4111 1111 1111 1111 today');
    await until('the reply', () => /today/.test(listener.said.join(' ')));
    expect(listener.said.join(' ')).not.toMatch(/4111 1111 1111 1111/);
    expect(listener.said.join(' ')).toMatch(/█ today/);
    expect(listener.gateEvent('cut')).toBeDefined();
    listener.client.end();
    await until('the end', () => listener.closed);
  });

  it('put an irreversible call before a human, who changes it; the engine may call what can be taken back', async () => {
    const listener = await join(3);
    listener.client.configure(CONFIG);
    listener.client.sendText('call search {"q":"tea"}');
    const searched = await until('the search', () => listener.engine.find((event) => event.type === 'call'));
    expect(searched).toMatchObject({ name: 'search', arguments: '{"q":"tea"}' });
    listener.client.sendResult({ call: 'call_0', output: 'three kinds of tea' });
    await until('what the tool brought', () => /three kinds of tea/.test(listener.said.join(' ')));

    listener.client.sendText('call refund {"amount":5000}');
    const action = await waiting('tool', listener.client.session);
    expect(action).toMatchObject({ tool: 'refund', arguments: { amount: 5000 } });
    expect(listener.engine.filter((event) => event.type === 'call')).toHaveLength(1);
    await actions.decide(action.id, { outcome: 'edit', digest: action.digest, arguments: { amount: 50 }, reason: 'a zero too many' });
    await until('the refund', () => listener.engine.find((event) => event.type === 'call' && event.name === 'refund'));
    expect(listener.engine.findLast((event) => event.type === 'call')).toMatchObject({ name: 'refund', arguments: '{"amount":50}' });
    listener.client.end();
    await until('the end', () => listener.closed);
  });

  it('let nothing out at level 1 but what a human sends on', async () => {
    const listener = await join(1);
    listener.client.sendText('hello there');
    const draft = await waiting('output', listener.client.session);
    expect(JSON.stringify(draft.arguments)).toMatch(/hello there/);
    expect(listener.said).toEqual([]);
    await actions.decide(draft.id, { outcome: 'approve', digest: draft.digest });
    await until('the draft', () => /hello there/.test(listener.said.join(' ')));
    expect(listener.audioFrames().length).toBeGreaterThan(3);

    listener.client.sendText('and this');
    const other = await waiting('output', listener.client.session);
    await actions.decide(other.id, { outcome: 'edit', digest: other.digest, arguments: { text: 'quite another thing' } });
    await until('the words of the human', () => /quite another thing/.test(listener.said.join(' ')));
    expect(listener.said.join(' ')).not.toMatch(/and this/);
    listener.client.end();
    await until('the end', () => listener.closed);
  });
});
