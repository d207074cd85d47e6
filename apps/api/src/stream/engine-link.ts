import { connectEngine, type EngineClient } from '@wheelhouse/engine/engine-client';
import type { TickAnswer, TickInput } from '@wheelhouse/protocol/engine-tick';
import type { EngineKind } from '@wheelhouse/protocol/session';

const RECONNECT_MS = 250;
/** Answers to nothing that one connection may give. */
const MOST_BREACHES = 100;

export type EngineLinkEvents = {
  readonly onAnswer: (slot: number, answer: TickAnswer) => void;
  /** The engine gave up one session. */
  readonly onSessionLost: (slot: number, message: string) => void;
  /** A connection stands (sessions have to be opened on it) or is lost; `wasServing`: the engine had answered on it. */
  readonly onUp: (up: boolean, wasServing: boolean) => void;
  readonly onTrouble: (slot: number | null, code: string, message: string) => void;
};

/** The thread's line to the engine process: reconnects for ever, and says so. The engine is not trusted; its answers are only data. */
export class EngineLink {
  readonly #socketPath: string;
  readonly #events: EngineLinkEvents;
  #client: EngineClient | null = null;
  #closed = false;
  /** Whether the engine has answered on this connection: a refused connection is no news to anybody. */
  #confirmed = false;
  #breaches = 0;

  constructor(socketPath: string, events: EngineLinkEvents) {
    this.#socketPath = socketPath;
    this.#events = events;
    this.#connect();
  }

  get up(): boolean {
    return this.#client !== null;
  }

  open(slot: number, kind: EngineKind, session: string): boolean {
    return this.#client?.open(slot, kind, session) ?? false;
  }

  close(slot: number): void {
    this.#client?.closeSlot(slot);
  }

  /** False where nobody will get it. */
  queue(slot: number, input: TickInput): boolean {
    return this.#client?.queueTick(slot, input) ?? false;
  }

  /** False where nothing of what was queued is on its way. */
  flush(): boolean {
    return this.#client?.flush() ?? false;
  }

  stop(): void {
    this.#closed = true;
    this.#client?.close();
  }

  /** It answered what was never asked. Once may be a slip; an engine that goes on with it is cut off, and its flood with it. */
  #breach(): void {
    this.#breaches += 1;
    if (this.#breaches < MOST_BREACHES) return;
    this.#breaches = 0;
    this.#client?.cut(`it answered what was never asked, ${MOST_BREACHES} times`);
  }

  #connect(): void {
    this.#breaches = 0;
    this.#client = connectEngine({
      socketPath: this.#socketPath,
      onOpened: () => {
        this.#confirmed = true;
      },
      onAnswer: this.#events.onAnswer,
      onFailed: (slot, problem) => {
        this.#events.onTrouble(slot, problem.code, problem.message);
        if (problem.code === 'unknown_slot' || problem.code === 'wrong_tick') this.#breach();
        if (slot !== null && problem.code === 'engine_failed') this.#events.onSessionLost(slot, problem.message);
      },
      onTrouble: (slot, message) => {
        this.#events.onTrouble(slot, 'engine_trouble', message);
      },
      onClosed: (reason) => {
        this.#client = null;
        if (this.#closed) return;
        if (this.#confirmed) this.#events.onTrouble(null, 'engine_lost', reason ?? 'closed');
        this.#events.onUp(false, this.#confirmed);
        this.#confirmed = false;
        setTimeout(() => {
          if (!this.#closed) this.#connect();
        }, RECONNECT_MS);
      },
    });
    this.#events.onUp(true, false);
  }
}
