import { chmod, rm } from 'node:fs/promises';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import type { TickAnswer, TickInput } from '@wheelhouse/protocol/engine-tick';
import type { EngineKind } from '@wheelhouse/protocol/session';
import type { Engine, EngineStream } from './engine.ts';
import { EngineWireError } from './engine-wire-error.ts';
import {
  type FromEngine,
  MOST_IN_MESSAGE,
  MOST_TEXTS,
  type SlotAnswer,
  type SlotTick,
  type ToEngine,
  clampText,
  decodeToEngine,
  encodeFromEngine,
} from './engine-wire.ts';

/** Engines to serve, and where: a Unix domain socket's path, or a named pipe's on Windows. */
export type HostOptions = { readonly socketPath: string; readonly engines: readonly Engine[] };

/** A running host. `close` ends all streams and connections. */
export type EngineHost = { close(): Promise<void> };

const MOST_SLOTS = 4_096;
/** A client that leaves this much unread is gone or stuck. */
const MOST_UNREAD_BYTES = 32 * 1024 * 1024;

/** A session's stream. One tick may be under way and one may wait; more are dropped, so that a slow engine stays bounded. */
type Live = { readonly stream: EngineStream; lastTick: number; isBusy: boolean; waiting: TickInput | null };

const wordsOf = (error: unknown): string => clampText(error instanceof Error ? error.message : String(error));

/** The answer within the wire's bounds. A client would take one beyond them for an attack and cut the whole connection. */
function carried(answer: TickAnswer): TickAnswer {
  if (answer.said === '' && answer.heard.length === 0 && (answer.audio?.length ?? 0) <= TICK_SAMPLES) return answer;
  return {
    ...answer,
    audio: answer.audio?.subarray(0, TICK_SAMPLES) ?? null,
    said: clampText(answer.said),
    heard: answer.heard.slice(0, MOST_TEXTS).map((heard) => ({ ...heard, text: clampText(heard.text) })),
  };
}

/** One stream thread's connection. */
class Connection {
  readonly #socket: Socket;
  readonly #engines: ReadonlyMap<EngineKind, Engine>;
  readonly #live = new Map<number, Live>();
  readonly #decoder = decodeToEngine();
  #answers: SlotAnswer[] = [];
  #isBroken = false;

  constructor(socket: Socket, engines: ReadonlyMap<EngineKind, Engine>) {
    this.#socket = socket;
    this.#engines = engines;
    socket.on('data', (chunk: Buffer) => {
      this.#receive(chunk);
    });
    // The 'close' that follows does the work.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#end();
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #end(): void {
    for (const live of this.#live.values()) live.stream.close();
    this.#live.clear();
    this.#answers = [];
  }

  #receive(chunk: Buffer): void {
    if (this.#isBroken) return;
    try {
      for (const message of this.#decoder.push(chunk)) this.#obey(message);
    } catch (error) {
      if (!(error instanceof EngineWireError)) throw error;
      this.#isBroken = true;
      this.#send({ type: 'failed', slot: null, message: wordsOf(error) });
      this.#socket.destroySoon();
    }
  }

  #obey(message: ToEngine): void {
    switch (message.type) {
      case 'open':
        this.#open(message.slot, message.kind, message.session);
        return;
      case 'close':
        this.#close(message.slot);
        return;
      case 'ticks':
        for (const tick of message.ticks) this.#take(tick);
        return;
    }
  }

  #open(slot: number, kind: EngineKind, id: string): void {
    const engine = this.#engines.get(kind);
    const refusal =
      engine === undefined
        ? `this process runs no ${kind} engine`
        : this.#live.has(slot)
          ? 'the slot is open'
          : this.#live.size >= MOST_SLOTS
            ? 'too many sessions'
            : null;
    if (engine === undefined || refusal !== null) {
      this.#send({ type: 'failed', slot, message: refusal ?? 'refused' });
      return;
    }
    const onTrouble = (message: string): void => {
      if (this.#live.has(slot)) this.#send({ type: 'trouble', slot, message: clampText(message) });
    };
    try {
      this.#live.set(slot, { stream: engine.open({ id, onTrouble }), lastTick: -1, isBusy: false, waiting: null });
      this.#send({ type: 'opened', slot });
    } catch (error) {
      this.#send({ type: 'failed', slot, message: wordsOf(error) });
    }
  }

  #close(slot: number): void {
    this.#live.get(slot)?.stream.close();
    this.#live.delete(slot);
  }

  #take({ slot, input }: SlotTick): void {
    const live = this.#live.get(slot);
    // A tick may cross a failure on its way: it has nothing to go to, and that is no error.
    if (live === undefined || input.tick <= live.lastTick) return;
    live.lastTick = input.tick;
    if (!live.isBusy) void this.#run(slot, live, input);
    else live.waiting ??= input;
  }

  async #run(slot: number, live: Live, first: TickInput): Promise<void> {
    live.isBusy = true;
    try {
      for (let input: TickInput | null = first; input !== null && this.#live.get(slot) === live;) {
        const answer = await live.stream.tick(input);
        if (this.#live.get(slot) === live) this.#queue({ slot, answer });
        input = live.waiting;
        live.waiting = null;
      }
    } catch (error) {
      if (this.#live.get(slot) !== live) return;
      this.#close(slot);
      this.#send({ type: 'failed', slot, message: wordsOf(error) });
    } finally {
      live.isBusy = false;
    }
  }

  /** Answers that become ready in one turn of the event loop leave together. */
  #queue(answer: SlotAnswer): void {
    this.#answers.push(answer);
    if (this.#answers.length > 1) return;
    setImmediate(() => {
      this.#flush();
    });
  }

  #flush(): void {
    const answers = this.#answers;
    this.#answers = [];
    for (let at = 0; at < answers.length; at += MOST_IN_MESSAGE) {
      const some = answers.slice(at, at + MOST_IN_MESSAGE);
      this.#send({ type: 'answers', answers: some.map(({ slot, answer }) => ({ slot, answer: carried(answer) })) });
    }
  }

  #send(message: FromEngine): void {
    if (this.#socket.destroyed) return;
    this.#socket.write(encodeFromEngine(message));
    if (this.#socket.writableLength > MOST_UNREAD_BYTES) this.#socket.destroy();
  }
}

/** True if somebody answers at the path: then it is not ours to take. */
function isServed(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socketPath);
    probe.on('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.on('error', () => {
      resolve(false);
    });
  });
}

async function listen(server: Server, socketPath: string): Promise<void> {
  const isFile = process.platform !== 'win32';
  // A killed process leaves its socket's file behind, on which nobody could listen again.
  if (isFile && !(await isServed(socketPath))) await rm(socketPath, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, () => {
      server.off('error', reject);
      resolve();
    });
  });
  if (isFile) await chmod(socketPath, 0o600);
}

/**
 * Serves engines on a local stream socket that only this user may open. Many clients may connect; slots belong to their connection.
 * A client that breaks the wire is told and cut off; a stream that throws ends alone.
 * @throws Error of node:net when the path is served already or cannot be listened on.
 */
export async function serveEngine({ socketPath, engines }: HostOptions): Promise<EngineHost> {
  const byKind = new Map(engines.map((engine) => [engine.kind, engine] as const));
  const connections = new Set<Connection>();
  const server = createServer((socket) => {
    const connection = new Connection(socket, byKind);
    connections.add(connection);
    socket.on('close', () => connections.delete(connection));
  });
  await listen(server, socketPath);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const connection of connections) connection.close();
      }),
  };
}
