import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { TickAnswer, TickInput } from '@wheelhouse/protocol/engine-tick';
import { decodeToEngine, encodeFromEngine, type FromEngine } from '@wheelhouse/engine/engine-wire';
import { z } from 'zod';
import type { SignedIn, TestServer } from './server.ts';
import { until } from './until.ts';

const Status = z.object({ engine: z.object({ up: z.boolean(), pid: z.number().nullable() }) });

/** Process id of the server's engine, null while it has none; and whether it is up. */
export async function engineOf(server: TestServer, by: SignedIn): Promise<{ up: boolean; pid: number | null }> {
  const response = await fetch(`${server.url}/v1/status`, { headers: { cookie: by.cookie } });
  return Status.parse(await response.json()).engine;
}

export type Asked = {
  readonly slot: number;
  readonly input: TickInput;
  readonly say: (...messages: FromEngine[]) => void;
  readonly socket: Socket;
};

/** Stands where the server's engine stood, on its own socket, and answers as the test likes. */
export class HostileEngine {
  /** What it does with a tick; by default nothing, ever. */
  onTick: (asked: Asked) => void = () => undefined;
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #frozen: number;
  #gone = false;

  private constructor(socketPath: string, frozen: number) {
    this.#frozen = frozen;
    rmSync(socketPath, { force: true });
    this.#server = createServer((socket) => {
      this.#serve(socket);
    }).listen(socketPath);
  }

  /** Kills the real engine, freezes the one that is started in its place before it listens, and takes its socket. */
  static async take(server: TestServer, by: SignedIn): Promise<HostileEngine> {
    const { pid } = await engineOf(server, by);
    if (pid === null) throw new Error('there is no engine');
    process.kill(pid, 'SIGKILL');
    const next = await until('the next engine process', async () => {
      const { pid: now } = await engineOf(server, by);
      return now !== null && now !== pid ? now : null;
    });
    process.kill(next, 'SIGSTOP');
    return new HostileEngine(path.join(os.tmpdir(), `wheelhouse-engine-${server.pid}.sock`), next);
  }

  #serve(socket: Socket): void {
    this.connections += 1;
    this.#sockets.add(socket);
    const decoder = decodeToEngine();
    const say = (...messages: FromEngine[]) => {
      for (const message of messages) if (!socket.destroyed) socket.write(encodeFromEngine(message));
    };
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      for (const message of decoder.push(chunk)) {
        if (message.type === 'open') say({ type: 'opened', slot: message.slot });
        if (message.type === 'ticks') for (const { slot, input } of message.ticks) this.onTick({ slot, input, say, socket });
      }
    });
  }

  /** Goes, and lets the real engine come back. */
  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#gone) process.kill(this.#frozen, 'SIGKILL');
    this.#gone = true;
  }
}

/** An answer with nothing in it but what is given. */
export function answerOf(slot: number, answer: Partial<TickAnswer> & { tick: number }): FromEngine {
  return { type: 'answers', answers: [{ slot, answer: { audio: null, said: '', heard: [], yielded: false, ...answer } }] };
}
