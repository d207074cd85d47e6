import type { GateEvent } from '@wheelhouse/protocol/stream-event';
import { readLiveEvent } from './live-client-events.ts';
import { LiveSessionConfig } from './live-client-session.ts';
import { type LiveNews, startLive, takeLiveMessage, takeLiveNews } from './live-conversation.ts';
import type { LiveServerEvent } from './live-server-events.ts';
import type { LiveEffect, LiveState } from './live-state.ts';

export const SESSION = '0f8fad5b-d9cb-469f-a165-70867728950e';
export const ORDER = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
export const READY: GateEvent = {
  ...{ type: 'ready', session: SESSION, tick: 0, level: 3, sampleRate: 16_000, tickMs: 200 },
  ...{ latched: [], recorded: [], holdBack: 0 },
};
export const FUNCTION = { type: 'function', name: 'look_up', description: 'Looks an order up', parameters: { type: 'object' } };
export const RESPONSES = { type: 'responses', responses: { model: 'relay', tools: [FUNCTION] } };

/** One session, folded, with everything that it said and asked for. */
export class Line {
  state: LiveState;
  readonly out: LiveServerEvent[] = [];
  readonly effects: LiveEffect[] = [];
  #ids = 0;

  constructor(config: object = {}) {
    this.state = startLive(SESSION, 'relay', LiveSessionConfig.parse({ model: 'relay', ...config }), 1_800_000_000);
  }

  static started(config: object = {}): Line {
    const line = new Line(config);
    line.gate(READY);
    line.out.length = 0;
    line.effects.length = 0;
    return line;
  }

  readonly #newId = (kind: string): string => {
    this.#ids += 1;
    return `${kind}_${this.#ids}`;
  };

  #follow(step: ReturnType<typeof takeLiveNews>): void {
    this.state = step.state;
    this.out.push(...step.out);
    this.effects.push(...step.effects);
  }

  client(event: unknown): this {
    this.#follow(takeLiveMessage(this.state, readLiveEvent(typeof event === 'string' ? event : JSON.stringify(event)), this.#newId));
    return this;
  }

  news(news: LiveNews): this {
    this.#follow(takeLiveNews(this.state, news, this.#newId, 'start-1'));
    return this;
  }

  gate(event: GateEvent): this {
    return this.news({ type: 'gate', event, fault: null });
  }

  told<T extends LiveServerEvent['type']>(type: T): Extract<LiveServerEvent, { type: T }>[] {
    return this.out.filter((event): event is Extract<LiveServerEvent, { type: T }> => event.type === type);
  }

  refused(): { code: string; param: string | null; clientEvent: string | null }[] {
    return this.effects.flatMap((effect) => {
      if (effect.type !== 'refuse') return [];
      const { code, param, clientEvent } = effect.fault;
      return [{ code, param, clientEvent }];
    });
  }
}
