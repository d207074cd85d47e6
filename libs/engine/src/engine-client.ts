import { type Socket, connect } from 'node:net';
import { TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import type { TickAnswer, TickInput } from '@wheelhouse/protocol/engine-tick';
import type { EngineKind } from '@wheelhouse/protocol/session';
import { EngineWireError } from './engine-wire-error.ts';
import {
  type FromEngine,
  LAST_TICK,
  MOST_ID_BYTES,
  MOST_IN_MESSAGE,
  MOST_TEXTS,
  type SlotAnswer,
  type SlotTick,
  type ToEngine,
  clampText,
  decodeFromEngine,
  encodeToEngine,
} from './engine-wire.ts';

/**
 * What went wrong. `engine_failed`: the engine gave up, in its own words (not to be trusted, only shown). `garbage`: it broke the wire.
 * `unknown_slot`, `wrong_tick`: it answered what was never asked, or twice; the answer was dropped. `stuck`: it does not read, and ticks were dropped.
 */
export type EngineProblemCode = 'engine_failed' | 'garbage' | 'unknown_slot' | 'wrong_tick' | 'stuck';
export type EngineProblem = { readonly code: EngineProblemCode; readonly message: string };

/**
 * Called as things happen, never from inside a call to the client. Slots are the caller's own numbers.
 * `onFailed` with a slot and `engine_failed`: that slot is closed. With null: the connection is concerned; `onClosed` follows if it is lost.
 * `onTrouble`: the engine failed at something and goes on.
 */
export type EngineClientOptions = {
  readonly socketPath: string;
  readonly onOpened: (slot: number) => void;
  readonly onAnswer: (slot: number, answer: TickAnswer) => void;
  readonly onFailed: (slot: number | null, problem: EngineProblem) => void;
  readonly onTrouble?: (slot: number, message: string) => void;
  /** The connection is over, all slots with it; called once. `reason` is null after the caller's own `close`. */
  readonly onClosed: (reason: string | null) => void;
};

/** A connection to an engine process. No method throws for what the engine does, nor for a connection that is lost. */
export type EngineClient = {
  /** False when the slot is open already, or the session's id is longer than 256 bytes. A slot may be used again at once after `closeSlot`: late answers to its former session are dropped. */
  open(slot: number, kind: EngineKind, session: string): boolean;
  closeSlot(slot: number): void;
  /** Puts a tick into the next batch; false when the slot is not open, the tick is not after the one before, or it is not TICK_SAMPLES long. Its audio is read at `flush` and must not change before. */
  queueTick(slot: number, input: TickInput): boolean;
  /** Sends the batch. False when it was dropped because the engine has stopped reading. */
  flush(): boolean;
  /** Ends the connection for what the engine did on it; `onClosed` follows with this reason. */
  cut(reason: string): void;
  close(): void;
};

/** An engine that leaves this much unread is stuck: about a second of 1,000 sessions. */
const MOST_UNREAD_BYTES = 32 * 1024 * 1024;

type Open = { readonly slot: number; lastSent: number; lastAnswered: number };

class Client implements EngineClient {
  readonly #options: EngineClientOptions;
  readonly #socket: Socket;
  readonly #decoder = decodeFromEngine();
  /** By wire number. These are never used twice, so that a late answer cannot be taken for another session's. */
  readonly #byWire = new Map<number, Open>();
  readonly #wireOf = new Map<number, number>();
  #nextWire = 0;
  #ticks: SlotTick[] = [];
  #reason: string | null = 'the engine closed the connection';

  constructor(options: EngineClientOptions) {
    this.#options = options;
    this.#socket = connect(options.socketPath);
    this.#socket.on('data', (chunk: Buffer) => {
      this.#receive(chunk);
    });
    this.#socket.on('error', (error) => {
      this.#reason = error.message;
    });
    this.#socket.on('close', () => {
      this.#byWire.clear();
      this.#wireOf.clear();
      options.onClosed(this.#reason);
    });
  }

  open(slot: number, kind: EngineKind, session: string): boolean {
    if (this.#wireOf.has(slot) || Buffer.byteLength(session) > MOST_ID_BYTES) return false;
    const wire = this.#nextWire;
    this.#nextWire += 1;
    this.#wireOf.set(slot, wire);
    this.#byWire.set(wire, { slot, lastSent: -1, lastAnswered: -1 });
    this.#write({ type: 'open', slot: wire, kind, session });
    return true;
  }

  closeSlot(slot: number): void {
    const wire = this.#wireOf.get(slot);
    if (wire === undefined) return;
    this.#forget(wire, slot);
    this.#write({ type: 'close', slot: wire });
  }

  queueTick(slot: number, input: TickInput): boolean {
    const wire = this.#wireOf.get(slot);
    const open = wire === undefined ? undefined : this.#byWire.get(wire);
    if (wire === undefined || open === undefined || input.audio.length !== TICK_SAMPLES) return false;
    if (!(input.tick > open.lastSent && input.tick <= LAST_TICK)) return false;
    open.lastSent = input.tick;
    const isPlain = input.texts.length === 0 && input.whispers.length === 0;
    const texts = (some: readonly string[]): string[] => some.slice(0, MOST_TEXTS).map(clampText);
    this.#ticks.push({ slot: wire, input: isPlain ? input : { ...input, texts: texts(input.texts), whispers: texts(input.whispers) } });
    return true;
  }

  flush(): boolean {
    const ticks = this.#ticks;
    this.#ticks = [];
    if (ticks.length > 0 && this.#socket.writableLength > MOST_UNREAD_BYTES) {
      const message = `the engine does not read: ${ticks.length} ticks dropped`;
      queueMicrotask(() => {
        this.#options.onFailed(null, { code: 'stuck', message });
      });
      return false;
    }
    for (let at = 0; at < ticks.length; at += MOST_IN_MESSAGE) this.#write({ type: 'ticks', ticks: ticks.slice(at, at + MOST_IN_MESSAGE) });
    return true;
  }

  cut(reason: string): void {
    this.#reason = reason;
    this.#socket.destroy();
  }

  close(): void {
    this.#reason = null;
    this.#socket.destroy();
  }

  #forget(wire: number, slot: number): void {
    this.#byWire.delete(wire);
    this.#wireOf.delete(slot);
  }

  #write(message: ToEngine): void {
    if (!this.#socket.destroyed) this.#socket.write(encodeToEngine(message));
  }

  #receive(chunk: Buffer): void {
    let messages: FromEngine[];
    try {
      messages = this.#decoder.push(chunk);
    } catch (error) {
      if (!(error instanceof EngineWireError)) throw error;
      this.#reason = `the engine broke the wire: ${error.message}`;
      this.#options.onFailed(null, { code: 'garbage', message: error.message });
      this.#socket.destroy();
      return;
    }
    for (const message of messages) this.#deliver(message);
  }

  /** The slot that a wire number stands for. One that was closed meanwhile is passed over; one that was never given out is reported. */
  #known(wire: number): Open | null {
    const open = this.#byWire.get(wire);
    if (open === undefined && wire >= this.#nextWire) {
      this.#options.onFailed(null, { code: 'unknown_slot', message: `the engine speaks of slot ${wire}, which was never opened` });
    }
    return open ?? null;
  }

  #deliver(message: FromEngine): void {
    switch (message.type) {
      case 'answers':
        for (const answer of message.answers) this.#answer(answer);
        return;
      case 'opened': {
        const open = this.#known(message.slot);
        if (open !== null) this.#options.onOpened(open.slot);
        return;
      }
      case 'trouble': {
        const open = this.#known(message.slot);
        if (open !== null) this.#options.onTrouble?.(open.slot, message.message);
        return;
      }
      case 'failed': {
        const open = message.slot === null ? null : this.#known(message.slot);
        if (message.slot !== null && open === null) return;
        if (message.slot !== null && open !== null) this.#forget(message.slot, open.slot);
        this.#options.onFailed(open?.slot ?? null, { code: 'engine_failed', message: message.message });
        return;
      }
    }
  }

  #answer({ slot, answer }: SlotAnswer): void {
    const open = this.#known(slot);
    if (open === null) return;
    if (answer.tick <= open.lastAnswered || answer.tick > open.lastSent) {
      this.#options.onFailed(open.slot, { code: 'wrong_tick', message: `an answer to tick ${answer.tick}, which is not waiting for one` });
      return;
    }
    open.lastAnswered = answer.tick;
    this.#options.onAnswer(open.slot, answer);
  }
}

/** Connects to an engine process. Comes back at once: what is sent before the connection stands is kept, and a refusal comes through `onClosed`. */
export function connectEngine(options: EngineClientOptions): EngineClient {
  return new Client(options);
}
