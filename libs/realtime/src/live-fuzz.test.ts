import type { GateEvent } from '@wheelhouse/protocol/stream-event';
import { TickExtra } from '@wheelhouse/protocol/engine-tick';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64OfBytes } from './audio-base64.ts';
import { LiveClientEvent } from './live-client-events.ts';
import type { LiveNews } from './live-conversation.ts';
import { Line, ORDER, RESPONSES } from './live-line.fixture.ts';
import { LiveServerEvent } from './live-server-events.ts';

/** Values that a careless or hostile client puts in a field's place. */
const anyJunk = fc.oneof(
  { depthSize: 'small' },
  fc.constantFrom(null, true, -1, 1e308, '', 'AAAA', '🦜', '\u0000', 'x'.repeat(3000), [], {}, [null], { type: 'message' }),
  fc.jsonValue(),
  fc.string({ maxLength: 40 }),
);
const GOOD: readonly Record<string, unknown>[] = [
  { type: 'session.start', session: { model: 'relay', delegation: RESPONSES, input: [{ role: 'user', content: [{ text: 'x' }] }] } },
  { type: 'session.update', session: { delegation: RESPONSES, triggers: [] } },
  { type: 'session.input_audio.append', audio: base64OfBytes(new Uint8Array(64)) },
  { type: 'session.input_audio.mute' },
  { type: 'session.input_audio.unmute' },
  { type: 'session.instructions.append', content: 'Be brief.', delegation_id: null },
  { type: 'session.thinking.append', content: 'It rains.', delegation_id: null },
  { type: 'session.commentary.append', content: 'It rains.', delegation_id: null },
  { type: 'response.item.create', item: { type: 'function_call_output', call_id: 'call_0', output: 'o' } },
  { type: 'response.create' },
  { type: 'session.close' },
  { type: 'session.output_audio.fixture.play', audio: 'AAAA' },
  { type: 'decision.create' },
];
const anyText = fc.oneof(
  fc.constantFrom(...GOOD).map((event) => JSON.stringify(event)),
  fc
    .tuple(
      fc.constantFrom(...GOOD),
      fc.constantFrom('type', 'event_id', 'session', 'audio', 'content', 'delegation_id', 'item', 'extra'),
      anyJunk,
    )
    .map(([event, field, junk]) => JSON.stringify({ ...event, [field]: junk })),
  fc.tuple(fc.constantFrom(...GOOD), fc.nat(12)).map(([event, drop]) => {
    const keys = Object.keys(event);
    return JSON.stringify(Object.fromEntries(Object.entries(event).filter(([key]) => key !== keys[drop % keys.length])));
  }),
  anyJunk.map((junk) => JSON.stringify(junk)),
  fc.string({ maxLength: 60 }),
);
const tick = fc.integer({ min: 0, max: 60 });
const anyNews: fc.Arbitrary<LiveNews> = fc.oneof(
  fc.record({ type: fc.constant('words' as const), text: fc.string({ maxLength: 20 }), tick }),
  fc.record({ type: fc.constant('sound' as const), audio: fc.constant('AAAA') }),
  fc.record({ type: fc.constant('tick_ended' as const), tick }),
  fc.record({
    type: fc.constant('engine' as const),
    tick,
    event: fc.oneof(
      fc.record({ type: fc.constant('heard' as const), utterance: fc.nat(3), text: fc.string({ maxLength: 9 }), final: fc.boolean() }),
      fc.record({
        type: fc.constant('call' as const),
        call: fc.constantFrom('call_0', 'call_1'),
        name: fc.constantFrom('look_up', 'rm'),
        arguments: fc.string({ maxLength: 9 }),
      }),
      fc.constantFrom({ type: 'yield' as const }, { type: 'turn_ended' as const }),
    ),
  }),
  fc.record({
    type: fc.constant('gate' as const),
    fault: fc.constant(null),
    event: fc.constantFrom<GateEvent>(
      { type: 'flush', order: ORDER, kind: 'hold', tick: 1, lastSequence: 1 },
      { type: 'released', order: ORDER, latched: [], tick: 2 },
      { type: 'cut', tick: 2, lastSequence: 3, policies: [] },
      { type: 'error', code: 'engine_lost', message: 'gone', fatal: false },
      { type: 'ended', reason: 'over' },
    ),
  }),
);

describe('whatever comes, in whatever order', () => {
  it('every message is done, answered or refused; every event keeps the protocol; nothing follows the end', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.array(
          fc.oneof(
            anyText.map((text) => ({ text })),
            anyNews.map((news) => ({ news })),
          ),
          { maxLength: 40 },
        ),
        (functions, steps) => {
          const line = Line.started(functions ? { delegation: RESPONSES } : {});
          for (const one of steps) {
            const before = { out: line.out.length, effects: line.effects.length, state: line.state };
            if ('text' in one) line.client(one.text);
            else line.news(one.news);
            const effects = line.effects.slice(before.effects);
            if (before.state.closed) {
              expect([line.out.length, effects.length]).toEqual([before.out, 0]);
              continue;
            }
            for (const effect of effects) {
              if (effect.type === 'extra') TickExtra.parse(effect.extra);
              if (effect.type === 'text') LiveServerEvent.parse(effect.accepted);
              if (effect.type === 'audio') expect(effect.bytes.length % 2).toBe(0);
            }
            if (!('text' in one)) continue;
            // Never ignored: something is said, done, refused, or it changed what is to be done (a muted append changes nothing).
            const parsed = LiveClientEvent.safeParse(JSON.parse(validJson(one.text)));
            const isSilenced = parsed.success && parsed.data.type === 'session.input_audio.append' && line.state.muted;
            if (isSilenced) continue;
            expect(line.out.length + line.effects.length > before.out + before.effects || line.state !== before.state).toBe(true);
          }
          for (const event of line.out) LiveServerEvent.parse(event);
          const ids = line.out.flatMap((event) => ('event_id' in event ? [event.event_id] : []));
          expect(new Set(ids).size).toBe(ids.length);
        },
      ),
      { numRuns: 1500 },
    );
  });
});

function validJson(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch {
    return 'null';
  }
}
