import { randomUUID } from 'node:crypto';
import { encodeFrame, FRAME_MAX_BYTES, type FrameHeader } from '@wheelhouse/protocol/frame';
import type { StreamErrorCode } from '@wheelhouse/protocol/stream-event';
import { Rest } from '@wheelhouse/sdk/rest';
import { handBack, superviseTicket } from '@wheelhouse/sdk/supervision-client';
import { WAV_HEADER_BYTES } from '@wheelhouse/content/wav';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerOf, engineOf, HostileEngine } from '../harness/hostile-engine.ts';
import { ContentCaller } from '../harness/content-caller.ts';
import { Listener } from '../harness/listener.ts';
import { OperatorLine } from '../harness/operator-line.ts';
import { refused } from '../harness/refused.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { holds, samplesIn, together } from '../harness/sound.ts';
import { recording, speak, tone } from '../harness/speech.ts';
import { Supervising } from '../harness/supervising.ts';
import { until } from '../harness/until.ts';

const audio = new Uint8Array(640);
const head = (session: string, change: Partial<FrameHeader> = {}): FrameHeader => ({
  ...{ kind: 'audio', source: 'human', sampleRate: 16_000, tick: 0, sequence: 1, timestamp: 0, session },
  ...change,
});
const event = (session: string, text: string) => encodeFrame(head(session, { kind: 'event', sampleRate: 0 }), Buffer.from(text));

/** Every way in which a supervisor's first frame can be wrong, and the code that it gets. */
const BAD: readonly [StreamErrorCode, string, (session: string) => Uint8Array<ArrayBuffer> | string][] = [
  ['not_binary', 'text where binary belongs', () => 'hello'],
  ['frame_too_short', 'half a header', () => new Uint8Array(20)],
  ['frame_too_large', 'more than a frame holds', () => new Uint8Array(FRAME_MAX_BYTES + 1)],
  ['frame_source', 'the client itself', (session) => encodeFrame(head(session, { source: 'client' }), audio)],
  ['frame_source', 'the engine itself', (session) => encodeFrame(head(session, { source: 'engine' }), audio)],
  ['frame_kind', 'text', (session) => encodeFrame(head(session, { kind: 'text' }), Buffer.from('hello'))],
  ['frame_kind', 'a picture', (session) => encodeFrame(head(session, { kind: 'video' }), Buffer.from('GIF89a'))],
  ['wrong_session', 'another session', () => encodeFrame(head(randomUUID()), audio)],
  ['out_of_order', 'a frame too far ahead', (session) => encodeFrame(head(session, { sequence: 5 }), audio)],
  ['replayed', 'a frame of before', (session) => encodeFrame(head(session, { sequence: 0 }), audio)],
  ['sample_rate', '48 kHz', (session) => encodeFrame(head(session, { sampleRate: 48_000 }), audio)],
  ['odd_audio', 'half a sample', (session) => encodeFrame(head(session), new Uint8Array(641))],
  ['bad_event', 'an unknown event', (session) => event(session, '{"type":"reboot"}')],
  ['bad_event', 'an unknown verb', (session) => event(session, '{"type":"verb","verb":"coach"}')],
  ['bad_event', 'an event that is not JSON', (session) => event(session, '{{{')],
  ['bad_event', 'guidance without words', (session) => event(session, '{"type":"whisper","text":""}')],
  ['not_speaking', 'sound from somebody who only listens', (session) => encodeFrame(head(session), audio)],
];

describe('what a supervisor sends', () => {
  let server: TestServer;
  let ada: SignedIn;
  let ben: SignedIn;
  let session = '';
  let listener: Awaited<ReturnType<typeof Listener.attach>>;

  beforeAll(async () => {
    server = await TestServer.start();
    ada = await server.firstOperator();
    ben = await server.person(ada, 'operator');
    const attachment = await ada.api.openSession({ deployment: 'echo' });
    session = attachment.session.id;
    listener = await Listener.attach(attachment);
  });
  afterAll(() => server.dispose());

  it.each(BAD)('gets %s for %s, and reaches nobody', async (code, _what, bad) => {
    const supervisor = await Supervising.join(server, ben, session);
    supervisor.client.sendRaw(bad(session));
    const told = await supervisor.told('error');
    expect(told.code).toBe(code);
    expect(told.fatal).toBe(code === 'frame_too_large');
    // Their own count does not know of the frame: they go without a word.
    if (!told.fatal) supervisor.client.close();
    await until('the end', () => supervisor.over);
    expect(listener.frames.some(({ frame }) => frame.header.source === 'human')).toBe(false);
  });

  it('ends the connection of one who goes on with it, and of one who shouts too much', async () => {
    const supervisor = await Supervising.join(server, ben, session);
    for (let i = 0; i < 30; i += 1) supervisor.client.sendRaw('hello');
    await until('the end', () => supervisor.over);
    expect(supervisor.client.closed?.code).toBe(1008);
    const loud = await Supervising.join(server, ben, session);
    await loud.client.verb({ verb: 'barge' });
    for (let i = 0; i < 30; i += 1) loud.client.speak(new Int16Array(16_000));
    await loud.told('error', ({ code }) => code === 'too_much_audio');
    await until('the end', () => loud.over);
  });

  it('is bounded: commands by the hundred are refused, and the ninth supervisor is', async () => {
    const supervisor = await Supervising.join(server, ben, session);
    const asked = await Promise.allSettled(Array.from({ length: 60 }, () => supervisor.client.verb({ verb: 'monitor' })));
    expect(asked.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(20);
    const others = await Promise.all(Array.from({ length: 7 }, () => Supervising.join(server, ada, session)));
    expect(await refused(superviseTicket(new Rest(server.url, ben), session))).toBe('conflict');
    for (const { client } of [supervisor, ...others]) client.leave();
    await until('them to be gone', async () => (await ada.api.session(session)).supervisors?.length === 0);
  });
});

/** What a client got of a human's voice. */
function humanIn({ frames }: Listener): Int16Array {
  const own = frames.filter(({ frame: { header } }) => header.source === 'human');
  return together(own.map(({ frame: { payload } }) => samplesIn(payload)));
}

describe('what stays of a human in a session', () => {
  let server: TestServer;
  let ada: SignedIn;
  let ben: SignedIn;

  beforeAll(async () => {
    server = await TestServer.start();
    ada = await server.firstOperator();
    ben = await server.person(ada, 'operator');
  });
  afterAll(() => server.dispose());

  it('is part of what the client heard, where the session is recorded', async () => {
    const record = { what: ['audio'], retention: 'regulated', consent: 'a test' } as const;
    const attachment = await ada.api.openSession({ deployment: 'echo', record: { ...record, what: ['audio'] } });
    const { id } = attachment.session;
    const listener = await Listener.attach(attachment);
    const person = tone(2500);
    const speech = recording('short.wav');
    const supervisor = await Supervising.join(server, ben, id);
    await supervisor.client.verb({ verb: 'take_over' });
    await Promise.all([speak(listener.client, person).done, supervisor.say(speech).done]);
    await until('the human', () => holds(humanIn(listener), speech));
    listener.client.end();
    await until('the end', () => listener.closed);
    const caller = new ContentCaller(server, await server.person(ada, 'reviewer'));
    const pieces = () => caller.content(id).then(({ pieces: some }) => some.filter(({ what }) => what === 'audio-out').length > 0);
    await until('the recording', pieces);
    const heard = samplesIn((await caller.wav(id, 'out')).subarray(WAV_HEADER_BYTES));
    expect(holds(heard, speech)).toBe(true);
    expect(holds(samplesIn((await caller.wav(id, 'in')).subarray(WAV_HEADER_BYTES)), speech)).toBe(false);
  });

  it('is what the engine is told also when the server was restarted before the second person agreed', async () => {
    const attachment = await ada.api.openSession({ deployment: 'relay' });
    const { id } = attachment.session;
    await Listener.attach(attachment);
    const supervisor = await Supervising.join(server, ben, id);
    await supervisor.client.verb({ verb: 'take_over' });
    const { release, kept } = await handBack(new Rest(server.url, ben), id, { id: randomUUID(), summary: 'a summary of it all' });
    expect(kept).toBe('stored');
    await server.stop();
    await server.run();
    await ada.api.confirmRelease(release.id);
    const again = await Listener.attach(await ada.api.ticket(id));
    const search = `?kind=session.handed_back&session=${id}`;
    await until('the engine to be told', async () => (await ada.api.search(search)).items[0]);
    again.client.sendText('hello');
    await until('the guidance', () => /human colleague/i.test(again.said.join(' ')));
    again.client.end();
  });

  it('is asked for by an engine: recorded, told to those who may join, and over when somebody comes', async () => {
    const attachment = await ada.api.openSession({ deployment: 'echo' });
    const { id } = attachment.session;
    const hostile = await HostileEngine.take(server, ada);
    const told: { said: readonly unknown[]; whispers: readonly string[] }[] = [];
    hostile.onTick = ({ slot, input, say }) => {
      if (input.extra !== undefined && input.extra.said.length > 0) told.push({ said: input.extra.said, whispers: input.whispers });
      say(answerOf(slot, { tick: input.tick, extra: { calls: [], turnEnded: false, help: 'I can not read this invoice' } }));
    };
    const line = await OperatorLine.open(server.url, { cookie: ben.cookie });
    const listener = await Listener.attach(attachment);
    speak(listener.client, tone(2000));
    await line.next('alarm', ({ data }) => data.code === `help_asked:${id}` && data.raised && data.path === `/sessions/${id}`);
    await line.next('supervision', ({ data }) => data.help?.text === 'I can not read this invoice');
    const entry = await until('the record', async () => (await ada.api.search(`?kind=help.asked&session=${id}`)).items[0]);
    expect(JSON.stringify(entry)).not.toContain('invoice');
    const supervisor = await Supervising.join(server, ben, id);
    await line.next('alarm', ({ data }) => data.code === `help_asked:${id}` && !data.raised);
    // Any engine is told what happened while it was not heard.
    const order = randomUUID();
    await supervisor.client.verb({ verb: 'take_over', order });
    const { release } = await handBack(new Rest(server.url, ben), id, { id: randomUUID(), summary: 'He paid.' });
    await ada.api.confirmRelease(release.id);
    const [handed] = await until('the engine to be told', () => (told.length > 0 ? told : null));
    expect(handed?.said).toEqual([{ who: 'human', text: 'He paid.' }]);
    expect(handed?.whispers.join(' ')).toMatch(/do not greet/i);
    expect(told).toHaveLength(1);
    hostile.close();
    await until('the real engine', async () => (await engineOf(server, ada)).up);
    supervisor.client.leave();
    listener.client.end();
    line.close();
  });
});
