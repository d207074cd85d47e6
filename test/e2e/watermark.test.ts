import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { writeWav } from '@wheelhouse/engine/wav';
import type { PolicyBundle } from '@wheelhouse/protocol/policy';
import { SAMPLE_RATE } from '@wheelhouse/protocol/tick';
import { bytesOfBase64, samplesOfBytes } from '@wheelhouse/realtime/audio-base64';
import { PolicyClient } from '@wheelhouse/sdk/policy-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chamber } from '../harness/chamber.ts';
import { Listener } from '../harness/listener.ts';
import { RealtimeLine } from '../harness/realtime-line.ts';
import { samplesIn, together } from '../harness/sound.ts';
import { until } from '../harness/until.ts';

const MAIN = path.resolve(import.meta.dirname, '../../apps/cli/src/main.ts');
const SENTENCE =
  'The small boats slip out between the stone walls while the lamps are still lit and by the time the baker opens her shop the first catch is on the quay';
/** What the two doors send, in samples a second. */
const RATES = { stream: SAMPLE_RATE, realtime: 24_000 } as const;

/** The bundle with the mark asked for wherever output waits. */
function marking(bundle: PolicyBundle): PolicyBundle {
  const policies = Object.entries(bundle.policies).map(([file, text]): [string, string] => [
    file,
    text.replace('@holdBack("1")', '@holdBack("1")\n@watermark("true")'),
  ]);
  return { ...bundle, name: 'marking', policies: Object.fromEntries(policies) };
}

describe('the mark of a machine on what a client hears', () => {
  let chamber: Chamber;
  let folder = '';

  beforeAll(async () => {
    chamber = await Chamber.open(3);
    folder = mkdtempSync(path.join(tmpdir(), 'wheelhouse-watermark-'));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await chamber.dispose();
  });

  const detect = (...args: string[]): Promise<{ exit: number; out: string; err: string }> =>
    new Promise((resolve) => {
      const env = { ...process.env, WHEELHOUSE_DATA: chamber.server.dataFolder };
      execFile(process.execPath, [MAIN, 'watermark', 'detect', ...args], { env, timeout: 60_000 }, (error, out, err) => {
        resolve({ exit: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err });
      });
    });

  /** Writes down what a client at a door hears of one answer. */
  const record = async (door: keyof typeof RATES, name: string): Promise<string> => {
    const file = path.join(folder, `${name}-${door}.wav`);
    writeFileSync(file, writeWav(await (door === 'stream' ? overStream() : overRealtime()), RATES[door]));
    return file;
  };
  const overStream = async (): Promise<Int16Array> => {
    const listener = await Listener.attach(await chamber.person(0).api.openSession({ deployment: 'relay', level: 3 }));
    listener.client.sendText(SENTENCE);
    await until('the end of the answer', () => listener.engine.some(({ type }) => type === 'turn_ended'));
    listener.client.end();
    await until('the end', () => listener.closed);
    return together(listener.audioFrames().map(({ payload }) => samplesIn(payload)));
  };
  const overRealtime = async (): Promise<Int16Array> => {
    const { key } = await chamber.server.key(chamber.person(0), ['sessions:open', 'sessions:read']);
    const line = await RealtimeLine.open(chamber.server.streamUrl, key);
    line.ask(SENTENCE);
    await line.told('response.done');
    line.close();
    return together(
      line
        .all('response.output_audio.delta')
        .map(({ delta }) => samplesOfBytes(bytesOfBase64(delta) ?? new Uint8Array(0)) ?? new Int16Array(0)),
    );
  };

  it('is not there where policy does not ask for it', async () => {
    for (const door of ['stream', 'realtime'] as const) {
      const file = await record(door, 'plain');
      expect(statSync(file).size).toBeGreaterThan(5 * 2 * RATES[door]);
      const looked = await detect(file);
      expect(looked).toMatchObject({ exit: 1, err: '' });
      expect(looked.out).toMatch(/^The mark was not found in .*\nScore \d/);
    }
  });

  it('is there where policy asks for it, in what the tick protocol and the OpenAI protocol carry', async () => {
    const policy = new PolicyClient(chamber.server.url, { cookie: chamber.person(0).cookie });
    const { bundle } = await policy.policy();
    if (bundle === null) throw new Error('no bundle is in force');
    const { digest, text } = await policy.check(marking(bundle));
    const act = { power: 'policy.change', bundle: digest ?? '', text: text ?? '' } as const;
    expect(await chamber.decide(chamber.person(0), act, [chamber.person(1)])).toMatchObject({ state: 'executed' });
    for (const door of ['stream', 'realtime'] as const) {
      const file = await record(door, 'marked');
      const looked = await detect(file);
      expect(looked).toMatchObject({ exit: 0, err: '' });
      expect(looked.out).toMatch(/^The mark is in .*clearest between 0:0/);
      const json: unknown = JSON.parse((await detect(file, '--json')).out);
      expect(json).toMatchObject({ found: true, falseAlarms: 1e-6 });
    }
  });

  it("is another installation's business: another key does not find it, and no key nothing", async () => {
    const marked = path.join(folder, 'marked-stream.wav');
    const own = path.join(chamber.server.dataFolder, 'keys/watermark.key');
    expect(statSync(own).mode & 0o077).toBe(0);
    expect(readFileSync(own, 'utf8')).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
    const other = path.join(folder, 'other.key');
    writeFileSync(other, Buffer.alloc(32, 7).toString('base64'));
    expect(await detect(marked, '--key-file', other)).toMatchObject({ exit: 1 });
    expect(await detect(marked, '--key-file', own)).toMatchObject({ exit: 0 });
    writeFileSync(other, 'short');
    const unreadable = await detect(marked, '--key-file', other);
    expect(unreadable).toMatchObject({ exit: 2, out: '' });
    expect(unreadable.err).toMatch(/not 32 bytes in base64/);
  });

  it.each([
    ['no file', 'none.wav', null],
    ['no WAV file', 'text.wav', Buffer.from('hello')],
    ['sound with too few samples a second', 'slow.wav', writeWav(new Int16Array(4000), 4000)],
  ])('can not be looked for in %s', async (_, name, bytes) => {
    const file = path.join(folder, name);
    if (bytes !== null) writeFileSync(file, bytes);
    const looked = await detect(file);
    expect(looked).toMatchObject({ exit: 2, out: '' });
    expect(looked.err).toContain(name);
  });
});
