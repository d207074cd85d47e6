import type { Action, ActionRequest } from '@wheelhouse/protocol/action';
import type { z } from 'zod';
import type { ActionClient, Waiting } from './action-client.ts';

/** What came of it. `words`, where it was not done, say why, or are what a human answered in its place: fit to be given to an agent as they are. */
export type CarriedOut<T> =
  | { readonly done: true; readonly action: Action; readonly result: T }
  | { readonly done: false; readonly action: Action; readonly words: string };

/** What is asked, and how it is done: `run` gets the arguments that may be used, which a human may have changed. */
export type Asked<T> = {
  readonly request: z.input<typeof ActionRequest>;
  readonly run: (given: Action['arguments']) => Promise<T>;
  readonly waiting?: Waiting;
};

/**
 * Does something only where policy or a human allows it: asks, waits for a decision, has exactly what is about to be done checked, and does it once. Rejects with
 * `ApiError` where the server refuses, and with whatever `run` rejects with.
 */
export async function carryOut<T>(client: ActionClient, { request, run, waiting = {} }: Asked<T>): Promise<CarriedOut<T>> {
  const asked = await client.ask(request);
  const action = asked.state === 'pending' ? await client.waitFor(asked.id, waiting) : asked;
  switch (action.state) {
    case 'allowed':
    case 'approved':
    case 'edited': {
      const given = action.edited === null ? request.arguments : action.edited.arguments;
      await client.check(action.id, { tool: request.tool, arguments: given });
      return { done: true, action, result: await run(given) };
    }
    case 'answered':
      return { done: false, action, words: action.answer ?? '' };
    case 'denied':
      return { done: false, action, words: `Policy does not allow it: ${reasonOf(action)}` };
    case 'rejected':
      return { done: false, action, words: `A human said no: ${action.decidedReason}` };
    case 'expired':
      return { done: false, action, words: 'Nobody decided in time.' };
    case 'withdrawn':
    case 'pending':
      return { done: false, action, words: 'It was withdrawn.' };
  }
}

function reasonOf({ because, decision }: Action): string {
  return [...because.map(({ reason }) => reason), ...decision.errors].join(' ') || 'no policy permits it.';
}
