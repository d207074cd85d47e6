import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Listener } from '../harness/listener.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';
import { speak, tone } from '../harness/speech.ts';
import { until } from '../harness/until.ts';

const HOOK = path.resolve(import.meta.dirname, '../harness/crash-hook.ts');
const CLI = path.resolve(import.meta.dirname, '../../apps/cli/src/main.ts');

describe('a stream thread that dies', () => {
  let server: TestServer;
  let operator: SignedIn;

  beforeAll(async () => {
    server = await TestServer.start();
    operator = await server.firstOperator();
    await server.stop();
    await server.run(['--import', HOOK]);
  });
  afterAll(() => server.dispose());

  /** As a client does: again and again, until the new thread listens. */
  const attachWhenUp = (session: string) =>
    until('the new thread', async () => Listener.attach(await operator.api.ticket(session)).catch(() => null));

  it('takes its connections with it, and nothing else: sessions wait, latches hold, and the record names the gap', async () => {
    const speaking = await operator.api.openSession({ deployment: 'echo' });
    const stopped = await operator.api.openSession({ deployment: 'echo' });
    const live = await Listener.attach(speaking);
    const silenced = await Listener.attach(stopped);
    speak(live.client, tone(20_000));
    speak(silenced.client, tone(20_000));
    await until('sound on both', () => live.audioFrames().length > 8 && silenced.audioFrames().length > 8);
    const order = randomUUID();
    await operator.api.order({
      id: order,
      kind: 'stop',
      scope: { type: 'session', session: stopped.session.id },
      reason: 'before the crash',
    });

    process.kill(server.pid, 'SIGUSR2');
    await until('both cut off', () => live.closed !== null && silenced.closed !== null);
    await until('both waiting', async () => {
      const { items } = await operator.api.sessions('?state=waiting');
      return items.length === 2;
    });

    const again = await attachWhenUp(speaking.session.id);
    const still = await attachWhenUp(stopped.session.id);
    speak(again.client, tone(10_000));
    speak(still.client, tone(10_000));
    await until('sound again', () => again.audioFrames().length > 8);
    expect(still.fromEngine).toEqual([]);
    expect(still.gateEvent('ready')?.latched).toEqual(['stop']);
    // Numbers go on; none is used twice.
    expect(again.fromEngine[0]?.frame.header.sequence).toBeGreaterThan(live.lastSequence);

    again.client.end();
    await until('the end', () => again.closed);
    await server.stop();
    const { stdout } = await promisify(execFile)(process.execPath, [CLI, 'verify'], { env: { ...process.env, ...server.env } });
    expect(stdout).toMatch(/^Verified/m);
    expect(stdout).toMatch(/up to 25 ticks/);
  });
});
