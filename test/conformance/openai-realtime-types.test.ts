import { RealtimeClientEvent } from '@wheelhouse/realtime/realtime-client-events';
import type { RealtimeServerEvent } from '@wheelhouse/realtime/realtime-server-events';
import type { RealtimeClientEvent as TheirClientEvent, RealtimeServerEvent as TheirServerEvent } from 'openai/resources/realtime/realtime';
import { expect, test } from 'vitest';

type Own = Extract<RealtimeServerEvent, { type: `wheelhouse.${string}` }>;

/** Without null: the service itself sends it where the client's types say only that a field may be missing. */
type Whole<T> = T extends readonly (infer U)[]
  ? Whole<U>[]
  : T extends object
    ? { [K in keyof T]: Whole<Exclude<T[K], null | undefined>> }
    : T;

/** Compiled, not run: everything that we send, save what is our own by name, is an event of the client's types. */
const asTheirs = (event: Whole<Exclude<RealtimeServerEvent, Own>>): TheirServerEvent => event;

/** Compiled: each kind of event that the client can send is one that is read here. */
const known: Readonly<Record<TheirClientEvent['type'], true>> = {
  'conversation.item.create': true,
  'conversation.item.delete': true,
  'conversation.item.retrieve': true,
  'conversation.item.truncate': true,
  'input_audio_buffer.append': true,
  'input_audio_buffer.clear': true,
  'input_audio_buffer.commit': true,
  'output_audio_buffer.clear': true,
  'response.cancel': true,
  'response.create': true,
  'session.update': true,
};

test('every event that the client knows is read here, and none beside', () => {
  expect(RealtimeClientEvent.options.map(({ shape }) => shape.type.value).sort()).toEqual(Object.keys(known).sort());
  expect(asTheirs({ type: 'input_audio_buffer.cleared', event_id: 'e' })).toEqual({ type: 'input_audio_buffer.cleared', event_id: 'e' });
});
