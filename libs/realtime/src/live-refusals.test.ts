import { describe, expect, it } from 'vitest';
import { FUNCTION, Line } from './live-line.fixture.ts';

describe('what a client may not ask', () => {
  const start = (session: object) => ({ type: 'session.start', event_id: 'e', session: { model: 'relay', ...session } });
  const append = { type: 'session.thinking.append', event_id: 'e', delegation_id: null };
  it.each([
    [start({}), 'session_already_started', 'type'],
    [start({ model: 7 }), 'invalid_type', 'session.model'],
    [start({ store: true }), 'unsupported_value', 'session.store'],
    [start({ client: {} }), 'unsupported_value', 'session.client'],
    [start({ triggers: [{}] }), 'invalid_value', 'session.triggers'],
    [start({ temperature: 1 }), 'unknown_parameter', 'session.temperature'],
    [start({ audio: { format: { type: 'audio/pcm', rate: 48_000 } } }), 'invalid_value', 'session.audio.format.rate'],
    [start({ audio: { format: { type: 'audio/opus', rate: 48_000 } } }), 'invalid_value', 'session.audio.format.type'],
    [start({ delegation: { type: 'decisions', decisions: {} } }), 'unsupported_value', 'session.delegation'],
    [
      start({ delegation: { type: 'client', acknowledgement_delay_ms: 400 } }),
      'unsupported_value',
      'session.delegation.acknowledgement_delay_ms',
    ],
    [
      start({ delegation: { type: 'responses', responses: { model: 'gpt-5' } } }),
      'unsupported_value',
      'session.delegation.responses.model',
    ],
    [
      start({ delegation: { type: 'responses', responses: { model: 'relay', tools: [{ type: 'web_search' }] } } }),
      'unsupported_value',
      'session.delegation.responses.tools[0].type',
    ],
    [
      start({ delegation: { type: 'responses', responses: { model: 'relay', tools: [FUNCTION, FUNCTION] } } }),
      'invalid_value',
      'session.delegation.responses.tools',
    ],
    [{ type: 'session.input_audio.append', event_id: 'e', audio: 'not base64' }, 'invalid_audio', 'audio'],
    [{ type: 'session.input_audio.append', event_id: 'e', audio: 'AAAA' }, 'invalid_audio', 'audio'],
    [{ type: 'session.input_audio.append', event_id: 'e', audio: '' }, 'invalid_value', 'audio'],
    [{ type: 'session.input_audio.append', event_id: 'e' }, 'missing_required_parameter', 'audio'],
    [{ type: 'session.input_audio.append', event_id: 'e', audio: 'AAA=', rate: 48_000 }, 'unknown_parameter', 'rate'],
    [{ ...append, content: 'x', delegation_id: 'deleg_1' }, 'unsupported_value', 'delegation_id'],
    [{ type: 'session.thinking.append', event_id: 'e', content: 'x' }, 'missing_required_parameter', 'delegation_id'],
    [{ ...append, content: ['x'] }, 'invalid_type', 'content'],
    [{ ...append, content: 'x'.repeat(2001) }, 'invalid_value', 'content'],
    [{ type: 'session.output_audio.fixture.play', event_id: 'e', audio: 'AAAA' }, 'unsupported_value', null],
    [{ type: 'decision.create', event_id: 'e' }, 'unsupported_value', null],
    [{ type: 'decision.item.create', event_id: 'e', item: {} }, 'unsupported_value', null],
    [{ type: 'decision.item.delete', event_id: 'e', item_id: 'i' }, 'unsupported_value', null],
    [{ type: 'transport.dtmf.send', event_id: 'e', event: '1' }, 'unsupported_value', null],
    [{ type: 'response.create', event_id: 'e' }, 'unsupported_value', 'type'],
    [{ type: 'response.create', event_id: 'e', response: {} }, 'unknown_parameter', 'response'],
    [{ type: 'response.item.create', event_id: 'e', item: { type: 'message', role: 'user', content: 'x' } }, 'unsupported_value', 'item'],
    [
      { type: 'response.item.create', event_id: 'e', item: { type: 'function_call_output', call_id: 'c', output: 'o' } },
      'unsupported_value',
      'type',
    ],
    [{ type: 'conversation.item.create', event_id: 'e' }, 'invalid_value', 'type'],
    [{ event_id: 'e' }, 'missing_required_parameter', 'type'],
  ])('%j: %s', (event, code, param) => {
    const line = Line.started().client(event);
    expect(line.refused()).toEqual([{ code, param, clientEvent: 'e' }]);
    expect(line.out).toEqual([]);
    expect(line.effects).toHaveLength(1);
  });

  it.each([
    ['not JSON', '{', 'invalid_json'],
    ['no object', '[]', 'invalid_type'],
    ['null', 'null', 'invalid_type'],
    ['too long', JSON.stringify({ type: 'x'.repeat(1_100_000) }), 'event_too_large'],
  ])('%s', (_, text, code) => {
    expect(Line.started().client(text).refused()).toMatchObject([{ code }]);
  });

  it('is told with its field and id, in the protocol’s error event', () => {
    const line = Line.started().news({
      type: 'gate',
      event: { type: 'error', code: 'bad_event', message: 'plain', fatal: false },
      fault: { code: 'invalid_audio', message: 'The audio is not base64.', param: 'audio', clientEvent: 'e' },
    });
    expect(line.told('error')).toMatchObject([
      { client_event_id: 'e', error: { type: 'invalid_request_error', code: 'invalid_audio', param: 'audio', client_event_id: 'e' } },
    ]);
    line.gate({ type: 'error', code: 'engine_lost', message: 'gone', fatal: false });
    expect(line.told('error')[1]).toMatchObject({ error: { type: 'server_error', code: 'engine_lost' } });
  });
});
