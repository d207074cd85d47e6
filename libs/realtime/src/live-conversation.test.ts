import type { GateEvent } from '@wheelhouse/protocol/stream-event';
import { describe, expect, it } from 'vitest';
import { base64OfBytes } from './audio-base64.ts';
import { Line, ORDER, READY, RESPONSES, SESSION } from './live-line.fixture.ts';

describe('a Live session', () => {
  it('starts with what was asked of it, and hands its history and instructions to the engine', () => {
    const line = new Line({
      instructions: 'Be brief.',
      audio: { format: { type: 'audio/pcmu', rate: 8000 }, output: { voice: 'marin' } },
      input: [
        { role: 'developer', content: [{ text: 'The shop is closed.' }] },
        { role: 'user', content: [{ type: 'input_text', text: 'Hello?' }] },
        { role: 'assistant', content: [{ type: 'output_text', text: 'Hello.' }] },
      ],
    });
    line.gate(READY);
    const [started] = line.told('session.started');
    expect(started).toMatchObject({
      client_event_id: 'start-1',
      session: { id: SESSION, model: 'relay', expires_at: 1_800_086_400, audio: { format: { rate: 8000 }, output: { voice: 'marin' } } },
    });
    expect(line.told('info')[0]).toMatchObject({ code: 'wheelhouse.ready', wheelhouse: READY });
    const [effect] = line.effects;
    expect(effect).toMatchObject({
      type: 'extra',
      extra: {
        config: { instructions: 'Be brief.\n\nThe shop is closed.', voice: 'marin', tools: [], answers: true },
        said: [
          { who: 'person', text: 'Hello?' },
          { who: 'engine', text: 'Hello.' },
        ],
      },
    });
  });

  it('tells what was understood once, when it is for good, on the session’s clock', () => {
    const line = Line.started();
    const heard = (utterance: number, text: string, final: boolean, tick: number) =>
      line.news({ type: 'engine', event: { type: 'heard', utterance, text, final }, tick });
    heard(0, 'Please ref', false, 5);
    heard(0, 'Please refund', false, 8);
    expect(line.out).toEqual([]);
    heard(0, 'Please refund it.', true, 10);
    heard(1, 'Thanks.', true, 20);
    heard(2, 'uh', false, 21);
    heard(2, '', true, 22);
    expect(line.told('session.input_transcript.delta')).toMatchObject([
      { delta: 'Please refund it.', start_ms: 1000, end_ms: 2200 },
      { delta: ' Thanks.', start_ms: 4000, end_ms: 4200 },
    ]);
  });

  it('adds its words up to a transcript', () => {
    const line = Line.started();
    line.news({ type: 'words', text: 'You said:', tick: 3 }).news({ type: 'words', text: 'tea', tick: 4 });
    const said = line.told('session.output_transcript.delta');
    expect(said.map(({ delta }) => delta).join('')).toBe('You said: tea');
    expect(said.at(-1)).toMatchObject({ start_ms: 800, end_ms: 1000 });
  });

  it('mutes and unmutes the person’s sound on the client’s word', () => {
    const line = Line.started();
    const append = { type: 'session.input_audio.append', audio: base64OfBytes(new Uint8Array(4)) };
    line.client(append);
    expect(line.effects).toMatchObject([{ type: 'audio' }]);
    line.client({ type: 'session.input_audio.mute', event_id: 'm' }).client(append);
    expect(line.effects.map(({ type }) => type)).toEqual(['audio', 'drop_audio']);
    line.client({ type: 'session.input_audio.unmute' }).client(append);
    expect(line.effects).toHaveLength(3);
    expect(line.out.map(({ type }) => type)).toEqual(['session.input_audio.muted', 'session.input_audio.unmuted']);
    expect(line.out[0]).toMatchObject({ client_event_id: 'm' });
  });

  it('takes commentary as something to answer, and acknowledges it only once it is in', () => {
    const line = Line.started().client({
      type: 'session.commentary.append',
      content: 'It ships today.',
      delegation_id: null,
      event_id: 'c',
    });
    expect(line.out).toEqual([]);
    expect(line.effects).toMatchObject([
      { type: 'text', text: 'It ships today.', accepted: { type: 'session.commentary.appended', client_event_id: 'c' } },
    ]);
  });

  it('adds instructions and silent context to what the engine goes by, up to its limit', () => {
    const line = Line.started({ instructions: 'Be kind.' });
    line.client({ type: 'session.instructions.append', content: 'Speak French.', delegation_id: null });
    line.client({ type: 'session.thinking.append', content: 'The parcel left at nine.', delegation_id: null });
    const last = line.effects.at(-1);
    expect(last?.type === 'extra' ? last.extra.config?.instructions : '').toMatch(/^Be kind\.\n\nSpeak French\.\n\n.*left at nine\.$/s);
    for (let i = 0; i < 12; i += 1)
      line.client({ type: 'session.thinking.append', content: 'x'.repeat(2000), delegation_id: null, event_id: `t${i}` });
    expect(line.refused()[0]).toMatchObject({ code: 'context_full', param: 'content' });
    const acknowledged = line.told('session.thinking.appended').length;
    expect(acknowledged + line.refused().length).toBe(13);
  });

  it('asks its client to carry functions out, and gives the results to the engine when told to', () => {
    const line = Line.started({ delegation: RESPONSES });
    line.news({ type: 'engine', event: { type: 'call', call: 'call_0', name: 'look_up', arguments: '{"order":7}' }, tick: 9 });
    const [created] = line.told('session.delegation.created');
    expect(created).toMatchObject({ offset_ms: 1800, delegation: { target: 'responses' } });
    const steps = line.told('response.event');
    expect(steps.map(({ event }) => event.type)).toEqual([
      'response.created',
      'response.output_item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
      'response.completed',
    ]);
    expect(steps.every(({ delegation_id }) => delegation_id === created?.delegation.id)).toBe(true);
    expect(steps[4]?.event['item']).toMatchObject({ type: 'function_call', call_id: 'call_0', arguments: '{"order":7}' });
    const result = (call_id: string) =>
      line.client({ type: 'response.item.create', item: { type: 'function_call_output', call_id, output: 'sent' } });
    result('call_0');
    expect(line.effects).toEqual([]);
    line.client({ type: 'response.create' });
    expect(line.effects).toEqual([{ type: 'extra', extra: { results: [{ call: 'call_0', output: 'sent' }] } }]);
    result('call_0');
    result('call_9');
    expect(line.refused()).toMatchObject([{ code: 'invalid_value' }, { code: 'invalid_value' }]);
    line.client({ type: 'response.create' });
    expect(line.effects.at(-1)).toEqual({ type: 'extra', extra: { respond: true } });
  });

  it('answers calls of functions that nobody offered in the client’s place', () => {
    for (const line of [Line.started(), Line.started({ delegation: RESPONSES })]) {
      line.news({ type: 'engine', event: { type: 'call', call: 'call_0', name: 'rm', arguments: '{}' }, tick: 1 });
      expect(line.effects).toMatchObject([{ type: 'extra', extra: { results: [{ call: 'call_0' }] } }]);
      expect(line.told('response.event')).toEqual([]);
      expect(line.told('info')).toMatchObject([{ code: 'wheelhouse.call_refused' }]);
    }
  });

  it('changes its functions, and not who they are delegated to', () => {
    const line = Line.started({ delegation: RESPONSES });
    line.client({ type: 'session.update', session: { delegation: { type: 'responses', responses: { tool_choice: 'none' } } } });
    expect(line.effects).toMatchObject([{ type: 'extra', extra: { config: { tools: [] } } }]);
    expect(line.told('session.updated')).toHaveLength(1);
    line.client({ type: 'session.update', session: { delegation: { type: 'client' } }, event_id: 'u' });
    line.client({ type: 'session.update', session: { delegation: { type: 'responses', responses: { model: 'gpt' } } } });
    expect(line.refused()).toEqual([
      { code: 'invalid_value', param: 'session.delegation.type', clientEvent: 'u' },
      { code: 'unsupported_value', param: 'session.delegation.responses.model', clientEvent: null },
    ]);
  });

  it('says every order, release, level, lease and verdict, and voids what was not played', () => {
    const events: GateEvent[] = [
      { type: 'flush', order: ORDER, kind: 'stop', tick: 4, lastSequence: 9 },
      { type: 'flush', order: ORDER, kind: 'mute', tick: 4, lastSequence: 9 },
      { type: 'released', order: ORDER, latched: [], tick: 5 },
      { type: 'level', level: 2, tick: 5 },
      { type: 'lease', held: false, tick: 5 },
      { type: 'hold_back', ticks: 2, tick: 5 },
      { type: 'checkpoint', checkpoint: 'tick.output', verdict: 'deny', tick: 5, policies: ['no-cards'] },
      { type: 'cut', tick: 5, lastSequence: 11, policies: ['no-cards'] },
    ];
    for (const event of events) {
      const line = Line.started().gate(event);
      expect(line.told('info')).toMatchObject([{ code: `wheelhouse.${event.type}`, wheelhouse: event }]);
      const voids = event.type === 'flush' || event.type === 'cut';
      expect(line.effects).toEqual(voids ? [{ type: 'flush' }] : []);
    }
    const line = Line.started().news({ type: 'engine', event: { type: 'yield' }, tick: 1 });
    expect(line.effects).toEqual([{ type: 'flush' }]);
  });

  it('says whose voice it is when that changes', () => {
    const line = Line.started()
      .news({ type: 'speaker', source: 'human' })
      .news({ type: 'speaker', source: 'gate' })
      .news({ type: 'image' });
    expect(line.told('info').map(({ code }) => code)).toEqual(['wheelhouse.speaker', 'wheelhouse.speaker', 'wheelhouse.image']);
  });

  it('closes when asked to, says so once, and nothing after', () => {
    const line = Line.started().client({ type: 'session.close', event_id: 'bye' });
    expect(line.effects).toMatchObject([{ type: 'end' }]);
    line.gate({ type: 'ended', reason: 'ended by the client' }).gate({ type: 'ended', reason: 'again' });
    line.news({ type: 'words', text: 'late', tick: 3 }).client({ type: 'session.close' });
    expect(line.out).toMatchObject([{ type: 'session.closed', reason: 'close_requested', client_event_id: 'bye' }]);
    expect(line.effects).toHaveLength(1);
  });

  it('tells its usage as it grows, and ends after a day', () => {
    const line = Line.started();
    for (let tick = 0; tick < 100; tick += 1) line.news({ type: 'tick_ended', tick });
    expect(line.told('session.usage.updated').map(({ usage }) => usage.seconds)).toEqual([10, 20]);
    line.news({ type: 'tick_ended', tick: 432_000 }).news({ type: 'tick_ended', tick: 432_001 });
    expect(line.effects).toMatchObject([{ type: 'end' }]);
    line.gate({ type: 'ended', reason: 'the session reached its longest duration' });
    expect(line.told('session.closed')).toMatchObject([{ reason: 'expired', usage: { seconds: 86_400.4 } }]);
  });
});
