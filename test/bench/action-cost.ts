import { randomUUID } from 'node:crypto';
import type { EvaluationRequest } from '@wheelhouse/protocol/authzen';
import { ActionClient } from '@wheelhouse/sdk/action-client';
import { TestServer } from '../harness/server.ts';
import { Latencies, type Row } from './measure.ts';

const PART = 'actions';
const WARM = 300;
const SEARCH = { tool: 'search', arguments: { q: 'opening hours on Sunday', limit: 5 } };
const EVALUATION: EvaluationRequest = {
  subject: { type: 'agent', id: 'billing' },
  action: { name: 'tool.call' },
  resource: { type: 'tool', id: 'search' },
  context: { level: 3 },
};

/** What a decision costs where no human is asked, over HTTP on a real server: answered from memory, and made durable first. */
export async function actionRows(quick: boolean): Promise<Row[]> {
  const server = await TestServer.start();
  try {
    const admin = await server.firstOperator();
    const client = new ActionClient(server.url, { key: (await server.key(admin, ['actions:ask'])).key });
    const { session } = await admin.api.openSession({ deployment: 'relay', level: 3 });
    const times = quick ? 1500 : 6000;
    const decided = await timed(times, () => client.evaluate(EVALUATION).then(({ decision }) => decision));
    const evaluations = Array.from({ length: 20 }, () => EVALUATION);
    const batch = await timed(times / 5, () => client.evaluateAll({ evaluations }).then((answer) => 'evaluations' in answer));
    const allowed = await timed(times / 5, () =>
      client.ask({ id: randomUUID(), ...SEARCH, session: session.id }).then(({ state }) => state === 'allowed'),
    );
    return [
      {
        ...{ part: PART, kind: 'spread', name: 'action decision without a human', unit: 'ms', latencies: decided, goals: { p99: 5 } },
        note: 'POST /v1/decisions to its answer, one after the other: HTTP, key, policy',
      },
      { part: PART, kind: 'spread', name: '20 decisions in a batch', unit: 'ms', latencies: batch },
      {
        ...{ part: PART, kind: 'spread', name: 'action allowed by policy, durable', unit: 'ms', latencies: allowed },
        note: 'POST /v1/actions to its answer: the same, and its entry in the ledger and its sealed row, both on disk before the answer',
      },
    ];
  } finally {
    await server.dispose();
  }
}

/** Each time has to come out as expected, or the figure would be of something else. */
async function timed(times: number, work: () => Promise<boolean>): Promise<Latencies> {
  const latencies = new Latencies();
  for (let i = -WARM; i < times; i += 1) {
    const from = performance.now();
    if (!(await work())) throw new Error('the decision was another one');
    if (i >= 0) latencies.addMs(performance.now() - from);
  }
  return latencies;
}
