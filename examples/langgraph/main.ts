import { randomUUID } from 'node:crypto';
import { Annotation, END, START, StateGraph } from '@langchain/langgraph';
import type { Action } from '@wheelhouse/protocol/action';
import { ActionClient } from '@wheelhouse/sdk/action-client';
import { z } from 'zod';

const url = process.env['WHEELHOUSE_URL'] ?? 'http://localhost:7400';
const key = process.env['WHEELHOUSE_KEY'];
if (key === undefined) throw new Error('Set WHEELHOUSE_KEY to an API key with the scope actions:ask.');

const wheelhouse = new ActionClient(url, { key });
const Email = z.object({ to: z.string(), text: z.string() });
const TOOL = 'send_email';

const State = Annotation.Root({
  /** The action's id is in the state: a graph that is resumed from a checkpoint asks under the same id, and gets the same answer. */
  action: Annotation<string>,
  wanted: Annotation<z.infer<typeof Email>>,
  decision: Annotation<Action | null>,
  sent: Annotation<z.infer<typeof Email>[]>,
  told: Annotation<string>,
});
type Now = typeof State.State;

/** What a language model would write. Here it is always the same, so that the example runs without one. */
function draft(): Partial<Now> {
  return { action: randomUUID(), wanted: { to: 'customer@example.org', text: 'Your parcel is lost. We are sorry.' } };
}

/** Asks, and waits until policy or a human has decided. */
async function ask({ action, wanted }: Now): Promise<Partial<Now>> {
  console.log(`asks whether it may write to ${wanted.to}: ${url}/actions/${action}`);
  await wheelhouse.ask({ id: action, tool: TOOL, arguments: wanted, agent: 'Mail graph', reason: 'The carrier reported a loss.' });
  return { decision: await wheelhouse.waitFor(action) };
}

/** Sends exactly what was decided on: the check passes once, and for nothing else. */
async function send({ action, wanted, decision }: Now): Promise<Partial<Now>> {
  const email = Email.parse(decision?.edited?.arguments ?? wanted);
  await wheelhouse.check(action, { tool: TOOL, arguments: email });
  return { sent: [email], told: 'sent' };
}

function leave({ decision }: Now): Partial<Now> {
  return { told: `not sent, because it is ${decision?.state ?? 'unknown'}: ${decision?.answer ?? decision?.decidedReason ?? ''}` };
}

const MAY_GO_ON: readonly string[] = ['allowed', 'approved', 'edited'] satisfies Action['state'][];

const graph = new StateGraph(State)
  .addNode('draft', draft)
  .addNode('ask', ask)
  .addNode('send', send)
  .addNode('leave', leave)
  .addEdge(START, 'draft')
  .addEdge('draft', 'ask')
  .addConditionalEdges('ask', ({ decision }) => (MAY_GO_ON.includes(decision?.state ?? '') ? 'send' : 'leave'), ['send', 'leave'])
  .addEdge('send', END)
  .addEdge('leave', END)
  .compile();

const { told, sent } = await graph.invoke({ sent: [], decision: null, told: '' });
console.log(`the graph says: ${told}`);
console.log(`sent: ${JSON.stringify(sent)}`);
