import type { EngineEvent, GateEvent } from '@wheelhouse/protocol/stream-event';
import { readClientEvent } from './realtime-client-events.ts';
import {
  openConversation,
  type RealtimeFrame,
  type RealtimeStep,
  takeClientEvent,
  takeFrame,
  takeGate,
  takeTickEnd,
  tellFault,
} from './realtime-conversation.ts';
import { RealtimeServerEvent } from './realtime-server-events.ts';
import type { NewId, RealtimeEffect, RealtimeState, Speaker } from './realtime-state.ts';

export const SESSION = '7f1c1c9e-4c5a-4d7b-9a55-0d4f3c1b2a10';
const ORDER = '0d3f0b5e-6a51-4a6e-8a0e-3c2b1a0f9e8d';

/** Watches what a client is told, and throws where it could not be true. */
class Watch {
  readonly #events = new Set<string>();
  readonly #added = new Set<string>();
  readonly #done = new Set<string>();
  readonly #committed = new Set<string>();
  readonly #transcribed = new Set<string>();
  readonly #outputs = new Map<string, 'open' | 'part' | 'done'>();
  readonly responses = { created: 0, done: 0 };
  #open: string | null = null;
  #speaking: string | null = null;

  see(event: RealtimeServerEvent): void {
    RealtimeServerEvent.parse(event);
    once(this.#events, event.event_id, 'event id');
    if ('response_id' in event && event.type.startsWith('response.')) this.#sure(event.response_id === this.#open, event);
    switch (event.type) {
      case 'response.created':
        this.#sure(this.#open === null && event.response.status === 'in_progress', event);
        this.#open = event.response.id;
        this.responses.created += 1;
        return;
      case 'response.done':
        this.#sure(this.#open === event.response.id && event.response.status !== 'in_progress', event);
        this.#sure(
          [...this.#outputs.values()].every((state) => state === 'done'),
          event,
        );
        this.#sure(
          event.response.output.every(({ id }) => this.#outputs.get(id) === 'done'),
          event,
        );
        this.#outputs.clear();
        this.#open = null;
        this.responses.done += 1;
        return;
      default:
        this.#seeRest(event);
    }
  }

  #seeRest(event: RealtimeServerEvent): void {
    switch (event.type) {
      case 'response.output_item.added':
        this.#sure(!this.#outputs.has(event.item.id) && event.output_index === this.#outputs.size, event);
        this.#outputs.set(event.item.id, 'open');
        return;
      case 'response.content_part.added':
        this.#sure(this.#outputs.get(event.item_id) === 'open', event);
        this.#outputs.set(event.item_id, 'part');
        return;
      case 'response.output_audio.delta':
      case 'response.output_audio_transcript.delta':
      case 'response.output_text.delta':
        this.#sure(this.#outputs.get(event.item_id) === 'part', event);
        return;
      case 'response.function_call_arguments.delta':
      case 'response.function_call_arguments.done':
        this.#sure(this.#outputs.get(event.item_id) === 'open', event);
        return;
      case 'response.output_item.done':
        this.#sure(['open', 'part'].includes(this.#outputs.get(event.item.id) ?? ''), event);
        this.#outputs.set(event.item.id, 'done');
        return;
      case 'conversation.item.added':
        this.#sure(event.previous_item_id === null || this.#added.has(event.previous_item_id), event);
        once(this.#added, event.item.id, 'item');
        return;
      case 'conversation.item.done':
        this.#sure(this.#added.has(event.item.id), event);
        once(this.#done, event.item.id, 'finished item');
        return;
      case 'conversation.item.deleted':
        this.#added.delete(event.item_id);
        this.#done.delete(event.item_id);
        return;
      case 'input_audio_buffer.speech_started':
        this.#sure(this.#speaking === null, event);
        this.#speaking = event.item_id;
        return;
      case 'input_audio_buffer.speech_stopped':
        this.#sure(this.#speaking === event.item_id, event);
        this.#speaking = null;
        return;
      case 'input_audio_buffer.committed':
        once(this.#committed, event.item_id, 'committed item');
        return;
      case 'conversation.item.input_audio_transcription.completed':
        this.#sure(this.#committed.has(event.item_id), event);
        once(this.#transcribed, event.item_id, 'transcript');
        return;
      default:
        return;
    }
  }

  #sure(is: boolean, event: RealtimeServerEvent): void {
    if (!is) throw new Error(`could not be: ${JSON.stringify(event).slice(0, 400)}`);
  }
}

function once(seen: Set<string>, id: string, what: string): void {
  if (seen.has(id)) throw new Error(`a second ${what} ${id}`);
  seen.add(id);
}

/** A conversation driven by hand, and watched. */
export class RealtimeScene {
  state: RealtimeState = openConversation({ id: SESSION, model: 'relay' });
  out: RealtimeServerEvent[] = [];
  effects: RealtimeEffect[] = [];
  readonly watch = new Watch();
  #ids = 0;
  #tick = 0;

  readonly newId: NewId = (kind) => {
    this.#ids += 1;
    return `${kind}_${this.#ids}`;
  };

  #follow(step: RealtimeStep): this {
    this.state = step.state;
    for (const event of step.out) this.watch.see(event);
    this.out.push(...step.out);
    this.effects.push(...step.effects);
    return this;
  }

  /** The client sends a message, of whatever kind. */
  send(event: unknown): this {
    const read = readClientEvent(typeof event === 'string' ? event : JSON.stringify(event ?? null));
    return this.#follow(
      'fault' in read ? tellFault(this.state, read.fault, this.newId) : takeClientEvent(this.state, read.event, this.newId),
    );
  }

  frame(frame: RealtimeFrame): this {
    return this.#follow(takeFrame(this.state, frame, this.newId));
  }

  /** A tick of the engine's speech. */
  speaks(text: string, source: Speaker = 'engine'): this {
    if (text !== '') this.frame({ kind: 'text', source, text });
    return this.frame({ kind: 'audio', source, delta: 'AAAA', ms: 200 }).tick();
  }

  engine(event: EngineEvent): this {
    return this.frame({ kind: 'event', event });
  }

  hears(utterance: number, text: string, final = false): this {
    return this.engine({ type: 'heard', utterance, text, final });
  }

  tick(count = 1, waiting = false): this {
    for (let n = 0; n < count; n += 1) {
      this.#tick += 1;
      this.#follow(takeTickEnd(this.state, { waiting }, this.newId));
    }
    return this;
  }

  gate(event: GateEvent): this {
    return this.#follow(takeGate(this.state, event, this.newId));
  }

  ready(latched: Extract<GateEvent, { type: 'ready' }>['latched'] = []): this {
    const rates = { sampleRate: 16_000, tickMs: 200 } as const;
    return this.gate({ type: 'ready', session: SESSION, tick: 0, level: 3, ...rates, latched, recorded: [], holdBack: 0 });
  }

  order(kind: Extract<GateEvent, { type: 'flush' }>['kind']): this {
    return this.gate({ type: 'flush', order: ORDER, kind, tick: this.#tick, lastSequence: 9 });
  }

  release(): this {
    return this.gate({ type: 'released', order: ORDER, latched: [], tick: this.#tick });
  }

  /** Types of what the client was told since this was last asked. */
  told(): string[] {
    return this.out.splice(0).map((event) => (event.type === 'error' ? `error ${event.error.type} ${event.error.code}` : event.type));
  }

  /** What was told since this was last asked, of one type. */
  take<T extends RealtimeServerEvent['type']>(type: T): Extract<RealtimeServerEvent, { type: T }>[] {
    return this.out.splice(0).filter((event): event is Extract<RealtimeServerEvent, { type: T }> => event.type === type);
  }

  asked(): string[] {
    return this.effects.splice(0).map((effect) => (effect.type === 'text' ? `text ${effect.text}` : effect.type));
  }
}
