import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { FoundEntry } from '@wheelhouse/protocol/export';
import { Rest } from '@wheelhouse/sdk/rest';
import { handBack, superviseTicket, SupervisionClient, supervisionOf } from '@wheelhouse/sdk/supervision-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Listener } from '../harness/listener.ts';
import { OperatorLine } from '../harness/operator-line.ts';
import { refused } from '../harness/refused.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { holds, samplesIn, together } from '../harness/sound.ts';
import { recording, speak, tone } from '../harness/speech.ts';
import { Supervising } from '../harness/supervising.ts';
import { until } from '../harness/until.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const now = () => performance.now();

describe('a human in a live session', () => {
  let server: TestServer;
  let ada: SignedIn;
  let ben: SignedIn;

  beforeAll(async () => {
    // Several threads: supervisors and sessions meet on different ones.
    server = await TestServer.start({ WHEELHOUSE_STREAM_THREADS: '3' });
    ada = await server.firstOperator();
    ben = await server.person(ada, 'operator');
  });
  afterAll(() => server.dispose());

  const open = async (deployment = 'relay') => {
    const attachment = await ada.api.openSession({ deployment });
    return { id: attachment.session.id, listener: await Listener.attach(attachment) };
  };
  const entries = async (kind: string, session: string): Promise<FoundEntry[]> =>
    (await ada.api.search(`?kind=${kind}&session=${session}&limit=100`)).items;
  const human = ({ frames }: Listener) => frames.map(({ frame }) => frame).filter(({ header }) => header.source === 'human');
  const heardFrom = (listener: Listener) => together(human(listener).map(({ payload }) => samplesIn(payload)));
  const understood = (listener: Listener) =>
    listener.engine.flatMap((event) => (event.type === 'heard' && event.final ? [event.text.toLowerCase()] : [])).join(' ');

  it('monitors in silence: hears both directions, reads what is said, and reaches nobody', async () => {
    const { id, listener } = await open();
    const line = await OperatorLine.open(server.url, { cookie: ben.cookie });
    const supervisor = await Supervising.join(server, ben, id);
    const speech = recording('short.wav');
    speak(listener.client, speech);
    await until('speech in reply', () => listener.audioFrames().length >= 5);
    await until('what the person said', () => holds(supervisor.sound('client'), speech));
    const replied = together(listener.audioFrames().map(({ payload }) => samplesIn(payload)));
    await until('what the engine said', () => holds(supervisor.sound('engine'), replied));
    await supervisor.told('transcript', ({ lines }) => lines.some(({ who, text }) => who === 'heard' && /hello/i.test(text)));
    expect(supervisor.sound('human').length).toBe(0);

    // Nothing of it reaches the client, nor any caller who may not join.
    expect(human(listener)).toEqual([]);
    expect((await ada.api.session(id)).supervisors).toMatchObject([{ verb: 'monitor' }]);
    const key = await server.key(ada, ['sessions:read', 'sessions:open']);
    expect((await key.api.session(id)).supervisors).toBeUndefined();
    await line.next('supervision', ({ data }) => data.session === id && data.supervisors.length === 1);
    const outside = await OperatorLine.open(server.url, { authorization: `Bearer ${key.key}` });
    await outside.next('welcome');

    // What they say without asking for it is dropped, and that is told, once.
    for (let i = 0; i < 30; i += 1) supervisor.client.speak(tone(40));
    await supervisor.told('error', ({ code }) => code === 'not_speaking');
    supervisor.client.leave();
    await supervisor.told('ended');
    expect(supervisor.events.filter(({ type }) => type === 'error')).toHaveLength(1);
    expect(human(listener)).toEqual([]);
    expect(outside.events.filter(({ event }) => event === 'supervision')).toEqual([]);

    const ended = await until('the end in the record', async () => (await entries('supervision.ended', id))[0]);
    const [began] = await entries('supervision.began', id);
    expect(began?.fields).toMatchObject({ 'data.verb': 'monitor', 'by.kind': 'person' });
    expect(ended.fields['cause']).toBe(began?.id);
    listener.client.end();
    line.close();
    outside.close();
  });

  it('whispers what only the engine hears', async () => {
    const { id, listener } = await open();
    const supervisor = await Supervising.join(server, ben, id);
    const order = await supervisor.client.whisper('Ben says');
    listener.client.sendText('good morning');
    await until('the guidance in the reply', () => /ben says/i.test(listener.said.join(' ')));
    expect(human(listener)).toEqual([]);
    expect((await ada.api.orderRecord(order)).kind).toBe('whisper');
    supervisor.client.leave();
    listener.client.end();
  });

  it('barges in: the person hears it, the engine hears it, and the person is still heard', async () => {
    const { id, listener } = await open();
    const supervisor = await Supervising.join(server, ben, id);
    const other = await Supervising.join(server, ada, id);
    expect(await supervisor.client.verb({ verb: 'barge' })).toMatchObject({ verb: 'barge', order: null });
    const speech = recording('refund.wav');
    await supervisor.say(speech).done;
    await until('the human in the client', () => holds(heardFrom(listener), speech));
    await until('the human in the engine', () => /order|dollars|forty|fifty/.test(understood(listener)));
    await until('the human for the others', () => holds(other.sound('human'), speech));
    expect(supervisor.sound('human').length).toBe(0);
    // One voice at a time: whoever came first.
    expect(await refused(other.client.verb({ verb: 'barge' }))).toBe('conflict');
    expect(await supervisor.client.verb({ verb: 'monitor' })).toMatchObject({ verb: 'monitor' });
    expect(await other.client.verb({ verb: 'barge' })).toMatchObject({ verb: 'barge' });
    other.client.leave();
    supervisor.client.leave();
    speak(listener.client, recording('short.wav'));
    await until('the person in the engine', () => /hello|hear me/.test(understood(listener)));
    const numbers = human(listener).map(({ header }) => header.sequence);
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => i + 1));
    const own = listener.fromEngine.map(({ frame }) => frame.header.sequence);
    expect(own).toEqual(Array.from({ length: own.length }, (_, i) => i + 1));
    listener.client.end();
  });

  it('takes over, hands back with a summary after a second person agreed, and the engine is told', async () => {
    const { id, listener } = await open();
    const rest = new Rest(server.url, ben);
    speak(listener.client, recording('short.wav'));
    await until('the engine to speak', () => listener.audioFrames().length >= 2);
    const supervisor = await Supervising.join(server, ben, id);
    const order = randomUUID();
    expect(await supervisor.client.verb({ verb: 'take_over', order, reason: 'the refund is wrong' })).toMatchObject({ order });
    const { lastSequence } = (await ada.api.orderRecord(order)).sessions[0] ?? {};
    const speech = recording('long.wav').subarray(0, 48_000);
    const person = speak(listener.client, recording('refund.wav'));
    await supervisor.say(speech).done;
    await person.done;
    await until('the human in the place of the engine', () => holds(heardFrom(listener), speech));
    // The engine goes on listening; what it understands is withheld from the client, not from operators.
    await supervisor.told('transcript', ({ lines }) =>
      lines.some(({ who, left, text }) => who === 'heard' && !left && /order|dollar/i.test(text)),
    );
    expect(listener.lastSequence).toBe(lastSequence);
    expect((await supervisionOf(rest, id)).supervisors).toMatchObject([{ verb: 'take_over' }]);

    expect(await refused(handBack(rest, id, { id: randomUUID(), latch: randomUUID(), summary: 'x' }))).toBe('not_in_force');
    const asked = { id: randomUUID(), summary: 'The refund is fifty dollars, and it is on its way.' };
    const { release, kept } = await handBack(rest, id, asked);
    expect([release.latch, kept]).toEqual([order, 'stored']);
    expect((await handBack(rest, id, asked)).release.id).toBe(asked.id);
    expect(await refused(handBack(rest, id, { ...asked, summary: 'something else' }))).toBe('conflict');
    await pause(400);
    expect(listener.lastSequence).toBe(lastSequence);
    await ada.api.confirmRelease(release.id);
    await supervisor.told('verb', ({ verb, because }) => verb === 'monitor' && because.includes('handed back'));
    const told = await until('the engine to be told', async () => (await entries('session.handed_back', id))[0]);
    expect(told.fields).toMatchObject({ 'data.release': release.id });
    // The relay says its guidance aloud, as it does with every whisper: so it arrived.
    listener.client.sendText('and now');
    await until('the engine to go on', () => /human colleague/i.test(listener.said.join(' ')));
    supervisor.client.leave();
    listener.client.end();
  });

  it('leaves the session silent when whoever had taken it over is cut off, and says so to everybody on watch', async () => {
    const { id, listener } = await open('echo');
    const hum = speak(listener.client, tone(60_000));
    await until('sound', () => listener.audioFrames().length > 2);
    const line = await OperatorLine.open(server.url, { cookie: ada.cookie });
    const supervisor = await Supervising.join(server, ben, id);
    await supervisor.client.verb({ verb: 'take_over' });
    const last = listener.lastSequence;
    supervisor.client.close();
    const alarm = await line.next('alarm', ({ data }) => data.code === `supervisor_lost:${id}` && data.raised);
    expect(alarm.data.path).toBe(`/sessions/${id}`);
    await pause(800);
    expect(listener.lastSequence).toBe(last);
    expect((await ada.api.session(id)).latched).toContain('take_over');
    // Whoever comes next speaks under the latch that is there.
    const next = await Supervising.join(server, ada, id);
    const latches = (await ada.api.latches()).filter(({ scope }) => scope.type === 'session' && scope.session === id);
    expect(await next.client.verb({ verb: 'take_over' })).toMatchObject({ order: latches[0]?.order });
    await line.next('alarm', ({ data }) => data.code === `supervisor_lost:${id}` && !data.raised);
    hum.stop();
    next.client.leave();
    line.close();
    listener.client.end();
  });

  it('follows the session when its client attaches anew', async () => {
    const { id, listener } = await open('echo');
    const supervisor = await Supervising.join(server, ben, id);
    await supervisor.client.verb({ verb: 'barge' });
    listener.client.close();
    await supervisor.told('client', ({ attached }) => !attached);
    const seen = supervisor.events.length;
    const again = await Listener.attach(await ada.api.ticket(id));
    await supervisor.told('client', ({ attached }) => attached, seen);
    const speech = recording('short.wav');
    await supervisor.say(speech).done;
    await until('the human in the new client', () => holds(heardFrom(again), speech));
    again.client.end();
    await supervisor.told('ended');
    await until('the connection to end', () => supervisor.over);
  });

  it('lets nobody in who may not join: keys, other roles, other tenants, used and foreign tickets', async () => {
    const { id, listener } = await open('echo');
    const key = await server.key(ada, ['sessions:read', 'sessions:open', 'orders:give']);
    expect(await refused(superviseTicket(new Rest(server.url, { key: key.key }), id))).toBe('forbidden');
    for (const role of ['reviewer', 'developer'] as const)
      expect(await refused(superviseTicket(new Rest(server.url, await server.person(ada, role)), id))).toBe('forbidden');
    const stranger = await server.person(ada, 'operator', 'elsewhere');
    expect(await refused(superviseTicket(new Rest(server.url, stranger), id))).toBe('not_found');
    expect(await refused(handBack(new Rest(server.url, stranger), id, { id: randomUUID(), summary: 'x' }))).toBe('not_found');

    const rest = new Rest(server.url, ben);
    const ticket = await superviseTicket(rest, id);
    const inside = await SupervisionClient.join(ticket, now);
    await expect(SupervisionClient.join(ticket, now)).rejects.toThrow('refused');
    const other = await superviseTicket(rest, id);
    const elsewhere = other.url.replace(id, randomUUID());
    await expect(SupervisionClient.join({ ...other, url: elsewhere }, now)).rejects.toThrow('refused');
    await expect(SupervisionClient.join({ ...other, ticket: `${other.ticket}x` }, now)).rejects.toThrow('refused');
    await expect(
      SupervisionClient.join({ ...other, ticket: (await ada.api.openSession({ deployment: 'echo' })).ticket }, now),
    ).rejects.toThrow();
    inside.leave();
    listener.client.end();
    await until('the end', () => listener.closed);
    expect(await refused(superviseTicket(rest, id))).toBe('not_found');
    await expect(SupervisionClient.join(other, now)).rejects.toThrow('refused');
  });

  it('leaves a record that an auditor finds whole, with human frames in it', async () => {
    const run = promisify(execFile);
    await pause(1500);
    const env = { ...process.env, WHEELHOUSE_DATA: server.dataFolder };
    const verified = await run(process.execPath, [path.join(ROOT, 'apps/cli/src/main.ts'), 'verify', '--json'], { env }).catch(
      (error: unknown) => {
        throw new Error(JSON.stringify(error).slice(0, 4000));
      },
    );
    const report: unknown = JSON.parse(verified.stdout);
    expect(report).toMatchObject({ ok: true });
  });
});
