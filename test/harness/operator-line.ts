import { OperatorEvent, type OperatorRequest } from '@wheelhouse/protocol/operator-message';
import { WebSocket } from 'ws';
import { until } from './until.ts';

type EventOf<E extends OperatorEvent['event']> = Extract<OperatorEvent, { event: E }>;

/** A client of the operator channel that remembers everything it was told. */
export class OperatorLine {
  readonly events: OperatorEvent[] = [];
  readonly socket: WebSocket;
  closed: { readonly code: number } | null = null;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => {
      this.events.push(OperatorEvent.parse(JSON.parse(data.toString('utf8'))));
    });
    socket.on('close', (code) => {
      this.closed = { code };
    });
    socket.on('error', () => undefined);
  }

  /** Connects to the server at `url` with these headers: a cookie, a key, an origin. */
  static async open(url: string, headers: Record<string, string>): Promise<OperatorLine> {
    const line = new OperatorLine(new WebSocket(`${url.replace('http', 'ws')}/v1/operator`, { headers }));
    await until('the operator channel to stand or close', () => line.socket.readyState === WebSocket.OPEN || line.closed !== null);
    return line;
  }

  send(request: OperatorRequest): void {
    this.socket.send(JSON.stringify(request));
  }

  /** The first event of this name that fits. */
  next<E extends OperatorEvent['event']>(name: E, fits: (event: EventOf<E>) => boolean = () => true): Promise<EventOf<E>> {
    const isIt = (event: OperatorEvent): event is EventOf<E> => event.event === name;
    return until(`the operator event ${name}`, () => this.events.filter(isIt).find(fits) ?? null);
  }

  close(): void {
    this.socket.terminate();
  }
}
