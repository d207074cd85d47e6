import type { UpstreamClientEvent } from '@wheelhouse/realtime/upstream-client-events';
import { UpstreamEvent } from '@wheelhouse/realtime/upstream-events';
import type { RealtimeClientEvent, RealtimeServerEvent } from 'openai/resources/realtime/realtime';
import { expect, test } from 'vitest';

/** Arrays that may be written to, as the client's types have them. */
type Writable<T> = T extends readonly (infer U)[] ? Writable<U>[] : T extends object ? { -readonly [K in keyof T]: Writable<T[K]> } : T;

/** Compiled: all that we say to an upstream is an event of the protocol as its own client types it. */
const asTheirs = (event: Writable<UpstreamClientEvent>): RealtimeClientEvent => event;

/** Compiled: all that we act on is an event that a server of the protocol may send. */
const read: readonly RealtimeServerEvent['type'][] = UpstreamEvent.options.map(({ shape }) => shape.type.value);

test('an upstream is spoken to, and listened to, in events of the protocol', () => {
  expect(asTheirs({ type: 'response.create', event_id: 'e' })).toEqual({ type: 'response.create', event_id: 'e' });
  expect(new Set(read).size).toBe(read.length);
});
