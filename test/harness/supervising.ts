import type { SuperviseEvent } from '@wheelhouse/protocol/supervision';
import { SAMPLE_RATE } from '@wheelhouse/protocol/tick';
import { Rest } from '@wheelhouse/sdk/rest';
import { superviseTicket, SupervisionClient } from '@wheelhouse/sdk/supervision-client';
import type { SignedIn, TestServer } from './server.ts';
import { together } from './sound.ts';
import { until } from './until.ts';

type Source = 'client' | 'engine' | 'human';
type EventOf<T extends SuperviseEvent['type']> = Extract<SuperviseEvent, { type: T }>;

/** A supervisor in a session who remembers everything that they heard and were told. */
export class Supervising {
  readonly client: SupervisionClient;
  readonly heard: { readonly source: Source; readonly tick: number; readonly samples: Int16Array }[] = [];
  readonly events: SuperviseEvent[] = [];
  over = false;

  private constructor(client: SupervisionClient) {
    this.client = client;
    void this.#listen();
  }

  static async join(server: TestServer, who: SignedIn, session: string): Promise<Supervising> {
    const supervising = new Supervising(
      await SupervisionClient.join(await superviseTicket(new Rest(server.url, who), session), () => performance.now()),
    );
    await supervising.told('ready');
    return supervising;
  }

  async #listen(): Promise<void> {
    for await (const one of this.client.frames()) {
      if (one.type === 'event') this.events.push(one.event);
      else this.heard.push(one);
    }
    this.over = true;
  }

  /** The first event of this type that fits, from the `from`th on. */
  told<T extends SuperviseEvent['type']>(type: T, fits: (event: EventOf<T>) => boolean = () => true, from = 0): Promise<EventOf<T>> {
    const isIt = (event: SuperviseEvent): event is EventOf<T> => event.type === type;
    return until(`the supervisor to be told ${type}`, () => this.events.slice(from).filter(isIt).find(fits) ?? null);
  }

  /** All that was heard of one source, as one. */
  sound(source: Source): Int16Array {
    return together(this.heard.filter((one) => one.source === source).map(({ samples }) => samples));
  }

  /** Speaks at the speed of speech. */
  say(samples: Int16Array, sliceMs = 40): { readonly done: Promise<unknown>; readonly stop: () => void } {
    const slice = (SAMPLE_RATE * sliceMs) / 1000;
    const start = performance.now();
    let at = 0;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const timer = setInterval(() => {
      while (at < samples.length && this.client.open && performance.now() - start >= (at / SAMPLE_RATE) * 1000) {
        this.client.speak(samples.subarray(at, at + slice));
        at += slice;
      }
      if (at >= samples.length || !this.client.open) stop();
    }, 10);
    const stop = () => {
      clearInterval(timer);
      resolve(undefined);
    };
    return { done: promise, stop };
  }
}
