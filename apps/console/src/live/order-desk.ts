import type { Level } from '@wheelhouse/protocol/level';
import { OrderAck, OrderRecord, type RestrictiveOrder } from '@wheelhouse/protocol/order';
import { pageOf } from '@wheelhouse/protocol/page';
import type { Scope } from '@wheelhouse/protocol/scope';
import { call, inWords, Refused } from '../rest/call.ts';
import type { LiveStore } from './live-store.ts';
import { newId } from './new-id.ts';
import type { OperatorChannel } from './operator-channel.ts';

/** No acknowledgement after this long: the same order goes by POST too. Its id makes that harmless. */
const ACK_PATIENCE_MS = 800;
const RETRY_MS = 1_000;
const ASK_STORED_MS = 3_000;

export type Act = { readonly kind: 'hold' | 'mute' | 'stop' | 'take_over' } | { readonly kind: 'level'; readonly level: Level };

/** Where this page's orders are given: by the channel when it is open, by POST when it is not or does not answer, and again until answered. */
export class OrderDesk {
  readonly #store: LiveStore;
  readonly #channel: OperatorChannel;
  #asking: number | null = null;

  constructor(store: LiveStore, channel: OperatorChannel) {
    this.#store = store;
    this.#channel = channel;
  }

  /** `pressedAt` is the event's own time stamp, so that the time told afterwards includes what the page itself took. */
  give(act: Act, scope: Scope, pressedAt: number): void {
    const request: RestrictiveOrder = { ...act, id: newId(), scope, reason: '' };
    const sent = this.#channel.send({ event: 'order', data: request });
    this.#store.given(request, pressedAt);
    if (sent) {
      window.setTimeout(() => {
        if (!this.#store.isWaiting(request.id)) return;
        this.#channel.distrust();
        void this.#post(request);
      }, ACK_PATIENCE_MS);
    } else {
      void this.#post(request);
    }
  }

  /** Asks the server for the ledger entries of orders whose `order.stored` was missed while the channel was down. */
  start(): void {
    this.#asking ??= window.setInterval(() => {
      if (this.#store.channel.get() === 'open' && this.#store.unstored().length > 0) void this.#askStored();
    }, ASK_STORED_MS);
  }

  stop(): void {
    if (this.#asking !== null) window.clearInterval(this.#asking);
    this.#asking = null;
  }

  async #post(request: RestrictiveOrder): Promise<void> {
    while (this.#store.isWaiting(request.id)) {
      try {
        const ack = await call(OrderAck, 'POST', '/v1/orders', request);
        this.#store.apply({ event: 'order.ack', data: ack }, performance.now());
        return;
      } catch (error) {
        // A refusal below 500 is an answer. Anything else is not, and a restrictive order is worth trying until there is one.
        if (error instanceof Refused && error.problem.status < 500) {
          this.#store.refused(request.id, inWords(error));
          return;
        }
        this.#store.hindered(request.id, inWords(error));
        await new Promise((resolve) => window.setTimeout(resolve, RETRY_MS));
      }
    }
  }

  async #askStored(): Promise<void> {
    try {
      const page = await call(pageOf(OrderRecord), 'GET', '/v1/orders?limit=50');
      const missing = new Set(this.#store.unstored());
      for (const record of page.items) {
        if (record.entry === null || !missing.has(record.order)) continue;
        this.#store.apply({ event: 'order.stored', data: { order: record.order, entry: record.entry } }, performance.now());
      }
    } catch (error) {
      this.#store.trouble.set(`Whether your last order is in the ledger could not be asked: ${inWords(error)}`);
    }
  }
}
