import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { promisify } from 'node:util';
import type { KeyScope } from '@wheelhouse/protocol/identity';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate, type TestCertificate } from '../harness/certificate.ts';
import { fragmentsOf } from '../harness/doc-fragments.ts';
import { type SignedIn, TestServer } from '../harness/server.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

/** What the pages leave to their reader. The program ends well once all that `WANTED` names has happened. */
const READER = `
const done = new Set();
const note = (what) => {
  done.add(what);
  if (WANTED.every((each) => done.has(each))) process.exit(0);
};
process.on('exit', () => {
  if (!WANTED.every((each) => done.has(each))) process.exitCode = 1;
});
const play = (sound) => note(sound.length > 0 ? 'played' : 'played nothing');
const dropWhatWasNotPlayed = () => note('dropped');
const record = (who, sound) => note(sound.length > 0 ? 'recorded ' + who : 'recorded nothing');
`;

const SPEAKS_LIVE = `
live.on('session.started', () => {
  live.send({ type: 'session.commentary.append', content: 'Good morning to all of you.', delegation_id: null });
  setInterval(() => live.send({ type: 'session.input_audio.append', audio: Buffer.alloc(4800, 40).toString('base64') }), 100);
});
`;

describe('the programs in docs/realtime.md and docs/live.md', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'wheelhouse-fragment-'));
  const [openai = '', agents = '', ...noMore] = fragmentsOf('realtime.md');
  const [live = '', sideband = '', ...nothing] = fragmentsOf('live.md');
  let certificate: TestCertificate;
  let server: TestServer;
  let admin: SignedIn;

  beforeAll(async () => {
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
    certificate = await makeCertificate();
    setDefaultCACertificates([...getCACertificates('default'), certificate.cert]);
    server = await TestServer.start({ WHEELHOUSE_TLS_CERT: certificate.certFile, WHEELHOUSE_TLS_KEY: certificate.keyFile });
    admin = await server.firstOperator();
  });
  afterAll(async () => {
    await server.dispose();
    certificate.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The text with this server's address and a key in the places that the page shows by example. */
  async function filled(text: string, scopes: KeyScope[]): Promise<string> {
    const { host } = new URL(server.streamUrl);
    const { key } = await server.key(admin, scopes);
    return text
      .replaceAll(/(https|wss):\/\/voice\.example\.org:7401/g, `$1://${host}`)
      .replaceAll('http://localhost:7401', `https://${host}`)
      .replaceAll('process.env.WHEELHOUSE_KEY', `'${key}'`)
      .replaceAll('wh_…', key);
  }

  /** Runs a program as it is shown, among what its reader has; rejects unless it ends well. */
  async function runs(text: string, wanted: readonly string[], scopes: KeyScope[] = ['sessions:open']): Promise<string> {
    const file = path.join(folder, 'fragment.mjs');
    writeFileSync(file, `const WANTED = ${JSON.stringify(wanted)};\n${READER}\n${await filled(text, scopes)}`);
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: certificate.certFile };
    return (await run(process.execPath, [file], { env, cwd: folder, timeout: 60_000 })).stderr;
  }

  it('are two on each page', () => {
    for (const text of [openai, agents, live, sideband]) expect(text).toContain('import ');
    expect([...noMore, ...nothing]).toEqual([]);
  });

  it('with openai: what is typed is answered in sound, without an error', async () => {
    expect(await runs(openai, ['played'])).toBe('');
  });

  it('with @openai/agents-realtime: the session connects, and its answer is heard', async () => {
    const listens = `session.on('audio', ({ data }) => play(new Uint8Array(data)));\nsession.sendMessage('Good morning');`;
    expect(await runs(`${agents}\n${listens}`, ['played'])).toBe('');
  });

  it('with LiveWS: the session starts and speaks', async () => {
    expect(await runs(`${live}\n${SPEAKS_LIVE}`, ['played'])).toContain('wheelhouse.ready');
  });

  it('with SidebandWS: it hears the person, and its mute makes the client drop what it has not played', async () => {
    const named = `const session_id = await new Promise((resolve) => live.on('session.started', ({ session }) => resolve(session.id)));`;
    const told = await runs(
      [live, SPEAKS_LIVE, named, sideband].join('\n'),
      ['recorded person', 'dropped'],
      ['sessions:open', 'orders:give'],
    );
    expect(told).toContain('wheelhouse.flush');
  });

  it('a program that is wrong does not pass', async () => {
    await expect(runs(openai.replace("model: 'relay'", "model: 'nobody'"), ['played'])).rejects.toThrow();
  });
});
