import { randomBytes } from 'node:crypto';
import type { GateEvent } from '@wheelhouse/protocol/stream-event';
import { EngineEvent } from '@wheelhouse/protocol/stream-event';
import { AudioDecoder, AudioEncoder } from '@wheelhouse/realtime/audio-codec';
import { bytesOfSamples, samplesOfBytes } from '@wheelhouse/realtime/audio-base64';
import { LONGEST_EVENT, readClientEvent } from '@wheelhouse/realtime/realtime-client-events';
import {
  openConversation,
  outputFormat,
  type RealtimeFrame,
  type RealtimeStep,
  takeClientEvent,
  takeFrame,
  takeGate,
  takeTickEnd,
  tellFault,
} from '@wheelhouse/realtime/realtime-conversation';
import { type PacedInput, RealtimePacing } from '@wheelhouse/realtime/realtime-pacing';
import type { NewId, RealtimeEffect, RealtimeState, Speaker } from '@wheelhouse/realtime/realtime-state';
import type { RawData } from 'ws';
import type { ClientSession, ClientWire, OutFrame } from './client-wire.ts';

/** A client that is refused so often is cut off: it can't be served, only answered. */
const MOST_FAULTS = 500;
const SAMPLES_A_MS = 16;

/** The OpenAI Realtime protocol (GA) on one connection: JSON events in text messages. */
export class RealtimeWire implements ClientWire {
  readonly #session: ClientSession;
  readonly #pacing: RealtimePacing;
  readonly #decoder = new AudioDecoder();
  readonly #encoder = new AudioEncoder();
  readonly #newId: NewId;
  #state: RealtimeState;
  #faults = 0;

  constructor(session: ClientSession) {
    this.#session = session;
    this.#state = openConversation({ id: session.session, model: session.deployment });
    this.#newId = idsOf();
    this.#pacing = new RealtimePacing({ room: session.room, take: (input) => this.#give(input) });
  }

  readonly write = (frame: OutFrame): void => {
    const said = this.#frameOf(frame);
    if (said === null) return;
    this.#follow(takeFrame(this.#state, said, this.#newId));
  };

  readonly notify = (event: GateEvent): void => {
    this.#follow(takeGate(this.#state, event, this.#newId));
  };

  readonly tickEnded = (): void => {
    const waiting = this.#pacing.waiting;
    this.#refusals(this.#pacing.tick());
    this.#follow(takeTickEnd(this.#state, { waiting }, this.#newId));
  };

  readonly receive = (data: RawData, isBinary: boolean): void => {
    if (isBinary || !Buffer.isBuffer(data)) {
      this.#fault('not_text', 'Events are JSON in text messages; this was a binary one.');
      return;
    }
    if (data.length > 4 * LONGEST_EVENT) {
      this.#fault('event_too_large', `An event has at most ${LONGEST_EVENT} characters.`);
      return;
    }
    const read = readClientEvent(data.toString('utf8'));
    const step = 'fault' in read ? tellFault(this.#state, read.fault, this.#newId) : takeClientEvent(this.#state, read.event, this.#newId);
    this.#follow(step);
    if (step.out.some(({ type }) => type === 'error')) this.#countFault();
  };

  #frameOf({ kind, source, payload }: OutFrame): RealtimeFrame | null {
    switch (kind) {
      case 'audio': {
        const samples = samplesOfBytes(payload);
        if (samples === null || samples.length === 0) return null;
        return { kind, source, delta: this.#encoded(source, samples), ms: samples.length / SAMPLES_A_MS };
      }
      case 'text':
        return { kind, source, text: Buffer.from(payload).toString('utf8') };
      case 'event': {
        const event = EngineEvent.safeParse(JSON.parse(Buffer.from(payload).toString('utf8')));
        return event.success ? { kind, event: event.data } : null;
      }
      case 'video':
        // The protocol has no way to show it.
        return null;
    }
  }

  #encoded(source: Speaker, samples: Int16Array): string {
    const format = outputFormat(this.#state, source);
    if (format === null) return '';
    if ((this.#state.response?.speech?.audioMs ?? 0) === 0) this.#encoder.restart();
    return this.#encoder.take(format.type, samples);
  }

  #follow(step: RealtimeStep): void {
    this.#state = step.state;
    for (const event of step.out) this.#session.send(JSON.stringify(event));
    for (const effect of step.effects) this.#carryOut(effect);
  }

  #carryOut(effect: RealtimeEffect): void {
    switch (effect.type) {
      case 'audio':
        this.#put({ type: 'audio', samples: this.#decoder.take(effect.format.type, effect.bytes) });
        return;
      case 'drop_audio':
        this.#pacing.dropAudio();
        return;
      case 'text':
      case 'image':
        this.#put(effect);
        return;
      case 'result':
        this.#put({ type: 'extra', part: { results: [effect.result] } });
        return;
      case 'config':
        this.#put({ type: 'extra', part: { config: effect.config } });
        return;
      case 'said':
        this.#put({ type: 'extra', part: { said: [{ who: 'engine', text: effect.text }] } });
        return;
      case 'respond':
        this.#put({ type: 'extra', part: { respond: true } });
        return;
      // What stops the engine does not wait its turn.
      case 'hush':
        this.#pacing.dropRespond();
        this.#session.extra({ hush: true });
        return;
      case 'heard':
        this.#session.extra({ heardMs: effect.ms });
        return;
    }
  }

  #put(input: PacedInput): void {
    this.#refusals(this.#pacing.put(input));
  }

  /** Hands an input to the session. Returns why it was not taken, or null. */
  #give(input: PacedInput): string | null {
    switch (input.type) {
      case 'audio':
        return input.samples.length === 0 ? null : (this.#session.audio(bytesOfSamples(input.samples))?.message ?? null);
      case 'text':
        return this.#session.text(input.text)?.message ?? null;
      case 'image':
        return this.#session.image(input.jpeg)?.message ?? null;
      case 'extra':
        return this.#session.extra(input.part)?.message ?? null;
    }
  }

  #refusals(messages: readonly string[]): void {
    for (const message of messages) this.#fault('input_refused', message);
  }

  #fault(code: string, message: string): void {
    const fault = { type: 'invalid_request_error' as const, code, message, param: null, event_id: null };
    this.#follow(tellFault(this.#state, fault, this.#newId));
    this.#countFault();
  }

  #countFault(): void {
    this.#faults += 1;
    if (this.#faults === MOST_FAULTS) this.#session.refuse('bad_event', `${MOST_FAULTS} events could not be carried out.`, true);
  }
}

/** Ids of one connection: the events are numbered, what is kept has names that nobody guesses. */
function idsOf(): NewId {
  let events = 0;
  const connection = randomBytes(6).toString('hex');
  return (kind) => {
    if (kind !== 'event') return `${kind}_${randomBytes(12).toString('hex')}`;
    events += 1;
    return `event_${connection}${events}`;
  };
}
