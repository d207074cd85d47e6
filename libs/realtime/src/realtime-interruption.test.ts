import { describe, expect, test } from 'vitest';
import { scene, manual, transcribed, append, BEGUN, DONE } from './realtime-messages.fixture.ts';

describe('an interruption', () => {
  test('ends the answer: speech began, drop the sound, cancelled', () => {
    const it = scene().send(transcribed).speaks('Once upon a time');
    it.told();
    it.engine({ type: 'yield' }).hears(3, 'wait', false).hears(3, 'wait a moment', true);
    const item = it.out.find(({ type }) => type === 'input_audio_buffer.speech_started');
    const told = it.out.map(({ type }) => type);
    expect(told).toEqual([
      'input_audio_buffer.speech_started',
      ...DONE,
      'output_audio_buffer.cleared',
      'response.done',
      'conversation.item.input_audio_transcription.delta',
      'conversation.item.input_audio_transcription.delta',
      'input_audio_buffer.speech_stopped',
      'input_audio_buffer.committed',
      'conversation.item.added',
      'conversation.item.done',
      'conversation.item.input_audio_transcription.completed',
    ]);
    expect(it.out.find(({ type }) => type === 'response.done')).toMatchObject({
      response: { status: 'cancelled', status_details: { reason: 'turn_detected' }, output: [{ status: 'incomplete' }] },
    });
    expect(it.out.at(-1)).toMatchObject({
      item_id: item !== undefined && 'item_id' in item ? item.item_id : '',
      transcript: 'wait a moment',
    });
  });

  test('a backchannel is heard and written down, and interrupts nothing', () => {
    const it = scene().send(transcribed).speaks('Once upon');
    it.told();
    it.hears(1, 'mm-hmm', true).speaks('a time');
    expect(it.told()).toEqual([
      'conversation.item.input_audio_transcription.delta',
      'input_audio_buffer.committed',
      'conversation.item.added',
      'conversation.item.done',
      'conversation.item.input_audio_transcription.completed',
      'response.output_audio_transcript.delta',
      'response.output_audio.delta',
    ]);
  });

  test('who speaks into the end of an answer is told of once it has ended', () => {
    const it = scene().speaks('Bye').hears(1, 'and', false);
    expect(it.told()).not.toContain('input_audio_buffer.speech_started');
    expect(it.engine({ type: 'turn_ended' }).told().at(-1)).toBe('input_audio_buffer.speech_started');
  });

  test('a transcript that was revised is told in its final words only', () => {
    const it = scene()
      .send(transcribed)
      .hears(0, 'I scream', false)
      .hears(0, 'ice cream please', false)
      .hears(0, 'ice cream, please', true);
    const deltas = it.out.filter(({ type }) => type.endsWith('transcription.delta'));
    expect(deltas).toMatchObject([{ delta: 'I scream' }]);
    expect(it.out.at(-1)).toMatchObject({ transcript: 'ice cream, please' });
  });

  test('without transcription nothing of what was understood is told', () => {
    expect(scene().hears(0, 'hello', true).told()).toEqual([
      'input_audio_buffer.speech_started',
      'input_audio_buffer.speech_stopped',
      'input_audio_buffer.committed',
      'conversation.item.added',
      'conversation.item.done',
    ]);
  });
});

describe('response.cancel', () => {
  test('ends the answer at once, and nothing of it follows while the engine still speaks', () => {
    const it = scene().speaks('Once');
    it.told();
    expect(it.send({ type: 'response.cancel' }).told()).toEqual([...DONE, 'output_audio_buffer.cleared', 'response.done']);
    expect(it.asked()).toEqual(['hush']);
    it.speaks('upon').engine({ type: 'yield' });
    expect(it.told()).toEqual([]);
    it.engine({ type: 'turn_ended' }).speaks('Yes?');
    expect(it.told().slice(0, 5)).toEqual(BEGUN);
  });

  test('the fence falls with a silent tick as well, and not before', () => {
    const it = scene().speaks('Once').send({ type: 'response.cancel' });
    it.told();
    expect(it.speaks('upon').speaks('a').told()).toEqual([]);
    expect(it.tick().speaks('New').told().slice(0, 5)).toEqual(BEGUN);
  });

  test('of nothing, or of another response, is refused', () => {
    const it = scene();
    expect(it.send({ type: 'response.cancel' }).told()).toEqual(['error invalid_request_error response_cancel_not_active']);
    it.speaks('x');
    it.told();
    expect(it.send({ type: 'response.cancel', response_id: 'resp_other' }).told()).toEqual([
      'error invalid_request_error response_cancel_not_active',
    ]);
  });
});

describe('an order', () => {
  test.each(['stop', 'hold', 'mute', 'take_over'] as const)(
    '%s ends the answer without repeating a word of it, and says who did it',
    (kind) => {
      const it = scene().speaks('The secret is');
      it.told();
      it.order(kind);
      const text = JSON.stringify(it.out);
      expect(text).not.toContain('secret');
      const [error] = it.out.filter(({ type }) => type === 'error');
      expect(error).toMatchObject({ error: { type: 'wheelhouse_order', code: kind, wheelhouse: { last_sequence: 9 } } });
      expect(it.told()).toEqual([
        'response.output_item.done',
        'conversation.item.done',
        'output_audio_buffer.cleared',
        'response.done',
        `error wheelhouse_order ${kind}`,
      ]);
    },
  );

  test('a policy that decides late, and an engine that is lost, end the answer as well', () => {
    const cut = scene()
      .speaks('My card is')
      .gate({ type: 'cut', tick: 3, lastSequence: 4, policies: ['no-cards'] });
    expect(cut.out.find(({ type }) => type === 'response.done')).toMatchObject({
      response: { status: 'incomplete', status_details: { reason: 'content_filter' } },
    });
    expect(cut.out.at(-1)).toMatchObject({ error: { type: 'wheelhouse_policy', code: 'cut' } });
    const lost = scene().speaks('Well').gate({ type: 'error', code: 'engine_lost', message: 'gone', fatal: false });
    expect(lost.out.find(({ type }) => type === 'response.done')).toMatchObject({ response: { status: 'failed' } });
  });

  test('level 1, a lost lease and the end of the session close the answer; the rest is told as it is', () => {
    expect(scene().speaks('a').gate({ type: 'level', level: 1, tick: 1 }).told().slice(-2)).toEqual(['response.done', 'wheelhouse.level']);
    expect(scene().speaks('a').gate({ type: 'level', level: 2, tick: 1 }).told().at(-1)).toBe('wheelhouse.level');
    expect(scene().speaks('a').gate({ type: 'lease', held: false, tick: 1 }).told().slice(-2)).toEqual([
      'response.done',
      'wheelhouse.lease',
    ]);
    expect(scene().speaks('a').gate({ type: 'ended', reason: 'over' }).told().slice(-2)).toEqual([
      'response.done',
      'error wheelhouse_session session_ended',
    ]);
    const checked = scene().gate({ type: 'checkpoint', checkpoint: 'tick.input', verdict: 'deny', tick: 1, policies: ['p'] });
    expect(checked.told()).toEqual(['wheelhouse.checkpoint', 'error wheelhouse_policy tick_input']);
  });
});

describe('the person, by hand (turn_detection null)', () => {
  test('commit makes the item, and its transcript follows', () => {
    const it = scene().send(manual).send(append(500)).hears(0, 'hello', false);
    it.told();
    it.send({ type: 'input_audio_buffer.commit' }).send({ type: 'response.create' });
    expect(it.told()).toEqual([
      'input_audio_buffer.committed',
      'conversation.item.added',
      'conversation.item.done',
      'conversation.item.input_audio_transcription.delta',
      'response.created',
      'rate_limits.updated',
    ]);
    it.hears(0, 'hello there', true);
    expect(it.take('conversation.item.input_audio_transcription.completed')[0]).toMatchObject({ transcript: 'hello there' });
    expect(it.effects.slice(-1)).toEqual([{ type: 'respond' }]);
  });

  test('a transcript that never comes is complete when the engine answers, or after a while', () => {
    const answered = scene().send(manual).send(append(200)).send({ type: 'input_audio_buffer.commit' }).speaks('Yes');
    expect(answered.take('conversation.item.input_audio_transcription.completed')[0]?.transcript).toBe('');
    const silent = scene().send(manual).send(append(200)).send({ type: 'input_audio_buffer.commit' }).tick(50);
    expect(silent.told().at(-1)).toBe('conversation.item.input_audio_transcription.completed');
  });

  test('too little is refused; cleared is cleared', () => {
    const it = scene().send(manual).send(append(60));
    it.told();
    expect(it.send({ type: 'input_audio_buffer.commit' }).told()).toEqual(['error invalid_request_error input_audio_buffer_commit_empty']);
    it.send(append(60)).send({ type: 'input_audio_buffer.clear' });
    expect(it.told()).toEqual(['input_audio_buffer.cleared']);
    expect(it.send({ type: 'input_audio_buffer.commit' }).told()).toEqual(['error invalid_request_error input_audio_buffer_commit_empty']);
    expect(it.asked().slice(-2)).toEqual(['audio', 'drop_audio']);
  });
});
