import { plainText } from '@wheelhouse/protocol/text';
import { z } from 'zod';
import { eventIdOf, jsonOf, type LiveFault } from './live-client-events.ts';
import { faultOf, unsupported } from './realtime-fault.ts';

/** Longest message of a sideband, in characters. */
export const LONGEST_SIDEBAND_EVENT = 65_536;

const event_id = z.string().max(512).nullable().optional();
const event = <T extends string>(type: T) => z.strictObject({ type: z.literal(type), event_id });
const append = <T extends string>(type: T) =>
  z.strictObject({
    type: z.literal(type),
    event_id,
    // What a whisper holds: that is what it becomes.
    content: plainText(1000).min(1),
    delegation_id: z
      .string()
      .nullable()
      .refine((id) => id === null, {
        message: 'what a supervisor tells the engine is not part of a delegation; use null.',
        params: { unsupported: true },
      }),
  });

const PRIMARY = 'this belongs to the primary connection, whose client it is that talks with the engine.';
const FIXTURE = 'sound that nobody said is not played to people. To speak in the engine’s place, a person takes over.';
const DECISIONS = 'the Decisions API is not offered here; policy decides at the checkpoints, see /v1/decisions.';

/** An event that a sideband may send. Shapes: `ConnectClientEvent` in `resources/live/sideband/sideband.d.ts` of the npm package `openai` 7.57. */
export const LiveSidebandEvent = z.discriminatedUnion('type', [
  event('session.input_audio.mute'),
  event('session.input_audio.unmute'),
  append('session.instructions.append'),
  append('session.thinking.append'),
  append('session.commentary.append'),
  event('session.close'),
  unsupported('session.start', PRIMARY),
  unsupported('session.update', PRIMARY),
  unsupported('session.input_audio.append', PRIMARY),
  unsupported('response.item.create', PRIMARY),
  unsupported('response.create', PRIMARY),
  unsupported('session.output_audio.fixture.play', FIXTURE),
  unsupported('decision.create', DECISIONS),
  unsupported('decision.item.create', DECISIONS),
  unsupported('decision.item.delete', DECISIONS),
  unsupported('transport.dtmf.send', 'no telephone call is behind this session.'),
]);
export type LiveSidebandEvent = z.infer<typeof LiveSidebandEvent>;
export type SidebandReading = { readonly event: LiveSidebandEvent } | { readonly fault: LiveFault };

/** Reads one message of a sideband: an event, or what is wrong with it. */
export function readSidebandEvent(text: string): SidebandReading {
  const none = { param: null, clientEvent: null };
  if (text.length > LONGEST_SIDEBAND_EVENT)
    return { fault: { ...none, code: 'event_too_large', message: `An event has at most ${LONGEST_SIDEBAND_EVENT} characters.` } };
  const read = jsonOf(text);
  if (read === null) return { fault: { ...none, code: 'invalid_json', message: 'The message is not JSON.' } };
  const parsed = LiveSidebandEvent.safeParse(read.value);
  if (parsed.success) return { event: parsed.data };
  return { fault: { ...faultOf(parsed.error, read.value), clientEvent: eventIdOf(read.value) } };
}
