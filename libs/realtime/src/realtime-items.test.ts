import { describe, expect, test } from 'vitest';
import { scene, update, message, tools } from './realtime-messages.fixture.ts';

describe('functions', () => {
  const call = { type: 'call', call: 'call_0', name: 'search', arguments: '{"q":"tea"}' } as const;
  const output = (call_id: string) => ({
    type: 'conversation.item.create',
    item: { type: 'function_call_output', call_id, output: '3 found' },
  });

  test('a call is an item of the response, and its output goes to the engine with response.create', () => {
    const it = scene().send(tools);
    it.told();
    it.engine(call).tick(3);
    const done = it.out.find(({ type }) => type === 'response.done');
    expect(done).toMatchObject({
      response: { status: 'completed', output: [{ type: 'function_call', name: 'search', call_id: 'call_0', arguments: '{"q":"tea"}' }] },
    });
    expect(it.told()).toEqual([
      'response.created',
      'rate_limits.updated',
      'response.output_item.added',
      'conversation.item.added',
      'response.function_call_arguments.delta',
      'response.function_call_arguments.done',
      'response.output_item.done',
      'conversation.item.done',
      'response.done',
    ]);
    it.effects.splice(0);
    it.send(output('call_0'));
    expect(it.told()).toEqual(['conversation.item.added', 'conversation.item.done']);
    expect(it.asked()).toEqual([]);
    it.send({ type: 'response.create' });
    expect(it.effects).toEqual([{ type: 'result', result: { call: 'call_0', output: '3 found' } }, { type: 'respond' }]);
  });

  test('an output of no call, or a second one, is refused', () => {
    const it = scene().engine(call).send(output('call_0'));
    it.told();
    expect(it.send(output('call_0')).told()).toEqual(['error invalid_request_error call_not_found']);
    expect(it.send(output('other')).told()).toEqual(['error invalid_request_error call_not_found']);
  });

  test('a call in the middle of speech belongs to the same response', () => {
    const it = scene().speaks('Let me see').engine(call).engine({ type: 'turn_ended' });
    expect(it.take('response.done')[0]?.response.output.map(({ type }) => type)).toEqual(['message', 'function_call']);
  });
});

describe('items', () => {
  test('what the person heard of an answer is kept, and the engine is told', () => {
    const it = scene().speaks('one').speaks('two').speaks('three').engine({ type: 'yield' });
    const item = it.state.entries[0]?.item.id;
    it.told();
    it.send({ type: 'conversation.item.truncate', item_id: item, content_index: 0, audio_end_ms: 390 });
    expect(it.told()).toEqual(['conversation.item.truncated']);
    expect(it.effects.at(-1)).toEqual({ type: 'heard', ms: 390 });
    expect(it.send({ type: 'conversation.item.retrieve', item_id: item }).take('conversation.item.retrieved')[0]?.item).toMatchObject({
      content: [{ type: 'output_audio', transcript: 'one two' }],
    });
    it.send({ type: 'conversation.item.truncate', item_id: item, content_index: 0, audio_end_ms: 5000 });
    expect(it.told()).toEqual(['error invalid_request_error invalid_value']);
  });

  test('system messages are instructions for as long as they stand', () => {
    const it = scene().send(update({ instructions: 'Be kind.' }));
    it.send({
      type: 'conversation.item.create',
      item: { id: 'sys', type: 'message', role: 'system', content: [{ type: 'input_text', text: 'It is Monday.' }] },
    });
    expect(it.effects.at(-1)).toMatchObject({ config: { instructions: 'Be kind.\n\nIt is Monday.' } });
    it.send({ type: 'conversation.item.delete', item_id: 'sys' });
    expect(it.effects.at(-1)).toMatchObject({ config: { instructions: 'Be kind.' } });
    it.told();
    for (let n = 0; n < 5; n += 1)
      it.send({
        type: 'conversation.item.create',
        item: { type: 'message', role: 'system', content: [{ type: 'input_text', text: 'x'.repeat(3500) }] },
      });
    expect(it.told().at(-1)).toBe('error invalid_request_error instructions_too_long');
    expect(it.state.entries.length).toBe(4);
  });

  test('what the engine has had cannot be deleted, what it has not can', () => {
    const it = scene().send({ ...message('never mind'), item: { ...message('never mind').item, id: 'mine' } });
    it.told();
    expect(it.send({ type: 'conversation.item.delete', item_id: 'mine' }).told()).toEqual(['conversation.item.deleted']);
    it.send({ type: 'response.create' });
    expect(it.asked()).toEqual(['respond']);
    it.speaks('Yes').engine({ type: 'turn_ended' });
    it.told();
    const id = it.state.entries.at(-1)?.item.id;
    expect(it.send({ type: 'conversation.item.delete', item_id: id }).told()).toEqual(['error invalid_request_error unsupported_value']);
    expect(it.send({ type: 'conversation.item.delete', item_id: 'nobody' }).told()).toEqual(['error invalid_request_error item_not_found']);
  });

  test('an image is a JPEG in a data URL, and goes with its text', () => {
    const it = scene();
    const image = (url: string) => ({
      type: 'conversation.item.create',
      item: {
        type: 'message',
        role: 'user',
        content: [
          { type: 'input_text', text: 'look' },
          { type: 'input_image', image_url: url },
        ],
      },
    });
    const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]).toString('base64');
    it.send(image('https://example.org/cat.jpg'))
      .send(image('data:image/jpeg;base64,AAAA'))
      .send(image(`data:image/jpeg;base64,${jpeg}`));
    expect(it.told()).toEqual([
      'error invalid_request_error invalid_value',
      'error invalid_request_error invalid_value',
      'conversation.item.added',
      'conversation.item.done',
    ]);
    expect(it.send({ type: 'response.create' }).asked()).toEqual(['image', 'text look', 'respond']);
  });

  test('items are added at the end, once', () => {
    const it = scene().send(message('one'));
    const [entry] = it.state.entries;
    it.told();
    expect(it.send({ ...message('two'), previous_item_id: 'root' }).told()).toEqual(['error invalid_request_error unsupported_value']);
    expect(it.send({ ...message('two'), previous_item_id: 'nobody' }).told()).toEqual(['error invalid_request_error item_not_found']);
    expect(it.send({ ...message('two'), previous_item_id: entry?.item.id }).told()).toEqual([
      'conversation.item.added',
      'conversation.item.done',
    ]);
    expect(it.send({ ...message('x'), item: { ...message('x').item, id: entry?.item.id } }).told()).toEqual([
      'error invalid_request_error item_exists',
    ]);
  });
});
