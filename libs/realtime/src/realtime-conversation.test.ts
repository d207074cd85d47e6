import { describe, expect, test } from 'vitest';
import { scene, update, message, tools, BEGUN, DONE } from './realtime-messages.fixture.ts';
import { RealtimeScene, SESSION } from './realtime-scene.fixture.ts';

describe('the session', () => {
  test('begins with session.created: its id, its deployment, what is in force', () => {
    const [created] = new RealtimeScene().ready().take('session.created');
    expect(created?.session).toMatchObject({
      id: SESSION,
      model: 'relay',
      output_modalities: ['audio'],
      tools: [],
      audio: {
        input: {
          format: { type: 'audio/pcm', rate: 24_000 },
          turn_detection: { type: 'server_vad', create_response: true, interrupt_response: true },
        },
      },
    });
  });

  test('tells at once of an order in force, and answers nothing until it is released', () => {
    const it = new RealtimeScene().ready(['stop']);
    expect(it.told()).toEqual(['session.created', 'error wheelhouse_order stop']);
    expect(it.send({ type: 'response.create' }).told()).toEqual(['error wheelhouse_order stop']);
    expect(it.release().told()).toEqual(['wheelhouse.released']);
    expect(it.send({ type: 'response.create' }).told()).toEqual(['response.created', 'rate_limits.updated']);
  });

  test('session.update changes what it names, tells the whole, and asks the engine', () => {
    const it = scene();
    it.send(update({ instructions: 'Be brief.', audio: { output: { voice: 'marin', format: { type: 'audio/pcmu' } } } })).send(tools);
    expect(it.out.at(-1)).toMatchObject({
      type: 'session.updated',
      session: {
        instructions: 'Be brief.',
        tools: [{ type: 'function', name: 'search' }],
        audio: { output: { voice: 'marin', format: { type: 'audio/pcmu' } } },
      },
    });
    expect(it.effects.at(-1)).toEqual({
      type: 'config',
      config: {
        instructions: 'Be brief.',
        voice: 'marin',
        tools: [{ name: 'search', description: 'Searches.', parameters: { type: 'object' } }],
        answers: true,
      },
    });
    it.send(update({ tool_choice: 'none', audio: { input: { turn_detection: { type: 'server_vad', create_response: false } } } }));
    expect(it.effects.at(-1)).toMatchObject({ config: { tools: [], answers: false, instructions: 'Be brief.' } });
  });

  test('an update that is refused changes nothing', () => {
    const it = scene();
    const before = it.state;
    it.send({ ...update({ instructions: 'x', model: 'gpt-realtime' }), event_id: 'mine' });
    expect(it.state).toBe(before);
    expect(it.take('error')[0]?.error).toMatchObject({ code: 'model_fixed', param: 'session.model', event_id: 'mine' });
    expect(it.asked()).toEqual([]);
    expect(it.send(update({ model: 'relay' })).told()).toEqual(['session.updated']);
  });
});

describe('an answer', () => {
  test('begins with what the engine says first, and ends when it says so', () => {
    const it = scene();
    it.speaks('Good').speaks('morning.');
    expect(it.told()).toEqual([
      ...BEGUN,
      'response.output_audio_transcript.delta',
      'response.output_audio.delta',
      'response.output_audio_transcript.delta',
      'response.output_audio.delta',
    ]);
    it.engine({ type: 'turn_ended' });
    const done = it.out.find(({ type }) => type === 'response.done');
    expect(it.told()).toEqual([...DONE, 'response.done']);
    expect(done).toMatchObject({
      response: {
        status: 'completed',
        status_details: { type: 'completed' },
        output: [{ role: 'assistant', status: 'completed', content: [{ type: 'output_audio', transcript: 'Good morning.' }] }],
      },
    });
    it.speaks('And');
    expect(it.told().slice(0, 5)).toEqual(BEGUN);
  });

  test('ends after a second of silence where the engine does not say that it has ended', () => {
    const it = scene().speaks('Hm').tick(4);
    expect(it.told()).not.toContain('response.done');
    it.speaks('yes').tick(5);
    expect(it.told()).toContain('response.done');
  });

  test('is text alone where the client wants text', () => {
    const it = scene().send(update({ output_modalities: ['text'] }));
    it.told();
    it.speaks('Good').speaks('morning').engine({ type: 'turn_ended' });
    expect(it.told()).toEqual([
      ...BEGUN,
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'conversation.item.done',
      'response.done',
    ]);
    it.frame({ kind: 'audio', source: 'engine', delta: '', ms: 200 });
    expect(it.told()).toEqual([]);
  });

  test('typed text is given to the engine when an answer is asked for, not before', () => {
    const it = scene().send(message('one')).send(message('two'));
    expect(it.asked()).toEqual([]);
    expect(it.told()).toEqual([...Array<string[]>(2).fill(['conversation.item.added', 'conversation.item.done'])].flat());
    it.send({ type: 'response.create' });
    expect(it.told()).toEqual(['response.created', 'rate_limits.updated']);
    expect(it.asked()).toEqual(['text one', 'text two', 'respond']);
    expect(it.send({ type: 'response.create' }).told()).toEqual(['error invalid_request_error conversation_already_has_active_response']);
    it.speaks('You wrote').engine({ type: 'turn_ended' });
    expect(it.told().filter((type) => type === 'response.created' || type === 'response.done')).toEqual(['response.done']);
  });

  test('typed text that nobody asked an answer for comes along when the person speaks', () => {
    expect(scene().send(message('by the way')).hears(0, 'hello').asked()).toEqual(['text by the way']);
  });

  test('one that never comes fails, and says so; while input waits to be heard it is waited for', () => {
    const it = scene().send({ type: 'response.create' }).tick(500, true).tick(49);
    expect(it.told()).not.toContain('response.done');
    expect(it.tick(1).take('response.done')[0]?.response).toMatchObject({
      status: 'failed',
      status_details: { error: { code: 'engine_silent' } },
    });
  });

  test('the end of an older answer is not the end of the one that was asked for', () => {
    const it = scene().send({ type: 'response.create' }).engine({ type: 'turn_ended' });
    expect(it.told()).toEqual(['response.created', 'rate_limits.updated']);
  });

  test('has settings of its own when asked for with them, and the session gets its own back', () => {
    const it = scene().send(tools);
    it.effects.splice(0);
    it.send({
      type: 'response.create',
      response: { instructions: 'Whisper.', tool_choice: 'none', output_modalities: ['text'], metadata: { topic: 'tea' } },
    });
    expect(it.effects[0]).toMatchObject({ type: 'config', config: { instructions: 'Whisper.', tools: [] } });
    expect(it.take('response.created')[0]?.response).toMatchObject({ output_modalities: ['text'], metadata: { topic: 'tea' } });
    it.speaks('Psst').engine({ type: 'turn_ended' });
    expect(it.effects.at(-1)).toMatchObject({ type: 'config', config: { instructions: '', tools: [{ name: 'search' }] } });
    expect(it.take('response.done')[0]?.response).toMatchObject({ output_modalities: ['text'], metadata: { topic: 'tea' } });
  });

  test("the human's voice is a response of its own", () => {
    const it = scene().speaks('I think').speaks('Let me take this', 'human');
    expect(it.out.filter(({ type }) => type === 'response.created' || type === 'response.done')).toMatchObject([
      { type: 'response.created', response: { metadata: null } },
      { type: 'response.done', response: { status: 'completed' } },
      { type: 'response.created', response: { metadata: { wheelhouse_speaker: 'human' } } },
    ]);
  });
});
