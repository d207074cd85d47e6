import type { IncomingMessage } from 'node:http';

const arrivals = new WeakMap<IncomingMessage, number>();

/** Notes when a request reached the server, on the shared clock in milliseconds. Called before anything else looks at it. */
export function noteArrival(request: IncomingMessage, at: number): void {
  arrivals.set(request, at);
}

export function arrivalOf(request: IncomingMessage): number {
  const at = arrivals.get(request);
  if (at === undefined) throw new Error('a request without an arrival time');
  return at;
}
