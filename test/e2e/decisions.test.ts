import { AuthzenConfiguration, EvaluationResponse, EvaluationsResponse } from '@wheelhouse/protocol/authzen';
import { Problem } from '@wheelhouse/protocol/problem';
import { ActionClient } from '@wheelhouse/sdk/action-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestDatabase } from '../harness/database.ts';
import { refused } from '../harness/refused.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { until } from '../harness/until.ts';

const subject = { type: 'agent', id: 'alice@example.org' };
const action = { name: 'tool.call' };
const search = { type: 'tool', id: 'search' };
const refund = { type: 'tool', id: 'refund' };

describe('decisions, as AuthZEN has them', () => {
  let server: TestServer;
  let admin: SignedIn;
  let key: string;
  let client: ActionClient;

  beforeAll(async () => {
    server = await TestServer.start();
    admin = await server.firstOperator();
    key = (await server.key(await server.person(admin, 'developer'), ['actions:ask'])).key;
    client = new ActionClient(server.url, { key });
  });
  afterAll(() => server.dispose());

  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

  it('say yes only where policy simply allows, and otherwise why and where to ask a human', async () => {
    const allowed = await client.evaluate({ subject, action, resource: search, context: { level: 3 } });
    expect(allowed).toMatchObject({ decision: true, context: { verdict: 'allow', policies: ['tool'] } });
    const held = await client.evaluate({ subject, action, resource: refund, context: { level: 3 } });
    expect(held).toMatchObject({
      decision: false,
      context: { verdict: 'hold', policies: ['tool-irreversible'], requestable: { endpoint: `${server.url}/v1/actions`, method: 'POST' } },
    });
    // A level that is not named is the one where a human decides; a tool that is not known can't be taken back.
    expect(await client.evaluate({ subject, action, resource: search })).toMatchObject({ context: { verdict: 'hold' } });
    const unknown = { type: 'tool', id: 'format_disk' };
    expect(await client.evaluate({ subject, action, resource: unknown, context: { level: 4 } })).toMatchObject({ decision: false });
    // What the caller says of the tool counts for nothing.
    const lied = { ...unknown, properties: { reversible: true, risks: [] } };
    expect(await client.evaluate({ subject, action, resource: lied, context: { level: 3 } })).toMatchObject({ decision: false });
  });

  it('take the level from the session where one is named, and no higher one from the caller', async () => {
    const owner = new ActionClient(server.url, { key: (await server.key(admin, ['actions:ask'])).key });
    const { session } = await admin.api.openSession({ deployment: 'relay', level: 2 });
    const context = { session: session.id, level: 5 };
    expect(await owner.evaluate({ subject, action, resource: search, context })).toMatchObject({ context: { verdict: 'hold' } });
    const stranger = new ActionClient(server.url, { cookie: (await server.person(admin, 'administrator', 'globex')).cookie });
    expect(await refused(stranger.evaluate({ subject, action, resource: search, context }))).toBe('not_found');
  });

  it('come in batches, with defaults, errors in their place, and the three semantics', async () => {
    const evaluations = [{ resource: search }, { resource: refund }, { resource: { type: 'cat', id: 'x' } }, { resource: search }];
    const shared = { subject, action, context: { level: 3 }, evaluations };
    const answers = async (semantic?: 'execute_all' | 'deny_on_first_deny' | 'permit_on_first_permit') => {
      const options = semantic === undefined ? {} : { options: { evaluations_semantic: semantic } };
      const answer = await client.evaluateAll({ ...shared, ...options });
      return 'evaluations' in answer ? answer.evaluations.map(({ decision }) => decision) : [];
    };
    expect(await answers()).toEqual([true, false, false, true]);
    expect(await answers('deny_on_first_deny')).toEqual([true, false]);
    expect(await answers('permit_on_first_permit')).toEqual([true]);
    const all = await client.evaluateAll(shared);
    expect('evaluations' in all && all.evaluations[2]).toMatchObject({ decision: false, context: { error: { status: 400 } } });
    // Without evaluations it is one.
    expect(await client.evaluateAll({ subject, action, resource: search, context: { level: 3 } })).toMatchObject({ decision: true });
    expect(await refused(client.evaluateAll({ subject, action }))).toBe('malformed');
    expect(await refused(client.evaluateAll({ ...shared, evaluations: Array.from({ length: 101 }, () => ({})) }))).toBe('malformed');
  });

  it('stand under the paths of the standard too, with the caller’s request id, and are found by its metadata', async () => {
    const found = AuthzenConfiguration.parse(await (await fetch(`${server.url}/.well-known/authzen-configuration`)).json());
    expect(found.policy_decision_point).toBe(server.url);
    const body = { subject, action, resource: search, context: { level: 3 } };
    const one = await post(new URL(found.access_evaluation_endpoint).pathname, body, { 'x-request-id': 'r-1' });
    expect([one.status, one.headers.get('x-request-id')]).toEqual([200, 'r-1']);
    expect(EvaluationResponse.parse(await one.json()).decision).toBe(true);
    const many = await post(new URL(found.access_evaluations_endpoint).pathname, { ...body, evaluations: [{}, {}] });
    expect(EvaluationsResponse.parse(await many.json())).toMatchObject({ evaluations: [{ decision: true }, { decision: true }] });
  });

  it('are refused for what can not be asked', async () => {
    const bad = [
      { subject, action, resource: { type: 'cat', id: 'x' } },
      { subject: { type: 'cat', id: 'x' }, action, resource: search },
      { subject, action: { name: 'can_read' }, resource: search },
      { subject, action, resource: { type: 'session', id: 'x' } },
      { subject, action: { name: 'finetune.create' }, resource: search },
      { subject, action: { name: 'deployment.promote' }, resource: { type: 'fine_tune', id: 'x' } },
      { subject: { type: 'engine', id: 'x' }, action: { name: 'finetune.create' }, resource: { type: 'fine_tune', id: 'x' } },
      { subject, action: { name: 'deployment.promote' }, resource: { type: 'deployment', id: 'x' }, context: { level: 'high' } },
      { subject, action, resource: search, context: { level: 9 } },
      { subject: { ...subject, properties: { role: 7 } }, action, resource: search },
      { subject, resource: search },
      [],
      null,
    ];
    for (const body of bad) {
      const answer = await post('/v1/decisions', body);
      expect([answer.status, Problem.parse(await answer.json()).code], JSON.stringify(body)).toEqual([400, 'malformed']);
    }
    const none = new ActionClient(server.url, { key: (await server.key(admin, ['sessions:read'])).key });
    expect(await refused(none.evaluate({ subject, action, resource: search }))).toBe('forbidden');
  });

  it('are refused where Wheelhouse asks by itself, and say what can be asked', async () => {
    for (const name of ['session.open', 'tick.input', 'tick.output', 'level.change', 'record.export']) {
      const answer = await post('/v1/decisions', { subject, action: { name }, resource: { type: 'session', id: 'x' } });
      const { code, detail, errors } = Problem.parse(await answer.json());
      expect([code, errors?.[0]?.path]).toEqual(['malformed', 'action.name']);
      expect(detail).toContain(`${name} is not for asking`);
      expect(detail).toContain('tool.call, finetune.create, deployment.promote');
    }
  });

  it('are given on fine-tunes and promotions, by what the caller says of them', async () => {
    const finetune = { action: { name: 'finetune.create' }, resource: { type: 'fine_tune', id: 'tone' }, context: { model: 'base-1' } };
    expect(await client.evaluate({ subject, ...finetune })).toMatchObject({
      decision: true,
      context: { verdict: 'allow', policies: ['finetune-create'] },
    });
    const operator = { type: 'person', id: 'ops', properties: { role: 'operator' } };
    expect(await client.evaluate({ subject: operator, ...finetune })).toMatchObject({ decision: false, context: { verdict: 'deny' } });
    const promotion = { action: { name: 'deployment.promote' }, resource: { type: 'deployment', id: 'support' } };
    // In the shipped bundle that is for people; nothing says that a human could decide on it.
    const denied = await client.evaluate({ subject, ...promotion });
    expect(denied).toMatchObject({ decision: false, context: { verdict: 'deny', policies: [] } });
    expect(denied.context).not.toHaveProperty('requestable');
    const developer = { type: 'person', id: 'dev', properties: { role: 'developer' } };
    expect(await client.evaluate({ subject: developer, ...promotion })).toMatchObject({ decision: true });
  });

  it('that did not simply allow are in the ledger, without the name of whom they were about', async () => {
    const database = new TestDatabase(server);
    const rows = await until('the record of it', async () => {
      const found = await database.query("SELECT opening FROM ledger_entry WHERE kind = 'checkpoint.decided'");
      return found.length > 3 ? found : null;
    });
    expect(JSON.stringify(rows)).toContain('tool-irreversible');
    expect(JSON.stringify(rows)).not.toContain('alice');
  });
});
