import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LONGEST_EVENT, RealtimeClientEvent, readClientEvent } from './realtime-client-events.ts';
import { RealtimeScene } from './realtime-scene.fixture.ts';

/** One whole event of each kind, with every field that it may have. */
const WHOLE: readonly Record<string, unknown>[] = [
  {
    type: 'session.update',
    event_id: 'e',
    session: {
      type: 'realtime',
      model: 'relay',
      instructions: 'Be brief.',
      output_modalities: ['audio'],
      audio: {
        input: {
          format: { type: 'audio/pcm', rate: 24_000 },
          transcription: { model: 'x' },
          noise_reduction: null,
          turn_detection: {
            type: 'server_vad',
            create_response: true,
            interrupt_response: true,
            threshold: 0.5,
            prefix_padding_ms: 300,
            silence_duration_ms: 500,
            idle_timeout_ms: null,
          },
        },
        output: { format: { type: 'audio/pcma' }, voice: 'marin', speed: 1 },
      },
      tools: [{ type: 'function', name: 'search', description: 'Searches.', parameters: { type: 'object', properties: {} } }],
      tool_choice: 'auto',
      max_output_tokens: 'inf',
      parallel_tool_calls: true,
      reasoning: null,
      prompt: null,
      tracing: null,
      truncation: 'auto',
      include: [],
    },
  },
  { type: 'input_audio_buffer.append', event_id: 'e', audio: Buffer.alloc(960).toString('base64') },
  { type: 'input_audio_buffer.commit', event_id: 'e' },
  { type: 'input_audio_buffer.clear', event_id: 'e' },
  { type: 'output_audio_buffer.clear', event_id: 'e' },
  {
    type: 'conversation.item.create',
    event_id: 'e',
    previous_item_id: null,
    item: {
      id: 'mine',
      object: 'realtime.item',
      type: 'message',
      role: 'user',
      status: 'completed',
      content: [
        { type: 'input_text', text: 'hello' },
        {
          type: 'input_image',
          image_url: `data:image/jpeg;base64,${Buffer.from([255, 216, 255, 224, 0, 1]).toString('base64')}`,
          detail: 'auto',
        },
      ],
    },
  },
  { type: 'conversation.item.create', item: { type: 'message', role: 'system', content: [{ type: 'input_text', text: 'hello' }] } },
  { type: 'conversation.item.create', item: { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'hello' }] } },
  { type: 'conversation.item.create', item: { type: 'function_call_output', call_id: 'call_0', output: '3' } },
  { type: 'conversation.item.retrieve', event_id: 'e', item_id: 'mine' },
  { type: 'conversation.item.delete', event_id: 'e', item_id: 'mine' },
  { type: 'conversation.item.truncate', event_id: 'e', item_id: 'mine', content_index: 0, audio_end_ms: 100 },
  {
    type: 'response.create',
    event_id: 'e',
    response: {
      instructions: 'x',
      output_modalities: ['text'],
      audio: { output: { format: { type: 'audio/pcmu' }, voice: { id: 'voice_1' } } },
      tools: [],
      tool_choice: 'none',
      metadata: { topic: 'tea' },
      conversation: 'auto',
      max_output_tokens: 'inf',
      parallel_tool_calls: true,
      prompt: null,
    },
  },
  { type: 'response.cancel', event_id: 'e', response_id: 'resp_1' },
];

/** Every place in a value, as a path. */
function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, part]) => pathsOf(part, [...path, key]))];
}

/** The value with what stands at `path` changed; undefined takes it away. */
function withAt(value: unknown, [key, ...rest]: readonly string[], to: unknown): unknown {
  if (key === undefined) return to;
  if (Array.isArray(value)) return value.map((part: unknown, index) => (String(index) === key ? withAt(part, rest, to) : part));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, part]): [string, unknown] => [name, name === key ? withAt(part, rest, to) : part]);
  return Object.fromEntries(entries.filter(([, part]) => part !== undefined));
}

test.each(WHOLE)('$type is read, with all that it may carry', (event) => {
  expect(readClientEvent(JSON.stringify(event))).toHaveProperty('event');
});

const places = WHOLE.flatMap((event) => pathsOf(event).map((path) => ({ event, path })));
const wrong = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom(null, true, -1, 1.5, '', [], {}, ['x'], { x: 1 }, 'x'.repeat(100_000), Number.MAX_SAFE_INTEGER, '\u0000', '🙂'),
  fc.jsonValue(),
);

test('missing, wrong or huge in any one place: refused with an error that names the place, or carried out; it never throws', () => {
  fc.assert(
    fc.property(fc.constantFrom(...places), wrong, ({ event, path }, to) => {
      const scene = new RealtimeScene().ready();
      scene.told();
      const before = scene.state;
      scene.send(withAt(event, path, to));
      const errors = scene.out.filter(({ type }) => type === 'error');
      expect(errors.length).toBeLessThanOrEqual(1);
      const [error] = errors;
      if (error?.type !== 'error') return;
      expect(scene.state).toBe(before);
      expect(scene.effects).toEqual([]);
      expect(error.error.type).toBe('invalid_request_error');
      expect(error.error.code).toMatch(/^[a-z0-9_]+$/);
      expect(error.error.message.length).toBeGreaterThan(5);
      expect(error.error.message.length).toBeLessThan(1000);
      // What the client called its event comes back to it, unless that was what was wrong.
      if (event['event_id'] === 'e' && path[0] !== 'event_id' && path.length > 0) expect(error.error.event_id).toBe('e');
    }),
    { numRuns: 4000 },
  );
});

test('an unknown field in any object is refused by its name', () => {
  for (const { event, path } of places) {
    const at = path.reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? Object.entries(value).find(([name]) => name === key)?.[1] : undefined),
      event,
    );
    // Parameters of a tool and metadata are the client's own.
    if (typeof at !== 'object' || at === null || Array.isArray(at) || path.includes('parameters') || path.includes('metadata')) continue;
    const read = readClientEvent(JSON.stringify(withAt(event, path, { ...at, surprise: 1 })));
    expect(JSON.stringify(read)).toMatch(/"code":"(unknown_parameter|invalid_value)".*"param":"/);
  }
});

test('any message at all is answered: with what was asked, or with one error', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.constantFrom(...RealtimeClientEvent.options.map(({ shape }) => shape.type.value)).map((type) => JSON.stringify({ type })),
      ),
      (text) => {
        const scene = new RealtimeScene().ready();
        scene.told();
        scene.send(text);
        expect(scene.out.length + scene.effects.length).toBeGreaterThan(0);
      },
    ),
    { numRuns: 2000 },
  );
});

describe('what is not supported is refused, and says so', () => {
  const session = (part: object) => ({ type: 'session.update', session: { type: 'realtime', ...part } });
  const input = (part: object) => session({ audio: { input: part } });
  const item = (part: object) => ({ type: 'conversation.item.create', item: part });
  test.each<[string, object, string, string | null]>([
    ['tracing', session({ tracing: 'auto' }), 'unsupported_value', 'session.tracing'],
    ['stored prompts', session({ prompt: { id: 'p' } }), 'unsupported_value', 'session.prompt'],
    ['truncation', session({ truncation: { type: 'retention_ratio', retention_ratio: 0.5 } }), 'unsupported_value', 'session.truncation'],
    ['token limits', session({ max_output_tokens: 100 }), 'unsupported_value', 'session.max_output_tokens'],
    ['forced tools', session({ tool_choice: 'required' }), 'unsupported_value', 'session.tool_choice'],
    ['MCP tools', session({ tools: [{ type: 'mcp', server_label: 'x' }] }), 'unsupported_value', 'session.tools[0]'],
    ['reasoning', session({ reasoning: { effort: 'low' } }), 'unsupported_value', 'session.reasoning'],
    ['log probabilities', session({ include: ['item.input_audio_transcription.logprobs'] }), 'invalid_value', 'session.include'],
    ['transcription alone', { type: 'session.update', session: { type: 'transcription' } }, 'unsupported_value', 'session.type'],
    ['noise reduction', input({ noise_reduction: { type: 'near_field' } }), 'unsupported_value', 'session.audio.input.noise_reduction'],
    [
      'a language',
      input({ transcription: { model: 'x', language: 'de' } }),
      'unsupported_value',
      'session.audio.input.transcription.language',
    ],
    [
      'a threshold',
      input({ turn_detection: { type: 'server_vad', threshold: 0.9 } }),
      'unsupported_value',
      'session.audio.input.turn_detection.threshold',
    ],
    [
      'no interruption',
      input({ turn_detection: { type: 'server_vad', interrupt_response: false } }),
      'unsupported_value',
      'session.audio.input.turn_detection.interrupt_response',
    ],
    ['another rate', input({ format: { type: 'audio/pcm', rate: 16_000 } }), 'invalid_value', 'session.audio.input.format.rate'],
    ['the beta shape', session({ modalities: ['text', 'audio'] }), 'unknown_parameter', 'session.modalities'],
    ['both modalities', session({ output_modalities: ['text', 'audio'] }), 'invalid_value', 'session.output_modalities'],
    ['approvals', item({ type: 'mcp_approval_response', approval_request_id: 'x', approve: true }), 'unsupported_value', 'item'],
    [
      'speech in an item',
      item({ type: 'message', role: 'user', content: [{ type: 'input_audio', audio: 'AAAA' }] }),
      'unsupported_value',
      'item.content[0]',
    ],
    ['out of band', { type: 'response.create', response: { conversation: 'none' } }, 'unsupported_value', 'response.conversation'],
    ['input of its own', { type: 'response.create', response: { input: [] } }, 'unsupported_value', 'response.input'],
    ['two tools of a name', session({ tools: [{ name: 'a' }, { name: 'a' }] }), 'invalid_value', 'session.tools'],
    ['an unknown event', { type: 'transcription_session.update' }, 'invalid_value', 'type'],
    [
      'text too long',
      item({ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'ü'.repeat(2001) }] }),
      'invalid_value',
      'item.content[0].text',
    ],
  ])('%s', (_, event, code, param) => {
    expect(readClientEvent(JSON.stringify(event))).toMatchObject({ fault: { type: 'invalid_request_error', code, param } });
  });

  test.each<[string, string, string]>([
    ['no JSON', '{"type":', 'invalid_json'],
    ['too large', JSON.stringify({ type: 'input_audio_buffer.append', audio: 'A'.repeat(LONGEST_EVENT) }), 'event_too_large'],
    ['a list', '[]', 'invalid_type'],
    ['nothing', 'null', 'invalid_type'],
    ['no type', '{}', 'missing_required_parameter'],
  ])('%s', (_, text, code) => {
    expect(readClientEvent(text)).toMatchObject({ fault: { code } });
  });

  test.each(['AAA', 'AA==\n', '-_==', 'not base64!', 'AB=='])('audio %j is no base64', (audio) => {
    const scene = new RealtimeScene().ready().send({ type: 'input_audio_buffer.append', audio });
    expect(scene.out.at(-1)).toMatchObject({ type: 'error', error: { code: 'invalid_base64', param: 'audio' } });
    expect(scene.effects).toEqual([]);
  });

  test('half a sample is no audio, save in G.711', () => {
    const append = { type: 'input_audio_buffer.append', audio: 'AAAA' };
    const scene = new RealtimeScene().ready().send(append);
    expect(scene.out.at(-1)).toMatchObject({ error: { code: 'invalid_audio' } });
    scene.send(input({ format: { type: 'audio/pcmu' } })).send(append);
    expect(scene.effects.at(-1)).toMatchObject({ type: 'audio', format: { type: 'audio/pcmu' } });
  });
});
