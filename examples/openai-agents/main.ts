import { randomUUID } from 'node:crypto';
import { Agent, run, setTracingDisabled, tool } from '@openai/agents-core';
import { ActionClient } from '@wheelhouse/sdk/action-client';
import { carryOut } from '@wheelhouse/sdk/carry-out';
import { z } from 'zod';
import { Planner } from './planner.ts';

const url = process.env['WHEELHOUSE_URL'] ?? 'http://localhost:7400';
const key = process.env['WHEELHOUSE_KEY'];
if (key === undefined) throw new Error('Set WHEELHOUSE_KEY to an API key with the scope actions:ask.');

// Traces would go to a service outside.
setTracingDisabled(true);

const wheelhouse = new ActionClient(url, { key });
const Refund = z.object({ order: z.string(), amount: z.number().positive() });

/** The shop's own books, which the tool changes. */
const paid: z.infer<typeof Refund>[] = [];

const refund = tool({
  name: 'refund',
  description: 'Pays money back to a customer.',
  parameters: Refund,
  // The framework calls this as if it were done at once; Wheelhouse holds it until somebody has decided.
  execute: async (given) => {
    const request = { id: randomUUID(), tool: 'refund', arguments: given, agent: 'Support agent', reason: 'The parcel never arrived.' };
    console.log(`asks whether it may pay ${given.amount} for order ${given.order}: ${url}/actions/${request.id}`);
    const outcome = await carryOut(wheelhouse, {
      request,
      run: (allowed) => {
        // What may be done is what a human saw, and may have changed: never the arguments that the model made up.
        const exactly = Refund.parse(allowed);
        paid.push(exactly);
        return Promise.resolve(`Paid ${exactly.amount} for order ${exactly.order}.`);
      },
    });
    return outcome.done ? outcome.result : outcome.words;
  },
});

const agent = new Agent({
  name: 'Support',
  instructions: 'Help the customer.',
  tools: [refund],
  model: new Planner({ order: 'A-17', amount: 12.5 }),
});

const { finalOutput } = await run(agent, 'Order A-17 never arrived. I want my money back.');
console.log(`the agent says: ${finalOutput ?? ''}`);
console.log(`paid: ${JSON.stringify(paid)}`);
