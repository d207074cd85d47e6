import {
  Action,
  type ActionCheck,
  ActionChecked,
  type ActionRequest,
  Actions,
  type ActionVerdict,
  isPending,
  LONGEST_WAIT,
} from '@wheelhouse/protocol/action';
import { type EvaluationRequest, EvaluationResponse, type EvaluationsRequest, EvaluationsResponse } from '@wheelhouse/protocol/authzen';
import {
  Webhook,
  type WebhookChange,
  WebhookDeliveries,
  WebhookDelivery,
  type WebhookRequest,
  Webhooks,
  WebhookWithSecret,
} from '@wheelhouse/protocol/webhook';
import type { z } from 'zod';
import { pause, pauseBefore } from './pause.ts';
import { ApiError, type Credential, type Once, type Patience, Rest } from './rest.ts';

/** Between two questions after an answer, in milliseconds. A server that stops answers at once: it must not be asked a thousand times a second until it is gone. */
const AFTER_ANSWER_MS = 100;

/** How a wait for a decision is ended early, and for how long one request of it stands (30 seconds unless said, 60 at most). */
export type Waiting = { readonly signal?: AbortSignal; readonly seconds?: number };

/** Asking whether something may be done, and doing it once. Every method rejects with `ApiError` when the server refuses. */
export class ActionClient {
  readonly #rest: Rest;

  constructor(url: string, credential: Credential, patience?: Patience) {
    this.#rest = new Rest(url, credential, patience);
  }

  /** Asks. `id` is the caller's own: the same request under the same id may be sent again after a cut, and gets the same answer. */
  ask(request: z.input<typeof ActionRequest>): Promise<Action> {
    return this.#rest.call('POST', '/v1/actions', Action, request);
  }

  action(id: string): Promise<Action> {
    return this.#rest.call('GET', `/v1/actions/${id}`, Action);
  }

  actions(query = ''): Promise<Actions> {
    return this.#rest.call('GET', `/v1/actions${query}`, Actions);
  }

  /**
   * The action each time that the server has answered, until it is decided: the last one is. A server that is away or stops is asked again, with growing
   * pauses. Ends with the signal's reason when that aborts.
   */
  async *following(id: string, { signal, seconds = 30 }: Waiting = {}): AsyncGenerator<Action, void, undefined> {
    const wait = Math.min(LONGEST_WAIT, Math.max(1, Math.round(seconds)));
    let away = 0;
    for (;;) {
      const action = await this.#lookOnce(`/v1/actions/${id}?wait=${wait}`, signal);
      if (action !== null) {
        yield action;
        if (!isPending(action)) return;
      }
      away = action === null ? away + 1 : 0;
      await pause(away === 0 ? AFTER_ANSWER_MS : pauseBefore(away), signal);
    }
  }

  /** The action once it is decided, has run out or was withdrawn. */
  async waitFor(id: string, waiting: Waiting = {}): Promise<Action> {
    for await (const action of this.following(id, waiting)) if (!isPending(action)) return action;
    throw new Error('a wait ends with a decision');
  }

  /** Null where the server could not answer now, and may later. */
  async #lookOnce(path: string, signal: AbortSignal | undefined): Promise<Action | null> {
    try {
      const sending = { tries: 1, ...(signal === undefined ? {} : { signal }) };
      return Action.parse(await (await this.#rest.send('GET', path, undefined, sending)).json());
    } catch (error) {
      signal?.throwIfAborted();
      const isAway =
        error instanceof TypeError || (error instanceof ApiError && (error.problem.status >= 500 || error.problem.status === 429));
      if (isAway) return null;
      throw error;
    }
  }

  /** For people who signed in: decides what waits. `digest` is that of what was looked at. */
  decide(id: string, verdict: z.input<typeof ActionVerdict>): Promise<Action> {
    return this.#rest.call('POST', `/v1/actions/${id}/decision`, Action, verdict);
  }

  withdraw(id: string): Promise<Action> {
    return this.#rest.call('POST', `/v1/actions/${id}/withdraw`, Action);
  }

  /** Right before carrying it out, with exactly what is about to be done. Passes once; rejects where it may not be done. */
  check(id: string, call: ActionCheck): Promise<ActionChecked> {
    return this.#rest.call('POST', `/v1/actions/${id}/check`, ActionChecked, call);
  }

  /** What policy says of one request (AuthZEN). Nothing is asked of a human by it. */
  evaluate(request: EvaluationRequest): Promise<EvaluationResponse> {
    return this.#rest.call('POST', '/v1/decisions', EvaluationResponse, request);
  }

  evaluateAll(request: EvaluationsRequest): Promise<EvaluationsResponse> {
    return this.#rest.call('POST', '/v1/decisions/batch', EvaluationsResponse, request);
  }

  async webhooks(): Promise<Webhook[]> {
    return (await this.#rest.call('GET', '/v1/webhooks', Webhooks)).items;
  }

  /** The answer has the secret that its deliveries are signed with, this once. */
  makeWebhook(request: z.input<typeof WebhookRequest>, once: Once = {}): Promise<WebhookWithSecret> {
    return this.#rest.make('/v1/webhooks', WebhookWithSecret, request, once);
  }

  changeWebhook(id: string, change: WebhookChange): Promise<Webhook> {
    return this.#rest.call('POST', `/v1/webhooks/${id}`, Webhook, change);
  }

  /** A new secret. For a day deliveries are signed with the old one as well. */
  rotateWebhook(id: string, once: Once = {}): Promise<WebhookWithSecret> {
    return this.#rest.make(`/v1/webhooks/${id}/rotate`, WebhookWithSecret, {}, once);
  }

  async removeWebhook(id: string): Promise<void> {
    await this.#rest.send('DELETE', `/v1/webhooks/${id}`);
  }

  testWebhook(id: string): Promise<WebhookDelivery> {
    return this.#rest.call('POST', `/v1/webhooks/${id}/test`, WebhookDelivery);
  }

  webhookDeliveries(id: string, query = ''): Promise<WebhookDeliveries> {
    return this.#rest.call('GET', `/v1/webhooks/${id}/deliveries${query}`, WebhookDeliveries);
  }
}
