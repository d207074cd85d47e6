import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TickExtra, type TickAnswer, type TickInput } from '@wheelhouse/protocol/engine-tick';
import { TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import type { EngineStream } from '@wheelhouse/engine/engine';
import { createUpstream, type UpstreamEngine } from '@wheelhouse/engine/upstream-engine';
import { HostileUpstream, soundOf, type UpstreamLine } from '../harness/hostile-upstream.ts';
import { until } from '../harness/until.ts';

const KEY = 'secret-key-of-the-upstream';

/** A session on the real engine, over real sockets, whose ticks the test runs itself: the engine counts time in them. */
class Session {
  readonly answers: TickAnswer[] = [];
  readonly troubles: string[] = [];
  readonly stream: EngineStream;

  constructor(engine: UpstreamEngine, id = 'session') {
    this.stream = engine.engine.open({ id, onTrouble: (words) => this.troubles.push(words) });
  }

  async tick(more: Partial<TickInput> = {}): Promise<TickAnswer> {
    const input = { tick: this.answers.length, audio: new Int16Array(TICK_SAMPLES), texts: [], whispers: [] };
    const answer = await this.stream.tick({ ...input, ...more });
    this.answers.push(answer);
    // What the upstream was sent reaches it, and what it sends comes back.
    await new Promise((resolve) => setTimeout(resolve, 4));
    return answer;
  }

  async ticks(count: number): Promise<TickAnswer[]> {
    const first = this.answers.length;
    for (let tick = 0; tick < count; tick += 1) await this.tick();
    return this.answers.slice(first);
  }

  /** Ticks until something holds. */
  async ticksUntil(what: string, holds: () => unknown): Promise<void> {
    await until(what, async () => {
      const held = holds();
      if (held !== undefined && held !== false && held !== 0) return true;
      await this.tick();
      return null;
    });
  }
}

/** The loudest sample of an answer. */
const loudest = ({ audio }: TickAnswer): number =>
  (audio ?? new Int16Array()).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

describe('an upstream', () => {
  let upstream: HostileUpstream;
  let engine: UpstreamEngine;
  let session: Session;

  beforeEach(async () => {
    upstream = await HostileUpstream.start();
    engine = createUpstream({ url: upstream.url, model: 'some-model', key: KEY, ca: null, transcription: null }, () => performance.now());
    session = new Session(engine);
  });
  afterEach(async () => {
    session.stream.close();
    engine.close();
    await upstream.close();
  });

  async function connected(): Promise<UpstreamLine> {
    await session.ticksUntil('the connection', () => upstream.lines[0]?.heardMs);
    const [line] = upstream.lines;
    if (line === undefined) throw new Error('there is no connection');
    return line;
  }

  /** One that speaks, of which two ticks were played. */
  async function speaking(): Promise<UpstreamLine> {
    const line = await connected();
    line.begin('r1', 'i1');
    line.say('r1', 'i1', { ms: 4_000, value: 3_000, words: 'one two three four five six seven eight nine ten eleven twelve ' });
    await session.ticksUntil('speech', () => session.answers.filter((answer) => loudest(answer) > 2_900).length >= 2);
    return line;
  }

  const playedMs = (): number => session.answers.reduce((sum, { audio }) => sum + (audio?.length ?? 0) / 16, 0);

  it("is given its key in the handshake, the model in the address, and the person's sound at 24 kHz", async () => {
    const line = await connected();
    expect(line.headers.authorization).toBe(`Bearer ${KEY}`);
    expect(line.path).toBe('/v1/realtime?model=some-model');
    const before = line.heardMs;
    await session.ticks(5);
    await until('its sound', () => Math.abs(line.heardMs - before - 1_000) < 1);
  });

  it('sends more than real time at once and is played tick by tick, to the sample', async () => {
    const line = await connected();
    line.begin('r1', 'i1');
    line.say('r1', 'i1', { ms: 1_100, value: 5_000 });
    line.end('r1', 'i1');
    await session.ticksUntil('the end of the turn', () => session.answers.at(-1)?.extra?.turnEnded);
    const audio = session.answers.flatMap((answer) => (answer.audio === null ? [] : [...answer.audio]));
    expect(audio).toHaveLength(1_100 * 16);
    expect(audio.slice(200).every((sample) => sample === 5_000)).toBe(true);
    expect(session.troubles).toEqual([]);
  });

  it('sends late pieces, under old and other ids, after it was cut off: none is heard, and the next answer is', async () => {
    const line = await speaking();
    const cut = session.answers.length;
    const played = playedMs();
    upstream.onEvent = (_, event) => {
      if (event.type !== 'response.cancel') return false;
      line.say('r1', 'i1', { ms: 2_000, value: 3_000, words: 'late late late ' });
      line.send({ type: 'response.done', response: { id: 'r1', status: 'cancelled' } });
      line.say('r1', 'i1', { ms: 2_000, value: 3_000, words: 'later ' });
      line.begin('r1', 'i9');
      line.say('r1', 'i9', { ms: 2_000, value: 3_000 });
      line.say('r7', 'i7', { ms: 2_000, value: 3_000 });
      return true;
    };
    const answer = await session.tick({ extra: TickExtra.parse({ hush: true }) });
    expect(answer).toMatchObject({ yielded: true, audio: null, extra: { turnEnded: true } });
    await until('the truncation', () => line.of('conversation.item.truncate').length > 0);
    expect(line.of('conversation.item.truncate')).toMatchObject([{ item_id: 'i1', audio_end_ms: Math.floor(played) }]);
    await session.ticks(10);
    line.begin('r2', 'i2');
    line.say('r2', 'i2', { ms: 600, value: 9_000, words: 'new words ' });
    line.end('r2', 'i2');
    await session.ticksUntil('the next answer', () => session.answers.slice(cut + 1).some(({ extra }) => extra?.turnEnded));
    const after = session.answers.slice(cut);
    expect(after.filter((one) => one.audio !== null && loudest(one) !== 9_000 && loudest(one) < 8_000)).toEqual([]);
    expect(
      after
        .map(({ said }) => said)
        .join(' ')
        .trim(),
    ).toBe('new words');
    expect(after.filter(({ yielded }) => yielded)).toHaveLength(1);
    expect(line.of('response.cancel')).toHaveLength(1);
    expect(session.troubles.join('\n')).toMatch(/response that was over/);
    expect(session.troubles.join('\n')).toMatch(/never announced/);
  });

  it('is interrupted by the person: it yields in the next tick, and its history is cut to what was played', async () => {
    const line = await speaking();
    line.send({ type: 'input_audio_buffer.speech_started', item_id: 'u1', audio_start_ms: 0 });
    line.send({ type: 'response.done', response: { id: 'r1', status: 'cancelled' } });
    await until('the truncation', () => line.of('conversation.item.truncate').length > 0);
    const [truncation] = line.of('conversation.item.truncate');
    expect(truncation).toMatchObject({ audio_end_ms: Math.floor(playedMs()) });
    expect(await session.tick()).toMatchObject({ yielded: true, audio: null });
    expect((await session.ticks(5)).every(({ audio, yielded }) => audio === null && !yielded)).toBe(true);
  });

  it('dies in mid-word: the rest is dropped, and the next connection is told what was heard', async () => {
    const line = await speaking();
    line.die();
    await session.ticksUntil('yielding', () => session.answers.at(-1)?.yielded);
    const said = session.answers
      .map((answer) => answer.said)
      .filter((words) => words !== '')
      .join(' ');
    await session.ticksUntil('the next connection', () => upstream.lines[1]?.of('conversation.item.create').length);
    expect(upstream.lines[1]?.of('conversation.item.create')).toMatchObject([
      { item: { role: 'assistant', content: [{ type: 'output_text', text: said }] } },
    ]);
    await session.ticks(10);
    expect(session.answers.slice(-10).every(({ audio }) => audio === null)).toBe(true);
    expect(session.troubles.join('\n')).toMatch(/silent until it is back.*\n.*is back/);
  });

  it('stalls in the middle of an answer: it is given up after 10 s of ticks, and connected to anew', async () => {
    const line = await speaking();
    await session.ticksUntil('a word about it', () => session.troubles.some((words) => words.includes('stalled')));
    await until('the end of the line', () => line.closed);
    await session.ticksUntil('the next connection', () => upstream.lines.length === 2);
  });

  it('never greets, and never answers the handshake', async () => {
    upstream.onConnect = () => true;
    await session.ticksUntil('a word about it', () => session.troubles.some((words) => words.includes('session.created')));
    expect(session.answers.every(({ audio }) => audio === null)).toBe(true);
  });

  it('shows no sign of life', async () => {
    const line = await connected();
    line.stopReading();
    await session.ticksUntil('a word about it', () => session.troubles.some((words) => /no sign of life|does not read/.test(words)));
  });

  it('floods with events, and is cut off', async () => {
    const line = await connected();
    for (let event = 0; event < 30_000; event += 1) line.raw('{"type":"rate_limits.updated","rate_limits":[]}');
    await session.ticksUntil('a word about it', () => session.troubles.some((words) => words.includes('floods')));
    await until('the end of the line', () => line.closed);
  });

  it('floods with sound, and is cut off', async () => {
    const line = await connected();
    line.begin('r1', 'i1');
    line.say('r1', 'i1', { ms: 130_000 });
    await session.ticksUntil('a word about it', () => session.troubles.some((words) => words.includes('two minutes')));
    await until('being told to stop', () => line.of('response.cancel').length === 1);
    expect((await session.ticks(3)).every(({ audio }) => audio === null)).toBe(true);
  });

  it('sends one huge frame', async () => {
    const line = await connected();
    line.raw(JSON.stringify({ type: 'response.output_audio.delta', delta: 'A'.repeat(6_000_000) }));
    await session.ticksUntil('a word about it', () => session.troubles.some((words) => words.includes('the connection failed')));
  });

  it.each([
    ['bytes', Uint8Array.of(1, 2, 3)],
    ['no JSON', '{"type":'],
    ['no object', '"hello"'],
    ['a prototype', '{"__proto__":{"type":"response.created"}}'],
    ['deep nesting', '['.repeat(100_000)],
    ['wrong types', '{"type":"response.created","response":"r"}'],
    ['long ids', JSON.stringify({ type: 'response.created', response: { id: 'x'.repeat(1_000) } })],
  ])('sends garbage (%s), which is told of and does no harm', async (_, garbage) => {
    const line = await connected();
    line.raw(garbage);
    await session.ticksUntil('a word about it', () => session.troubles.length > 0);
    line.begin('r1', 'i1');
    line.say('r1', 'i1', { ms: 400 });
    await session.ticksUntil('sound all the same', () => session.answers.some((answer) => answer.audio !== null));
    expect(session.troubles).toHaveLength(1);
  });

  it('sends sound at another rate, or that is none', async () => {
    const line = await connected();
    line.begin('r1', 'i1');
    line.send({ type: 'response.output_audio.delta', response_id: 'r1', item_id: 'i1', delta: soundOf(1, 5).slice(1) });
    await session.ticksUntil('a word about it', () => session.troubles.some((words) => words.includes('PCM16')));
    upstream.onEvent = (one, event) => {
      if (event.type !== 'session.update') return false;
      one.send({
        type: 'session.updated',
        session: { type: 'realtime', audio: { output: { format: { type: 'audio/pcm', rate: 16_000 } } } },
      });
      return true;
    };
    line.die();
    await session.ticksUntil('a word about that', () => session.troubles.some((words) => words.includes('silent until')));
    await session.ticks(60);
    expect(session.answers.every(({ audio }) => audio === null)).toBe(true);
  });

  it('refuses the connection, and does not get the key told on: the words name the setting to look at', async () => {
    upstream.refuses = 401;
    await session.ticksUntil('a word about it', () => session.troubles.length > 0);
    expect(session.troubles).toEqual([expect.stringMatching(/HTTP 401.*WHEELHOUSE_UPSTREAM_KEY/)]);
  });

  it('repeats the key in its errors: nobody is shown it', async () => {
    const line = await connected();
    line.send({
      type: 'error',
      error: { type: 'invalid_request_error', message: `the key ${KEY} is\nno good, sk-abcdefgh12345678 neither` },
    });
    await session.ticksUntil('a word about it', () => session.troubles.length > 0);
    expect(session.troubles).toEqual(['upstream: it reports an error: the key [secret] is no good, [secret] neither']);
  });

  it('is not reached at all: the session is silent, is told once, and goes on when it comes back', async () => {
    const { port } = upstream;
    await upstream.close();
    await session.ticks(20);
    expect(session.troubles).toHaveLength(1);
    upstream = await HostileUpstream.start(null, port);
    await session.ticksUntil('the connection', () => upstream.lines[0]?.heardMs);
    await session.ticksUntil('a word about it', () => session.troubles.length === 2);
  });

  it('hears of a session that comes back what was said in it', async () => {
    await speaking();
    const said = session.answers
      .map((answer) => answer.said)
      .filter((words) => words !== '')
      .join(' ');
    session.stream.close();
    session = new Session(engine);
    await session.ticksUntil('the next connection', () => upstream.lines[1]?.of('conversation.item.create').length);
    expect(upstream.lines[1]?.of('conversation.item.create')).toMatchObject([{ item: { content: [{ text: said }] } }]);
    expect((await session.ticks(5)).every(({ audio }) => audio === null)).toBe(true);
    const other = new Session(engine, 'another session');
    await other.ticksUntil('its connection', () => upstream.lines[2]?.heardMs);
    expect(upstream.lines[2]?.of('conversation.item.create')).toEqual([]);
    other.stream.close();
  });
});
