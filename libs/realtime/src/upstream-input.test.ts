import { expect, it, describe } from 'vitest';
import { TickExtra } from '@wheelhouse/protocol/engine-tick';
import type { EngineConfig } from '@wheelhouse/protocol/tool-call';
import { Line } from './upstream-line.fixture.ts';

const extra = (part: Partial<TickExtra>): TickExtra => TickExtra.parse(part);
const config = (part: Partial<EngineConfig> = {}): EngineConfig => ({
  instructions: 'be kind',
  voice: 'cedar',
  tools: [],
  answers: true,
  ...part,
});

describe('calls', () => {
  function called(given: string, call = 'c1'): Line {
    const line = Line.ready();
    line.hear({ type: 'response.created', response: { id: 'r' } });
    line.hear({
      type: 'response.output_item.added',
      response_id: 'r',
      item: { id: 'f', type: 'function_call', call_id: 'c1', name: 'search' },
    });
    expect(line.tick().extra).toBeUndefined();
    line.hear({
      type: 'response.function_call_arguments.done',
      response_id: 'r',
      item_id: 'f',
      call_id: call,
      name: 'search',
      arguments: given,
    });
    line.hear({ type: 'response.done', response: { id: 'r', status: 'completed' } });
    return line;
  }

  it('are passed on whole, and their results bring a response', () => {
    const line = called('{"q":"tea"}');
    expect(line.tick().extra).toEqual({ calls: [{ call: 'c1', name: 'search', arguments: '{"q":"tea"}' }], turnEnded: true });
    line.tick({ extra: extra({ results: [{ call: 'c1', output: '{"found":3}' }] }) });
    expect(line.take('conversation.item.create')).toMatchObject([
      { item: { type: 'function_call_output', call_id: 'c1', output: '{"found":3}' } },
    ]);
    expect(line.take('response.create')).toHaveLength(1);
  });

  it.each([
    ['{"q":', 'c1'],
    ['{}', 'another'],
    [`"${'x'.repeat(16_000)}"`, 'c1'],
  ])('are not passed on as %.20s of %s', (given, call) => {
    const line = called(given, call);
    expect(line.tick().extra?.calls).toEqual([]);
    expect(line.troubles).toHaveLength(1);
  });
});

describe('what the person says and types', () => {
  it('is heard as the upstream writes it down, and its transcript stands before the answer in the history', () => {
    const line = Line.ready();
    line.hear({ type: 'input_audio_buffer.speech_started', item_id: 'u' }, { type: 'input_audio_buffer.committed', item_id: 'u' });
    line.hear({ type: 'conversation.item.input_audio_transcription.delta', item_id: 'u', delta: 'good ' });
    expect(line.tick().heard).toEqual([{ utterance: 0, text: 'good ', final: false }]);
    line.begin('r', 'a');
    line.say('r', 'a', { samples: 4_800, words: 'good morning' });
    line.end('r', 'a');
    line.tick();
    line.hear({ type: 'conversation.item.input_audio_transcription.completed', item_id: 'u', transcript: 'good day' });
    expect(line.tick().heard).toEqual([{ utterance: 0, text: 'good day', final: true }]);
    line.closed();
    line.ticks(5);
    line.sent.length = 0;
    line.greet();
    expect(line.take('conversation.item.create').map(({ item }) => item)).toMatchObject([
      { role: 'user', content: [{ text: 'good day' }] },
      { role: 'assistant', content: [{ text: 'good morning' }] },
    ]);
  });

  it('is passed on: texts with a wish for an answer, guidance and pictures without', () => {
    const line = Line.ready();
    line.tick({ whispers: ['offer a refund'], image: '/9j/' });
    const [picture, guidance] = line.take('conversation.item.create');
    expect(picture).toMatchObject({ item: { role: 'user', content: [{ type: 'input_image', image_url: 'data:image/jpeg;base64,/9j/' }] } });
    expect(guidance).toMatchObject({ item: { role: 'system' } });
    expect(JSON.stringify(guidance)).toMatch(/human supervisor.*offer a refund"/);
    expect(line.take('response.create')).toEqual([]);
    line.tick({ texts: ['hello'] });
    line.tick({ texts: ['and more'] });
    expect(line.take('conversation.item.create')).toHaveLength(2);
    expect(line.take('response.create')).toHaveLength(1);
    line.begin('r', 'a');
    line.end('r', 'a');
    expect(line.take('response.create')).toHaveLength(1);
  });

  it('is not answered to when only asking brings an answer', () => {
    const line = Line.ready();
    line.tick({ extra: extra({ config: config({ answers: false }) }) });
    expect(line.take('session.update')).toMatchObject([
      {
        session: { instructions: 'be kind', audio: { input: { turn_detection: { create_response: false } }, output: { voice: 'cedar' } } },
      },
    ]);
    line.tick({
      texts: ['hello'],
      extra: extra({
        said: [
          { who: 'person', text: 'before' },
          { who: 'human', text: 'I took over' },
        ],
      }),
    });
    expect(line.take('conversation.item.create').map(({ item }) => ('role' in item ? item.role : item.type))).toEqual([
      'user',
      'assistant',
      'user',
    ]);
    expect(line.take('response.create')).toEqual([]);
    line.tick({ extra: extra({ respond: true }) });
    expect(line.take('response.create')).toHaveLength(1);
  });

  it('is committed when an answer is asked for in the middle of it', () => {
    const line = Line.ready();
    line.hear({ type: 'input_audio_buffer.speech_started', item_id: 'u' });
    line.sent.length = 0;
    line.tick({ extra: extra({ respond: true }) });
    expect(line.sent.map(({ type }) => type)).toEqual(['input_audio_buffer.append', 'input_audio_buffer.commit', 'response.create']);
  });
});
