import { setTimeout as pause } from 'node:timers/promises';
import { LiveServerEvent } from '@wheelhouse/realtime/live-server-events';
import { ActionClient } from '@wheelhouse/sdk/action-client';
import { PolicyClient } from '@wheelhouse/sdk/policy-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adoptBehind } from '../harness/adopted-bundle.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';
import { LiveCaller } from './openai-live-caller.ts';

const REFUND = { type: 'function', name: 'refund', description: 'Pays back', parameters: { type: 'object' } } as const;
/** Words that a machine may never say, by a policy of this test's. */
const DENIES = `
@id("keys-denied")
@reason("Keys are not said, nor anything in the same breath.")
forbid (principal, action == Action::"tick.output", resource)
when { context.signals.found.contains("secret_key") };
`;

describe('what policy does to a session of the Live protocol, with the client as it is shipped', () => {
  let server: TestServer;
  let ada: SignedIn;
  let key: string;
  let human: ActionClient;
  const callers: LiveCaller[] = [];

  beforeAll(async () => {
    server = await TestServer.start();
    ada = await server.firstOperator();
    ({ key } = await server.key(ada, ['sessions:open']));
    human = new ActionClient(server.url, { cookie: (await server.person(ada, 'operator')).cookie });
  });
  afterAll(async () => {
    for (const { ws } of callers) ws.close();
    await server.dispose();
  });

  async function start(): Promise<LiveCaller> {
    const caller = await LiveCaller.start(server, key, {
      delegation: { type: 'responses', responses: { model: 'relay', tools: [REFUND] } },
    });
    callers.push(caller);
    return caller;
  }
  const say = (caller: LiveCaller, content: string) => {
    caller.ws.send({ type: 'session.commentary.append', content, delegation_id: null });
  };
  /** The question that a human has to answer before the engine's call leaves. */
  const asked = async (caller: LiveCaller) => {
    const session = await caller.session();
    return until('the question', async () => (await human.actions('?state=pending')).items.find((one) => one.session === session));
  };
  const verdicts = (caller: LiveCaller) =>
    caller.info('wheelhouse.checkpoint').flatMap((event) => ('wheelhouse' in event ? [event.wheelhouse] : []));
  const ofCall = (caller: LiveCaller, type: string) => caller.all('response.event').filter(({ event }) => event['type'] === type);
  const ended = async (caller: LiveCaller) => {
    for (const { event } of caller.events) LiveServerEvent.parse(event);
    expect(caller.errors).toEqual([]);
    caller.ws.send({ type: 'session.close' });
    await caller.hears('session.closed');
  };

  it('a call that policy holds is no delegation until a human approves it, and then exactly that', async () => {
    const caller = await start();
    say(caller, 'call refund {"amount":5000}');
    const action = await asked(caller);
    expect(action).toMatchObject({ kind: 'tool', tool: 'refund', arguments: { amount: 5000 } });
    await until('word of it', () => verdicts(caller).length > 0);
    expect(verdicts(caller)).toMatchObject([{ type: 'checkpoint', checkpoint: 'tool.call', verdict: 'hold', action: action.id }]);
    await pause(600);
    expect(caller.all('session.delegation.created')).toEqual([]);
    expect(caller.all('response.event')).toEqual([]);
    await human.decide(action.id, { outcome: 'approve', digest: action.digest });
    await caller.hears('session.delegation.created');
    const done = await until('the call', () => ofCall(caller, 'response.function_call_arguments.done')[0]);
    expect(done.event).toMatchObject({ name: 'refund', arguments: '{"amount":5000}' });
    await ended(caller);
  });

  it('a call that a human changes leaves as they changed it', async () => {
    const caller = await start();
    say(caller, 'call refund {"amount":5000}');
    const { id, digest } = await asked(caller);
    await human.decide(id, { outcome: 'edit', digest, arguments: { amount: 50 }, reason: 'a zero too many' });
    const done = await until('the call', () => ofCall(caller, 'response.function_call_arguments.done')[0]);
    expect(done.event).toMatchObject({ name: 'refund', arguments: '{"amount":50}' });
    expect(JSON.stringify(caller.all('response.event'))).not.toContain('5000');
    await ended(caller);
  });

  it('a call that a human rejects never leaves, and the engine hears so and goes on', async () => {
    const caller = await start();
    say(caller, 'call refund {"amount":5000}');
    const { id, digest } = await asked(caller);
    await human.decide(id, { outcome: 'reject', digest, reason: 'not this customer' });
    await until('what the engine makes of it', () => /tool answered/i.test(caller.said('output')));
    expect(caller.all('session.delegation.created')).toEqual([]);
    expect(caller.all('response.event')).toEqual([]);
    say(caller, 'Good morning.');
    await until('words', () => /good morning/i.test(caller.said('output')));
    await ended(caller);
  });

  it('a verdict that comes late cuts what was not played, and the rest stays masked', async () => {
    const caller = await start();
    say(caller, 'Please charge 4111 1111 1111 1111 today');
    const cut = await until('the cut', () => caller.info('wheelhouse.cut')[0]);
    expect(cut).toMatchObject({ wheelhouse: { type: 'cut', policies: ['output-secrets'] } });
    await until('the rest', () => /today/.test(caller.said('output')));
    expect(caller.said('output')).not.toMatch(/4111 1111 1111 1111/);
    expect(caller.said('output')).toContain('█');
    await ended(caller);
  });

  it('what policy denies is cut off in the middle, and the gate says so in a voice of its own', async () => {
    const { bundle } = await new PolicyClient(server.url, { cookie: ada.cookie }).policy();
    if (bundle === null) throw new Error('no bundle is in force');
    await server.stop();
    await adoptBehind(server, { ...bundle, policies: { ...bundle.policies, 'denies.cedar': DENIES } });
    await server.run();
    const caller = await start();
    say(caller, 'The key AKIAIOSFODNN7EXAMPLE opens it');
    const cut = await until('the cut', () => caller.info('wheelhouse.cut')[0]);
    expect(cut).toMatchObject({ wheelhouse: { type: 'cut', policies: ['keys-denied'] } });
    const gate = await until('the gate', () =>
      caller.info('wheelhouse.speaker').find(({ message }) => /the gate itself speaks/i.test(message)),
    );
    const at = caller.events.findIndex(({ event }) => event === gate);
    await until('its words and its sound', () => {
      const after = caller.events.slice(at).map(({ event }) => event.type);
      return after.includes('session.output_transcript.delta') && after.includes('session.output_audio.delta');
    });
    await until('the whole of it', () => /let me get somebody to help/i.test(caller.said('output')));
    await pause(1000);
    expect(caller.said('output')).not.toMatch(/AKIA|EXAMPLE|opens it/);
    await ended(caller);
  });
});
