import type { TranscriptLine } from '@wheelhouse/protocol/session';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LiveServerEvent } from './live-server-events.ts';
import { closedForSideband, gateForSideband, soundForSideband, takeTranscriptLines, untoldTranscript } from './live-sideband.ts';
import { readSidebandEvent } from './live-sideband-events.ts';
import { nameLive } from './live-state.ts';

const SESSION = '0f8fad5b-d9cb-469f-a165-70867728950e';
const named = (event: Parameters<typeof nameLive>[1]) => LiveServerEvent.parse(nameLive({ newId: () => 'event_1' }, event, null));
const line = (part: Partial<TranscriptLine>): TranscriptLine => ({
  ...{ session: SESSION, tick: 0, who: 'said', utterance: 0, text: '', final: false, left: true },
  ...part,
});
const read = (event: unknown) => {
  const reading = readSidebandEvent(typeof event === 'string' ? event : JSON.stringify(event));
  return 'fault' in reading ? [reading.fault.code, reading.fault.param, reading.fault.clientEvent] : reading.event.type;
};

describe('what a sideband is told', () => {
  it('is the transcript as the client has it: understood for good, and not withheld', () => {
    const { out } = takeTranscriptLines(untoldTranscript, [
      line({ who: 'heard', utterance: 1, text: 'Hel', tick: 2 }),
      line({ who: 'heard', utterance: 1, text: 'Hello.', tick: 4, final: true }),
      line({ who: 'gate', text: 'the engine yields', final: true, tick: 4 }),
      line({ text: 'You', tick: 5 }),
      line({ text: 'secret', tick: 6, left: false }),
      line({ text: 'said', tick: 7 }),
      line({ who: 'heard', utterance: 2, text: '', tick: 8, final: true }),
      line({ who: 'heard', utterance: 3, text: 'Bye.', tick: 9, final: true }),
    ]);
    expect(out).toEqual([
      { type: 'session.input_transcript.delta', delta: 'Hello.', start_ms: 400, end_ms: 1000 },
      { type: 'session.output_transcript.delta', delta: 'You', start_ms: 1000, end_ms: 1200 },
      { type: 'session.output_transcript.delta', delta: ' said', start_ms: 1400, end_ms: 1600 },
      { type: 'session.input_transcript.delta', delta: ' Bye.', start_ms: 1800, end_ms: 2000 },
    ]);
  });

  it('does not depend on how the lines are cut into messages, and keeps the protocol', () => {
    const anyLine = fc.record({
      session: fc.constant(SESSION),
      tick: fc.nat(99),
      who: fc.constantFrom('heard' as const, 'said' as const, 'gate' as const),
      utterance: fc.nat(80),
      text: fc.string({ maxLength: 5 }),
      final: fc.boolean(),
      left: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 120 }), fc.nat(120), (lines, cut) => {
        const whole = takeTranscriptLines(untoldTranscript, lines);
        const first = takeTranscriptLines(untoldTranscript, lines.slice(0, cut));
        const second = takeTranscriptLines(first.state, lines.slice(cut));
        expect([...first.out, ...second.out]).toEqual(whole.out);
        for (const event of whole.out) named(event);
      }),
    );
  });

  it('says what the gate told the client, and when the session is over', () => {
    const order = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
    const flush = { type: 'flush', order, kind: 'mute', tick: 1, lastSequence: 2 } as const;
    const told = gateForSideband(flush);
    expect(told === null ? null : named(told)).toMatchObject({ type: 'info', code: 'wheelhouse.flush', wheelhouse: flush });
    expect(gateForSideband({ type: 'ended', reason: 'over' })).toBeNull();
    const closed = named(closedForSideband({ id: SESSION, model: 'relay', openedAt: 1_800_000_000 }, 10));
    expect(closed).toMatchObject({ type: 'session.closed', usage: { seconds: 2 }, session: { id: SESSION, expires_at: 1_800_086_400 } });
    expect(soundForSideband('client', 3, 'AAAA')).toEqual({ type: 'session.input_audio.append', audio: 'AAAA' });
    expect(soundForSideband('human', 3, 'AAAA')).toMatchObject({ type: 'session.output_audio.delta', start_ms: 600, end_ms: 800 });
  });
});

describe('what a sideband may ask', () => {
  const append = { event_id: 'e', content: 'Be brief.', delegation_id: null };
  it.each([
    { type: 'session.input_audio.mute' },
    { type: 'session.input_audio.unmute', event_id: null },
    { type: 'session.instructions.append', ...append },
    { type: 'session.thinking.append', ...append },
    { type: 'session.commentary.append', ...append },
    { type: 'session.close', event_id: 'e' },
  ])('$type', (event) => {
    expect(read(event)).toBe(event.type);
  });

  it.each([
    [{ type: 'session.start', session: { model: 'relay' } }, 'unsupported_value', null],
    [{ type: 'session.update', session: {} }, 'unsupported_value', null],
    [{ type: 'session.input_audio.append', audio: 'AAAA' }, 'unsupported_value', null],
    [{ type: 'session.output_audio.fixture.play', audio: 'AAAA' }, 'unsupported_value', null],
    [{ type: 'response.create' }, 'unsupported_value', null],
    [{ type: 'response.item.create', item: {} }, 'unsupported_value', null],
    [{ type: 'decision.create' }, 'unsupported_value', null],
    [{ type: 'transport.dtmf.send', event: '1' }, 'unsupported_value', null],
    [{ type: 'session.input_audio.mute', level: 1 }, 'unknown_parameter', 'level'],
    [{ type: 'session.thinking.append', ...append, content: 'x'.repeat(1001) }, 'invalid_value', 'content'],
    [{ type: 'session.thinking.append', ...append, content: 'a\u0000' }, 'invalid_value', 'content'],
    [{ type: 'session.thinking.append', ...append, delegation_id: 'd' }, 'unsupported_value', 'delegation_id'],
    [{ type: 'nonsense' }, 'invalid_value', 'type'],
    [{}, 'missing_required_parameter', 'type'],
  ])('not %j', (event, code, param) => {
    expect(read({ event_id: 'e', ...event })).toEqual([code, param, 'e']);
  });

  it('is JSON of a bounded length, whatever it is', () => {
    expect(read('{')).toEqual(['invalid_json', null, null]);
    expect(read(`"${'x'.repeat(70_000)}"`)).toEqual(['event_too_large', null, null]);
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const reading = readSidebandEvent(text);
        expect('fault' in reading || 'event' in reading).toBe(true);
      }),
    );
  });
});
