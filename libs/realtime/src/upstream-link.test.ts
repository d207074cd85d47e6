import { expect, it, describe } from 'vitest';
import { TickExtra } from '@wheelhouse/protocol/engine-tick';
import type { EngineConfig } from '@wheelhouse/protocol/tool-call';
import { readClientEvent } from './realtime-client-events.ts';
import { takeSocket, type UpstreamStep } from './upstream-conversation.ts';
import { Line } from './upstream-line.fixture.ts';

const extra = (part: Partial<TickExtra>): TickExtra => TickExtra.parse(part);
const config = (part: Partial<EngineConfig> = {}): EngineConfig => ({
  instructions: 'be kind',
  voice: 'cedar',
  tools: [],
  answers: true,
  ...part,
});
const takeOpened = (line: Line): UpstreamStep => takeSocket(line.state, { type: 'opened' });

describe('the connection', () => {
  it('is told what it is to be before anything else, then what was said so far, then the sound that waits', () => {
    const line = new Line();
    line.tick({ texts: ['first'] });
    expect(line.links).toEqual(['open']);
    line.ticks(2);
    expect(line.sent).toEqual([]);
    line.greet();
    expect(line.sent.map(({ type }) => type)).toEqual([
      ...['session.update', 'conversation.item.create'],
      ...['input_audio_buffer.append', 'input_audio_buffer.append', 'input_audio_buffer.append', 'response.create'],
    ]);
  });

  it('says what our own server side understands', () => {
    const line = new Line();
    line.tick({
      texts: ['first'],
      whispers: ['psst'],
      extra: extra({ config: config({ tools: [{ name: 'f', description: '', parameters: {} }] }) }),
    });
    line.greet();
    line.tick({ image: '/9j/' });
    line.begin('r', 'item_1');
    line.say('r', 'item_1', { samples: 48_000 });
    line.tick();
    line.tick({ extra: extra({ hush: true, heardMs: 0 }) });
    line.hear({ type: 'input_audio_buffer.speech_started', item_id: 'u' });
    line.hear({ type: 'response.done', response: { id: 'r', status: 'cancelled' } });
    line.tick({ extra: extra({ respond: true, results: [{ call: 'c', output: 'x' }] }) });
    expect(new Set(line.sent.map(({ type }) => type)).size).toBe(8);
    for (const event of line.sent) expect(readClientEvent(JSON.stringify(event))).toHaveProperty('event');
  });

  it.each([
    ['connection', 0],
    ['session.created', 1],
    ['session.updated', 2],
  ])('is given up after 10 s without %s, and tried again later each time, told of once', (_, steps) => {
    const line = new Line();
    const opened: number[] = [];
    for (let tick = 0; tick < 1_500; tick += 1) {
      const before = line.links.length;
      line.tick();
      if (!line.links.slice(before).includes('open')) continue;
      opened.push(tick);
      if (steps > 0) line.follow(takeOpened(line));
      if (steps > 1) line.hear({ type: 'session.created' });
    }
    const pauses = opened.slice(1).map((at, i) => at - (opened[i] ?? 0));
    expect(pauses.slice(0, 6)).toEqual([53, 56, 61, 76, 101, 201]);
    expect(line.troubles).toHaveLength(1);
    expect(line.answers.every(({ sound, said }) => sound === null && said === '')).toBe(true);
    expect(line.state.waiting).toHaveLength(25);
  });

  it('dies in mid-word: the rest is never said, and the next one knows what was heard', () => {
    const line = Line.ready();
    line.tick({ texts: ['tell me'] });
    line.begin('r', 'a');
    line.say('r', 'a', { samples: 48_000, words: 'once upon a time there was a king who had a daughter and a castle' });
    line.ticks(3);
    line.closed();
    expect(line.tick()).toMatchObject({ yielded: true, sound: null, extra: { turnEnded: true } });
    line.say('r', 'a', { samples: 4_800 });
    line.ticks(5);
    line.sent.length = 0;
    line.greet();
    const items = line.take('conversation.item.create').map(({ item }) => ('content' in item ? item.content : []));
    expect(items).toMatchObject([[{ text: 'tell me' }], [{ text: line.said }]]);
    expect(line.said).toMatch(/^once upon/);
    expect(line.said).not.toMatch(/castle/);
    expect(line.ticks(3).every(({ sound }) => sound === null)).toBe(true);
    expect(line.troubles).toEqual([expect.stringMatching(/silent until it is back/), expect.stringMatching(/is back/)]);
  });

  it('dies before the client has said how much it heard: that still counts for the next one', () => {
    const line = Line.ready();
    line.begin('r', 'a');
    line.say('r', 'a', { samples: 48_000, words: 'once upon a time there was a king who had a daughter and a castle' });
    line.ticks(4);
    line.closed();
    line.tick({ extra: extra({ heardMs: 400 }) });
    expect(line.take('conversation.item.truncate')).toEqual([]);
    line.ticks(5);
    line.sent.length = 0;
    line.greet();
    const [item] = line.take('conversation.item.create');
    expect(JSON.stringify(item)).toMatch(/"text":"once( upon)?"/);
    line.tick({ extra: extra({ heardMs: 0 }) });
    expect(line.take('conversation.item.delete')).toEqual([]);
  });

  it('asks anew for an answer of which nothing was heard', () => {
    const line = Line.ready();
    line.tick({ texts: ['tell me'] });
    line.closed();
    line.ticks(5);
    line.sent.length = 0;
    line.greet();
    expect(line.take('response.create')).toHaveLength(1);
  });

  it.each([
    [
      'says nothing more of a response',
      (line: Line) => {
        line.begin('r', 'a');
        line.say('r', 'a', { samples: 4_800 });
      },
    ],
    [
      'does not begin what was asked for',
      (line: Line) => {
        line.tick({ texts: ['hello'] });
      },
    ],
    [
      'does not end what was cut off',
      (line: Line) => {
        line.begin('r', 'a');
        line.tick({ extra: extra({ hush: true }) });
      },
    ],
  ])('is given up when it stalls: it %s', (_, stall) => {
    const line = Line.ready();
    stall(line);
    line.ticks(49);
    expect(line.troubles).toEqual([]);
    line.ticks(3);
    expect(line.troubles).toEqual([expect.stringMatching(/stalled/)]);
    expect(line.links).toContain('drop');
  });

  it('is cut when it floods', () => {
    const line = Line.ready();
    const text = '{"type":"rate_limits.updated"}';
    for (let event = 0; event < 10_001; event += 1) line.read(text);
    expect(line.links).toEqual(['drop']);
    expect(line.troubles).toEqual([expect.stringMatching(/floods/)]);
  });

  it('is no good with settings that were refused, or with sound of another kind', () => {
    const refused = new Line();
    refused.tick();
    refused.follow(takeOpened(refused));
    refused.hear({ type: 'session.created' });
    const [update] = refused.take('session.update');
    refused.hear({ type: 'error', error: { message: 'no such voice', event_id: update?.event_id } });
    expect(refused.links).toEqual(['open', 'drop']);
    const other = new Line();
    other.tick();
    other.follow(takeOpened(other));
    other.hear({ type: 'session.created' });
    other.hear({ type: 'session.updated', session: { audio: { output: { format: { type: 'audio/pcmu' } } } } });
    expect(other.links).toEqual(['open', 'drop']);
    expect(other.troubles.join()).toMatch(/audio\/pcmu/);
  });
});
