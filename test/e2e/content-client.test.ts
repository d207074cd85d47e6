import { randomUUID } from 'node:crypto';
import { WAV_HEADER_BYTES } from '@wheelhouse/content/wav';
import { TICK_MS } from '@wheelhouse/protocol/tick';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Listener } from '../harness/listener.ts';
import { refused } from '../harness/refused.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { recording, speak } from '../harness/speech.ts';
import { until } from '../harness/until.ts';

const RECORD = { what: ['audio', 'transcript'], retention: 'regulated', consent: 'form 7' } as const;

describe("the client's way to recorded content", () => {
  let server: TestServer;
  let ada: SignedIn;
  let ben: SignedIn;
  let session = '';
  let subject = '';

  beforeAll(async () => {
    server = await TestServer.start();
    ada = await server.firstOperator();
    ben = await server.person(ada, 'reviewer');
    const request = { deployment: 'relay', subject: 'customer 1', record: { ...RECORD, what: [...RECORD.what] } };
    const listener = await Listener.attach(await ada.api.openSession(request));
    session = listener.client.session;
    await speak(listener.client, recording('short.wav')).done;
    await until('something said', () => listener.said.length > 0);
    listener.client.end();
    await until('the pieces', async () => {
      const { pieces } = await ben.api.content(session);
      return ['audio-in', 'audio-out', 'transcript'].every((kind) => pieces.some(({ what }) => what === kind));
    });
    subject = (await ben.api.content(session)).subject;
  });
  afterAll(() => server.dispose());

  it('lists what is kept, streams the sound and gives the words', async () => {
    expect((await ben.api.session(session)).recorded).toEqual(['audio', 'transcript']);
    const { lengthMs } = await ben.api.content(session);
    for (const [track, channels] of [
      ['in', 1],
      ['both', 2],
    ] as const) {
      let bytes = 0;
      for await (const chunk of await ben.api.recording(session, track)) bytes += chunk.length;
      expect(bytes).toBe(WAV_HEADER_BYTES + (lengthMs / TICK_MS) * 6400 * channels);
    }
    const { lines } = await ben.api.transcript(session);
    expect(lines.map(({ who }) => who)).toContain('heard');
    const { items } = await ben.api.search('?kind=content.read');
    expect(items.map(({ fields }) => fields['data.what'])).toEqual(['transcript', 'audio-in, audio-out', 'audio-in']);
  });

  it('places holds and has another person lift them', async () => {
    const hold = await ada.api.placeHold({ id: randomUUID(), session, reason: 'a lawsuit' });
    expect((await ben.api.holds()).map(({ id }) => id)).toEqual([hold.id]);
    expect(await refused(ada.api.liftHold(hold.id, 'over'))).toBe('same_person');
    expect((await ben.api.liftHold(hold.id, 'over')).liftedAt).not.toBeNull();
  });

  it('asks for erasures, takes them back, and has another person confirm them', async () => {
    const first = await ada.api.askErasure({ id: randomUUID(), subject, reason: 'by mistake' });
    expect((await ada.api.withdrawErasure(first.id)).state).toBe('withdrawn');
    const next = await ada.api.askErasure({ id: randomUUID(), subject, reason: 'they asked' });
    expect((await ben.api.erasures('waiting')).map(({ id }) => id)).toEqual([next.id]);
    expect(await refused(ada.api.confirmErasure(next.id))).toBe('same_person');
    expect((await ben.api.confirmErasure(next.id)).state).toBe('confirmed');
    expect((await ben.api.erasures()).map(({ state }) => state)).toEqual(['confirmed', 'withdrawn']);
    expect(await refused(ben.api.recording(session))).toBe('erased');
    expect(await refused(ben.api.transcript(session))).toBe('erased');
  });

  it('sees no mark of a recording on what is not recorded', async () => {
    const plain = await ada.api.openSession({ deployment: 'echo' });
    expect(plain.session.recorded).toEqual([]);
    expect((await ada.api.sessions()).items.map(({ id, recorded }) => [id, recorded])).toEqual([
      [plain.session.id, []],
      [session, ['audio', 'transcript']],
    ]);
  });
});
