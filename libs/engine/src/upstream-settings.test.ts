import { expect, it } from 'vitest';
import { Readable } from 'node:stream';
import { readEngineSecrets } from './engine-secrets.ts';
import { UpstreamMemory } from './upstream-memory.ts';
import { plainWords } from './upstream-settings.ts';

const settings = {
  url: 'wss://upstream.example/v1/realtime?api-key=in-the-address',
  model: 'm',
  key: 'the-key',
  ca: null,
  transcription: null,
};

it.each([
  ['key the-key twice: the-key', 'key [secret] twice: [secret]'],
  ['address api-key=in-the-address', 'address [secret]'],
  ['Incorrect API key provided: sk-proj-abc_DEF-123456.', 'Incorrect API key provided: [secret].'],
  ['authorization: Bearer abc.def', 'authorization: Bearer [secret]'],
  ['two\r\nlines\u0000and \u202Eturned', 'two lines and  turned'],
  ['x'.repeat(2_000), 'x'.repeat(500)],
])('an upstream that says %j is quoted without secrets', (words, quoted) => {
  expect(plainWords(words, settings)).toBe(quoted);
});

it('takes its settings from one line, in whatever pieces it comes', async () => {
  const line = `${JSON.stringify({ upstream: settings })}\nmore that is none of its business`;
  expect(await readEngineSecrets(Readable.from([line.slice(0, 10), line.slice(10, 40), line.slice(40)]))).toEqual({ upstream: settings });
});

it.each([
  ['not json\n', /not JSON/],
  ['{}\n', /cannot be used: upstream/],
  [`${JSON.stringify({ upstream: { ...settings, url: 'https://x', secret: 'leak' } })}\n`, /cannot be used: upstream.url/],
  ['x'.repeat(400_001), /too long/],
])('refuses %.20j without repeating it', async (line, words) => {
  const failed = readEngineSecrets(Readable.from([line]));
  await expect(failed).rejects.toThrow(words);
  await expect(failed).rejects.not.toThrow(/leak|the-key/);
});

it('remembers sessions for ten minutes, each for itself and once', () => {
  let now = 0;
  const memory = new UpstreamMemory(() => now);
  const history = [{ key: '', item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hello' }] } }] as const;
  memory.keep('one', { history, config: null });
  memory.keep('empty', { history: [], config: null });
  expect(memory.take('other')).toBeNull();
  expect(memory.take('empty')).toBeNull();
  expect(memory.take('one')).toMatchObject({ history });
  expect(memory.take('one')).toBeNull();
  memory.keep('one', { history, config: null });
  now = 600_000;
  expect(memory.take('one')).toBeNull();
});
