import { OperatorEvent, type OperatorRequest } from '@wheelhouse/protocol/operator-message';
import type { LiveStore } from './live-store.ts';

const HEARTBEAT_MS = 5_000;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 4_000;
/** No welcome after this long: the network swallowed the attempt without a word. Twice this is still sooner than a browser gives up. */
const WELCOME_PATIENCE_MS = 5_000;

export type ChannelListeners = {
  /** A connection could not be made: the person may have been signed out. */
  readonly onRefused: () => void;
  /** A proposal changed, or may have while there was no connection. */
  readonly onProposals: () => void;
  /** An action was asked for or decided, or may have been while there was no connection. */
  readonly onActions: () => void;
  /** There is a notice for this person, or may be since there was no connection. */
  readonly onNotices: () => void;
};

/** The WebSocket `/v1/operator`: feeds the store, connects again by itself, and renews the watch lease while somebody can see the page. */
export class OperatorChannel {
  readonly #store: LiveStore;
  readonly #listeners: ChannelListeners;
  #socket: WebSocket | null = null;
  #watched: readonly string[] = [];
  #retryMs = FIRST_RETRY_MS;
  #retry: number | null = null;
  #heartbeat: number | null = null;
  #patience: number | null = null;
  #running = false;

  constructor(store: LiveStore, listeners: ChannelListeners) {
    this.#store = store;
    this.#listeners = listeners;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#heartbeat = window.setInterval(this.#beat, HEARTBEAT_MS);
    document.addEventListener('visibilitychange', this.#beat);
    window.addEventListener('online', this.#connectNow);
    this.#connectNow();
  }

  stop(): void {
    this.#running = false;
    if (this.#heartbeat !== null) window.clearInterval(this.#heartbeat);
    if (this.#retry !== null) window.clearTimeout(this.#retry);
    this.#retry = null;
    document.removeEventListener('visibilitychange', this.#beat);
    window.removeEventListener('online', this.#connectNow);
    this.#calm();
    this.#socket?.close();
    this.#socket = null;
  }

  /** False when the channel is not open: the caller then takes another way. */
  send(request: OperatorRequest): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(request));
    return true;
  }

  watch(sessions: readonly string[]): void {
    for (const left of this.#watched) if (!sessions.includes(left)) this.#store.forgetTranscript(left);
    this.#watched = sessions;
    this.send({ event: 'watch', data: { sessions: [...sessions] } });
  }

  /** The channel looks open but does not answer (a network that vanished sends no close): drop it and connect anew. */
  distrust(): void {
    this.#socket?.close();
    this.#lost();
  }

  readonly #beat = (): void => {
    if (document.visibilityState === 'visible') this.send({ event: 'heartbeat', data: {} });
  };

  readonly #connectNow = (): void => {
    if (!this.#running || this.#socket !== null) return;
    if (this.#retry !== null) window.clearTimeout(this.#retry);
    this.#retry = null;
    const url = new URL('/v1/operator', window.location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    let opened = false;
    this.#socket = socket;
    this.#patience = window.setTimeout(() => {
      if (this.#socket === socket) this.distrust();
    }, WELCOME_PATIENCE_MS);
    socket.onopen = () => {
      opened = true;
      this.#retryMs = FIRST_RETRY_MS;
      if (this.#watched.length > 0) this.watch(this.#watched);
      this.#beat();
    };
    socket.onmessage = (message: MessageEvent<unknown>) => {
      this.#read(message.data);
    };
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      this.#lost();
      if (!opened) this.#listeners.onRefused();
    };
  };

  #read(data: unknown): void {
    const at = performance.now();
    const event = parsed(data);
    if (event === null) {
      this.#store.trouble.set(
        'The server sent a message that this console cannot read. Reload the page: the console may be older than the server.',
      );
      return;
    }
    // Only the welcome makes the page live: before it, what stands there is the picture from before the cut.
    if (event.event === 'welcome') {
      this.#calm();
      this.#store.channel.set('open');
    }
    this.#store.apply(event, at);
    if (event.event === 'proposal' || event.event === 'welcome') this.#listeners.onProposals();
    if (event.event === 'action' || event.event === 'welcome') this.#listeners.onActions();
    if (event.event === 'notice' || event.event === 'welcome') this.#listeners.onNotices();
  }

  #calm(): void {
    if (this.#patience !== null) window.clearTimeout(this.#patience);
    this.#patience = null;
  }

  #lost(): void {
    this.#socket = null;
    this.#calm();
    if (!this.#running) return;
    this.#store.channel.set('down');
    this.#retry ??= window.setTimeout(this.#connectNow, this.#retryMs);
    this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2);
  }
}

function parsed(data: unknown): OperatorEvent | null {
  if (typeof data !== 'string') return null;
  try {
    const event = OperatorEvent.safeParse(JSON.parse(data));
    return event.success ? event.data : null;
  } catch {
    return null;
  }
}
