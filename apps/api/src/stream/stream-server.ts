import type { Server } from 'node:http';
import { type Door, refuseWith } from './stream-door.ts';

/** Leads each request for a WebSocket to the door of its path. */
export function openDoors(server: Server, doors: readonly Door[]): void {
  server.on('upgrade', (request, wire, head) => {
    wire.on('error', () => undefined);
    // A request line may hold anything, and a throw here would take the whole thread along.
    const url = URL.parse(request.url ?? '/', 'http://stream');
    const door = url === null ? undefined : doors.find(({ opens }) => opens(url.pathname));
    if (url === null || door === undefined) refuseWith(wire, 'not_found', 'There is no stream at this path; /v1/stream is one.');
    else door.enter({ request, url, wire, head });
  });
}
