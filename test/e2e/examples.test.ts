import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Action, ActionVerdict } from '@wheelhouse/protocol/action';
import type { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ActionScene } from '../harness/action-scene.ts';
import { until } from '../harness/until.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

describe('the examples, as their READMEs say, with a human who decides', () => {
  let scene: ActionScene;

  beforeAll(async () => {
    scene = await ActionScene.open();
  });
  afterAll(() => scene.server.dispose());

  /** Runs an example to its end while a human decides on what it asks, and answers what it printed. */
  const runWith = async (name: string, verdictOn: (action: Action) => z.input<typeof ActionVerdict>): Promise<string> => {
    const env = { ...process.env, WHEELHOUSE_URL: scene.server.url, WHEELHOUSE_KEY: scene.key };
    const running = promisify(execFile)(process.execPath, [path.join(ROOT, 'examples', name, 'main.ts')], { env, timeout: 60_000 });
    const deciding = until('the example to ask', async () => (await scene.human.actions('?state=pending')).items[0]).then((action) =>
      scene.human.decide(action.id, verdictOn(action)),
    );
    const [{ stdout }] = await Promise.all([running, deciding]);
    return stdout;
  };

  it('openai-agents: pays what was approved, what was edited, and nothing that was rejected', async () => {
    const approved = await runWith('openai-agents', ({ digest }) => ({ outcome: 'approve', digest }));
    expect(approved).toContain('the agent says: Paid 12.5 for order A-17.');
    expect(approved).toContain('paid: [{"order":"A-17","amount":12.5}]');
    const half = { order: 'A-17', amount: 6 };
    const edited = await runWith('openai-agents', ({ digest }) => ({ outcome: 'edit', digest, arguments: half }));
    expect(edited).toContain('paid: [{"order":"A-17","amount":6}]');
    const rejected = await runWith('openai-agents', ({ digest }) => ({ outcome: 'reject', digest, reason: 'It arrived this morning.' }));
    expect(rejected).toContain('the agent says: A human said no: It arrived this morning.');
    expect(rejected).toContain('paid: []');
    const used = (await scene.human.actions('?limit=3')).items.map(({ state, usedAt }) => [state, usedAt !== null]);
    expect(used).toEqual([
      ['rejected', false],
      ['edited', true],
      ['approved', true],
    ]);
  });

  it('langgraph: sends what was edited, and leaves it where a human answered', async () => {
    const text = 'Your parcel is late. It will come on Monday.';
    const edited = await runWith('langgraph', ({ digest }) => ({
      outcome: 'edit',
      digest,
      arguments: { to: 'customer@example.org', text },
    }));
    expect(edited).toContain('the graph says: sent');
    expect(edited).toContain(text);
    const answered = await runWith('langgraph', ({ digest }) => ({ outcome: 'answer', digest, answer: 'I have called them.' }));
    expect(answered).toContain('not sent, because it is answered: I have called them.');
    expect(answered).toContain('sent: []');
  });
});
