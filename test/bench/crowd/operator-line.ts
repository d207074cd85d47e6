import { OrderAck } from '@wheelhouse/protocol/order';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { machineNow } from './machine-clock.ts';

/** An order's acknowledgement and when it reached us, on the machine's clock. */
export type Acknowledged = { readonly ack: OrderAck; readonly at: number };
type Waiting = { readonly acknowledged: (ack: Acknowledged) => void; readonly refused: (why: Error) => void };

const Ack = z.object({ data: OrderAck });
const Settled = z.object({ data: z.object({ sessions: z.array(z.object({ session: z.string(), lastSequence: z.number() })) }) });
const Refused = z.object({ data: z.object({ request: z.string().nullable(), problem: z.object({ detail: z.string() }) }) });

/** The operator channel, as a console holds it. Meters and announcements are taken off the wire and not looked into. */
export class OperatorLine {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<string, Waiting>();
  /** Last frames that were named later than the acknowledgement, because a slow client was still taking one. */
  readonly settled = new Map<string, number>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      if (Buffer.isBuffer(data)) this.#receive(data, machineNow());
    });
    socket.on('close', () => {
      for (const { refused } of this.#waiting.values()) refused(new Error('the operator channel was closed'));
    });
  }

  /** Connects and waits for the welcome. */
  static connect(url: string, cookie: string): Promise<OperatorLine> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/operator`, {
      headers: { cookie },
      perMessageDeflate: false,
      maxPayload: 64 * 1024 * 1024,
    });
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.once('message', () => {
        resolve(new OperatorLine(socket));
      });
    });
  }

  order(order: { readonly id: string } & Record<string, unknown>): Promise<Acknowledged> {
    const answer = new Promise<Acknowledged>((acknowledged, refused) => this.#waiting.set(order.id, { acknowledged, refused }));
    this.#socket.send(JSON.stringify({ event: 'order', data: order }));
    return answer;
  }

  close(): void {
    this.#waiting.clear();
    this.#socket.close();
  }

  #receive(data: Buffer, at: number): void {
    const event = data.toString('latin1', 0, 40);
    if (event.startsWith('{"event":"order.ack"')) {
      const { data: ack } = Ack.parse(JSON.parse(data.toString('utf8')));
      this.#waiting.get(ack.order)?.acknowledged({ ack, at });
      this.#waiting.delete(ack.order);
    } else if (event.startsWith('{"event":"order.settled"')) {
      const { sessions } = Settled.parse(JSON.parse(data.toString('utf8'))).data;
      for (const { session, lastSequence } of sessions) this.settled.set(session, lastSequence);
    } else if (event.startsWith('{"event":"refused"')) {
      const { request, problem } = Refused.parse(JSON.parse(data.toString('utf8'))).data;
      if (request === null) return;
      this.#waiting.get(request)?.refused(new Error(problem.detail));
      this.#waiting.delete(request);
    }
  }
}
