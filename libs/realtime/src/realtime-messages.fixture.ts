import { RealtimeScene } from './realtime-scene.fixture.ts';

/** Messages of a client that many tests send, and what they are answered with. */
export const scene = (): RealtimeScene => {
  const it = new RealtimeScene().ready();
  it.told();
  return it;
};
export const update = (session: object) => ({ type: 'session.update', session: { type: 'realtime', ...session } });
export const manual = update({ audio: { input: { turn_detection: null, transcription: { model: 'any' } } } });
export const transcribed = update({ audio: { input: { transcription: { model: 'any' } } } });
export const message = (text: string) => ({
  type: 'conversation.item.create',
  item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] },
});
export const tools = update({ tools: [{ type: 'function', name: 'search', description: 'Searches.', parameters: { type: 'object' } }] });
export const append = (ms: number) => ({ type: 'input_audio_buffer.append', audio: Buffer.alloc(ms * 48).toString('base64') });
export const BEGUN = [
  'response.created',
  'rate_limits.updated',
  'response.output_item.added',
  'conversation.item.added',
  'response.content_part.added',
];
export const DONE = [
  'response.output_audio.done',
  'response.output_audio_transcript.done',
  'response.content_part.done',
  'response.output_item.done',
  'conversation.item.done',
];
