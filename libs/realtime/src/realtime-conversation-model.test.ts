import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RealtimeScene } from './realtime-scene.fixture.ts';

/** One thing that happens to a conversation. Ids are picked from what the client was told by then, or made up. */
type Happening = { readonly name: string; readonly do: (scene: RealtimeScene, pick: number) => void };

const itemAt = (scene: RealtimeScene, pick: number): string => scene.state.entries.at(pick % 8)?.item.id ?? 'nobody';
const client = (name: string, event: (scene: RealtimeScene, pick: number) => unknown): Happening => ({
  name,
  do: (scene, pick) => {
    scene.send(event(scene, pick));
  },
});
const session = (name: string, part: object): Happening =>
  client(name, () => ({ type: 'session.update', session: { type: 'realtime', ...part } }));
const item = (content: object) => ({ type: 'conversation.item.create', item: content });

const HAPPENINGS: readonly Happening[] = [
  { name: 'speech', do: (scene) => scene.speaks('some words') },
  { name: 'sound', do: (scene) => scene.speaks('') },
  { name: 'gate', do: (scene) => scene.speaks('safe words', 'gate') },
  { name: 'human', do: (scene) => scene.speaks('human words', 'human') },
  { name: 'words', do: (scene) => scene.frame({ kind: 'text', source: 'engine', text: 'words' }) },
  { name: 'tick', do: (scene, pick) => scene.tick(1 + (pick % 7), pick % 2 === 0) },
  { name: 'long silence', do: (scene) => scene.tick(60) },
  { name: 'heard', do: (scene, pick) => scene.hears(pick % 4, 'x'.repeat(pick % 5), pick % 3 === 0) },
  { name: 'yield', do: (scene) => scene.engine({ type: 'yield' }) },
  { name: 'turn ended', do: (scene) => scene.engine({ type: 'turn_ended' }) },
  { name: 'call', do: (scene, pick) => scene.engine({ type: 'call', call: `call_${pick % 3}`, name: 'search', arguments: '{}' }) },
  { name: 'order', do: (scene, pick) => scene.order((['stop', 'hold', 'mute', 'take_over'] as const)[pick % 4] ?? 'stop') },
  { name: 'release', do: (scene) => scene.release() },
  { name: 'cut', do: (scene) => scene.gate({ type: 'cut', tick: 1, lastSequence: 1, policies: [] }) },
  { name: 'lease', do: (scene, pick) => scene.gate({ type: 'lease', held: pick % 2 === 0, tick: 1 }) },
  { name: 'level', do: (scene, pick) => scene.gate({ type: 'level', level: pick % 2 === 0 ? 1 : 3, tick: 1 }) },
  { name: 'lost', do: (scene) => scene.gate({ type: 'error', code: 'engine_lost', message: 'lost', fatal: false }) },
  client('append', (_, pick) => ({ type: 'input_audio_buffer.append', audio: Buffer.alloc((1 + (pick % 200)) * 48).toString('base64') })),
  client('commit', () => ({ type: 'input_audio_buffer.commit' })),
  client('clear', () => ({ type: 'input_audio_buffer.clear' })),
  client('clear output', () => ({ type: 'output_audio_buffer.clear' })),
  client('create response', () => ({ type: 'response.create' })),
  client('create text response', () => ({ type: 'response.create', response: { output_modalities: ['text'], instructions: 'x' } })),
  client('cancel', () => ({ type: 'response.cancel' })),
  client('text', () => item({ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'typed' }] })),
  client('system', () => item({ type: 'message', role: 'system', content: [{ type: 'input_text', text: 'system' }] })),
  client('assistant', () => item({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'earlier' }] })),
  client('result', (_, pick) => item({ type: 'function_call_output', call_id: `call_${pick % 3}`, output: 'done' })),
  client('retrieve', (scene, pick) => ({ type: 'conversation.item.retrieve', item_id: itemAt(scene, pick) })),
  client('delete', (scene, pick) => ({ type: 'conversation.item.delete', item_id: itemAt(scene, pick) })),
  client('truncate', (scene, pick) => ({
    type: 'conversation.item.truncate',
    item_id: pick % 3 === 0 ? (scene.state.response?.speech?.item ?? 'nobody') : itemAt(scene, pick),
    content_index: 0,
    audio_end_ms: pick % 1000,
  })),
  session('by hand', { audio: { input: { turn_detection: null } } }),
  session('by itself', { audio: { input: { turn_detection: { type: 'semantic_vad' } } } }),
  session('transcribed', { audio: { input: { transcription: { model: 'x' } } } }),
  session('not transcribed', { audio: { input: { transcription: null } } }),
  session('in text', { output_modalities: ['text'] }),
  session('in sound', { output_modalities: ['audio'] }),
  session('mu-law', { audio: { input: { format: { type: 'audio/pcmu' } }, output: { format: { type: 'audio/pcma' } } } }),
];

const happenings = fc.array(fc.record({ which: fc.nat(HAPPENINGS.length - 1), pick: fc.nat(10_000) }), { maxLength: 60 });

test('whatever happens, every response is created and done exactly once, and its deltas lie in between', () => {
  fc.assert(
    fc.property(happenings, (list) => {
      const scene = new RealtimeScene().ready();
      for (const { which, pick } of list) HAPPENINGS[which]?.do(scene, pick);
      const { created, done } = scene.watch.responses;
      expect(created - done).toBe(scene.state.response === null ? 0 : 1);
      // And it always comes to an end: left alone, everything is settled.
      scene.gate({ type: 'released', order: '0d3f0b5e-6a51-4a6e-8a0e-3c2b1a0f9e8d', latched: [], tick: 1 }).tick(120);
      expect(scene.watch.responses.created).toBe(scene.watch.responses.done);
      expect(scene.state).toMatchObject({ response: null, closing: null, fenced: false });
    }),
    { numRuns: 3000 },
  );
});

test('after an order nothing of the engine is told that was not told before', () => {
  fc.assert(
    fc.property(happenings, fc.constantFrom('stop', 'hold', 'mute', 'take_over'), (list, kind) => {
      const scene = new RealtimeScene().ready();
      for (const { which, pick } of list) HAPPENINGS[which]?.do(scene, pick);
      scene.frame({ kind: 'text', source: 'engine', text: 'UNSPEAKABLE' });
      scene.told();
      scene.order(kind).tick(70);
      expect(JSON.stringify(scene.out)).not.toContain('UNSPEAKABLE');
      expect(scene.told().filter((type) => type.endsWith('.delta'))).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test('state stays bounded through a conversation without end', () => {
  const scene = new RealtimeScene().ready();
  for (let n = 0; n < 1500; n += 1) {
    scene.hears(n, `utterance ${n}`, true).speaks('words').engine({ type: 'turn_ended' });
    scene.out.length = 0;
    scene.effects.length = 0;
  }
  expect(scene.state.entries.length).toBe(500);
  for (let n = 0; n < 4000; n += 1) {
    scene.speaks('on and on');
    scene.out.length = 0;
  }
  expect(scene.state.response?.speech?.parts.length).toBeLessThanOrEqual(1500);
});
