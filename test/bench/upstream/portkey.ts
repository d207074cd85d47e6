import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { freePort } from '@wheelhouse/installation/free-port';
import { until } from '../../harness/until.ts';
import { installPeers } from '../peers/install-peers.ts';

const PROGRAM = path.resolve(import.meta.dirname, '../peers/node_modules/@portkey-ai/gateway/build/start-server.js');

/** Where its realtime proxy is reached, and with what headers it is sent on to our upstream. */
export type Portkey = { readonly url: string; readonly headers: Record<string, string>; readonly end: () => void };

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/**
 * The gateway on Node, in front of an upstream on `upstreamPort`. Its realtime route takes the address of its provider, and only some providers'
 * may be given: those that are run by oneself. It hands every message on as it is.
 */
export async function startPortkey(upstreamPort: number): Promise<Portkey> {
  installPeers();
  if (!existsSync(PROGRAM)) throw new Error('@portkey-ai/gateway is not installed');
  const port = await freePort();
  const child = spawn(process.execPath, [PROGRAM, '--headless', `--port=${port}`], {
    stdio: 'ignore',
    env: { ...process.env, NODE_ENV: 'production', TRUSTED_CUSTOM_HOSTS: '127.0.0.1' },
  });
  const end = () => {
    child.kill('SIGKILL');
  };
  try {
    await until('the gateway', () => isListening(port), 30_000);
  } catch (error) {
    end();
    throw error;
  }
  const config = { provider: 'ollama', custom_host: `http://127.0.0.1:${upstreamPort}/v1/realtime`, api_key: 'bench' };
  const headers = { 'x-portkey-config': JSON.stringify(config) };
  return { url: `ws://127.0.0.1:${port}/v1/realtime?model=echo`, headers, end };
}
