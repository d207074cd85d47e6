import type { Frame } from '@wheelhouse/protocol/frame';
import type { Attachment, SessionRequest } from '@wheelhouse/protocol/session';
import type { EngineEvent, GateEvent } from '@wheelhouse/protocol/stream-event';
import type { EngineConfig, ToolResult } from '@wheelhouse/protocol/tool-call';
import type { ApiClient } from './api-client.ts';
import { pause, pauseBefore } from './pause.ts';
import { ApiError } from './rest.ts';
import { StreamClient } from './stream-client.ts';

/** Of sound that nobody takes from the iterator, so much is kept: ten seconds. */
const MOST_SOUND = 50;
/** For how long a cut session is tried to be attached to again, in milliseconds, unless said. */
const PATIENCE_MS = 60_000;
/** Refused for now: the server has not noticed the cut yet (it still has the old connection), has no room, or was asked too often. */
const FOR_NOW: ReadonlySet<string> = new Set(['session_attached', 'full', 'rate_limited', 'ledger_unavailable', 'stopping']);
/** The server closed because of what the client sent (RFC 6455); the same would happen again. */
const OWN_FAULT: ReadonlySet<number> = new Set([1002, 1003, 1007, 1008, 1009]);

/**
 * What a session tells its client, in order. `attached`: the connection stands, for the first time or again; ask the engine to be what it is to be
 * (`configure`) each time. Sound is 16 kHz mono PCM16, up to 200 ms.
 */
export type StreamPart =
  | { readonly type: 'attached'; readonly again: boolean }
  | { readonly type: 'sound'; readonly samples: Int16Array; readonly frame: Frame }
  | { readonly type: 'said'; readonly text: string; readonly frame: Frame }
  | { readonly type: 'engine'; readonly event: EngineEvent; readonly frame: Frame }
  | { readonly type: 'gate'; readonly event: GateEvent; readonly frame: Frame };

/** `patienceMs`: for how long after a cut it tries to attach again. `now`: a monotonic clock in milliseconds. */
export type StreamOptions = { readonly signal?: AbortSignal; readonly patienceMs?: number; readonly now?: () => number };

/**
 * A session with its stream, which is attached again after a cut: a lost network, a restarted server. What an order stopped stays stopped over it.
 * `parts` has to be read for anything to happen; for one reader.
 */
export class SessionStream {
  readonly session: string;
  readonly #api: ApiClient;
  readonly #signal: AbortSignal | undefined;
  readonly #patienceMs: number;
  readonly #now: () => number;
  readonly #parts: StreamPart[] = [];
  #first: Attachment | null;
  #client: StreamClient | null = null;
  /** How the connection ended; null while it stands. */
  #closed: number | null = null;
  #isOver = false;
  #wake: (() => void) | null = null;

  private constructor(api: ApiClient, attachment: Attachment, { signal, patienceMs = PATIENCE_MS, now }: StreamOptions) {
    this.#api = api;
    this.#first = attachment;
    this.session = attachment.session.id;
    this.#signal = signal;
    this.#patienceMs = patienceMs;
    this.#now = now ?? (() => performance.now());
    signal?.addEventListener('abort', () => {
      this.close();
    });
    this.#isOver = signal?.aborted === true;
  }

  /** Opens a session. Its client attaches when `parts` is read. */
  static async open(api: ApiClient, request: Partial<SessionRequest> = {}, options: StreamOptions = {}): Promise<SessionStream> {
    return new SessionStream(api, await api.openSession(request), options);
  }

  /** Takes up a session that is waiting for its client. */
  static async of(api: ApiClient, session: string, options: StreamOptions = {}): Promise<SessionStream> {
    return new SessionStream(api, await api.ticket(session), options);
  }

  /**
   * Everything that the session tells, until it ends, `close` is called or the signal aborts. Of sound that is not taken in time the oldest is left out; nothing
   * else is. Throws when a cut session can't be attached to again, or the server closed because of what was sent.
   */
  async *parts(): AsyncGenerator<StreamPart, void, undefined> {
    try {
      await this.#attachFirst();
      for (;;) {
        const part = this.#parts.shift();
        if (part !== undefined) yield part;
        else if (this.#isOver) return;
        else if (this.#closed !== null) await this.#attachAgain(this.#closed);
        else
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
      }
    } finally {
      this.close();
    }
  }

  get attached(): boolean {
    return this.#client?.open === true;
  }

  /** Sends a slice of audio at the speed of speech. False, as with all of these, where no connection stands just now: then nothing was sent. */
  sendAudio(samples: Int16Array): boolean {
    return this.#send((client) => {
      client.sendAudio(samples);
    });
  }

  sendText(text: string): boolean {
    return this.#send((client) => {
      client.sendText(text);
    });
  }

  configure(config: EngineConfig): boolean {
    return this.#send((client) => {
      client.configure(config);
    });
  }

  sendResult(result: ToolResult): boolean {
    return this.#send((client) => {
      client.sendResult(result);
    });
  }

  hush(): boolean {
    return this.#send((client) => {
      client.hush();
    });
  }

  /** Ends the session for good. `DELETE /v1/sessions/:id` does it where no connection stands. */
  end(): boolean {
    return this.#send((client) => {
      client.end();
    });
  }

  /** Leaves. The session waits for its client, who may take it up again (`of`), and ends by itself where nobody does. */
  close(): void {
    this.#isOver = true;
    this.#client?.close();
    this.#wake?.();
  }

  #send(send: (client: StreamClient) => void): boolean {
    if (this.#client?.open !== true) return false;
    send(this.#client);
    return true;
  }

  async #attachFirst(): Promise<void> {
    const first = this.#first;
    this.#first = null;
    if (first === null || this.#isOver) return;
    try {
      await this.#attach(first, false);
    } catch {
      // The ticket may have run out while nobody read.
      await this.#attachAgain(0);
    }
  }

  async #attachAgain(code: number): Promise<void> {
    if (OWN_FAULT.has(code)) throw new Error(`The server closed the connection because of what was sent (${code}).`);
    const until = this.#now() + this.#patienceMs;
    for (let nth = 1; !this.#isOver; nth += 1) {
      try {
        await this.#attach(await this.#api.ticket(this.session), true);
        return;
      } catch (error) {
        if (error instanceof ApiError && error.problem.code === 'session_ended') {
          this.#isOver = true;
          return;
        }
        const isForNow = !(error instanceof ApiError) || FOR_NOW.has(error.problem.code) || error.problem.status >= 500;
        if (!isForNow || this.#now() > until) throw error;
      }
      await pause(pauseBefore(nth), this.#signal).catch(() => undefined);
    }
  }

  async #attach(attachment: Attachment, again: boolean): Promise<void> {
    this.#closed = null;
    const client = await StreamClient.attach(
      attachment,
      {
        audio: (samples, frame) => {
          this.#keep({ type: 'sound', samples, frame });
        },
        said: (text, frame) => {
          this.#keep({ type: 'said', text, frame });
        },
        engine: (event, frame) => {
          this.#keep({ type: 'engine', event, frame });
        },
        gate: (event, frame) => {
          if (event.type === 'ended') this.#isOver = true;
          if (event.type === 'ready') this.#keep({ type: 'attached', again });
          this.#keep({ type: 'gate', event, frame });
        },
        closed: (code) => {
          this.#closed = code;
          this.#wake?.();
        },
      },
      this.#now,
    );
    this.#client = client;
    if (this.#isOver) client.close();
  }

  #keep(part: StreamPart): void {
    this.#parts.push(part);
    if (part.type === 'sound' && this.#parts.filter(({ type }) => type === 'sound').length > MOST_SOUND) {
      this.#parts.splice(
        this.#parts.findIndex(({ type }) => type === 'sound'),
        1,
      );
    }
    this.#wake?.();
  }
}
