import { randomBytes } from 'node:crypto';
import { EngineEvent, GateEvent } from '@wheelhouse/protocol/stream-event';
import { bytesOfSamples } from '@wheelhouse/realtime/audio-base64';
import { LiveAudio } from '@wheelhouse/realtime/live-audio';
import {
  type LiveClientEvent,
  type LiveFault,
  LONGEST_LIVE_EVENT,
  type LiveReading,
  readLiveEvent,
} from '@wheelhouse/realtime/live-client-events';
import { type LiveNews, type LiveStep, startLive, takeLiveMessage, takeLiveNews } from '@wheelhouse/realtime/live-conversation';
import type { LiveEffect, LiveState, NewLiveId } from '@wheelhouse/realtime/live-state';
import { RealtimePacing } from '@wheelhouse/realtime/realtime-pacing';
import type { RawData } from 'ws';
import type { ClientSession, ClientWire, OutFrame } from './client-wire.ts';

export type LiveStart = Extract<LiveClientEvent, { type: 'session.start' }>;

/** The OpenAI Live protocol on one primary connection, from `session.started` on: JSON events in text messages. */
export class OpenaiLiveWire implements ClientWire {
  readonly #session: ClientSession;
  readonly #startEvent: string | null;
  readonly #audio: LiveAudio;
  readonly #pacing: RealtimePacing;
  readonly #newId: NewLiveId = liveIds();
  #state: LiveState;
  /** What the session is being told to refuse at this moment. */
  #fault: LiveFault | null = null;
  #spokeBy: OutFrame['source'] = 'engine';
  /** Whether this tick has brought sound. */
  #sounds = false;
  #isStopping = false;

  /** `now`: Unix time in seconds. */
  constructor(session: ClientSession, start: LiveStart, now: number) {
    this.#session = session;
    this.#startEvent = start.event_id ?? null;
    this.#state = startLive(session.session, session.deployment, start.session, now);
    this.#audio = new LiveAudio(this.#state.settings.format);
    this.#pacing = new RealtimePacing({
      room: session.room,
      take: (input) => (input.type === 'audio' && input.samples.length > 0 ? this.#hear(input.samples) : null),
    });
  }

  /** The server said that it stops: the session outlives this connection. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  readonly write = (frame: OutFrame): void => {
    this.#hearWho(frame);
    const news = this.#newsOf(frame);
    if (news !== null) this.#tell(news);
  };

  readonly notify = (event: GateEvent): void => {
    if (event.type === 'error' && event.code === 'server_stopping') this.#isStopping = true;
    this.#tell({ type: 'gate', event, fault: this.#fault });
  };

  readonly tickEnded = (tick: number): void => {
    // Sound that paused begins anew, without the end of what was said before.
    if (!this.#sounds) this.#audio.flush();
    this.#sounds = false;
    this.#refuseEach(this.#pacing.tick());
    this.#tell({ type: 'tick_ended', tick });
  };

  readonly receive = (data: RawData, isBinary: boolean): void => {
    this.#follow(takeLiveMessage(this.#state, readLiveData(data, isBinary), this.#newId));
  };

  /** Where the voice changes, nothing of the one is left in the other, and the client is told whose it is. */
  #hearWho({ source, kind }: OutFrame): void {
    if (source === this.#spokeBy || (kind !== 'audio' && kind !== 'text')) return;
    this.#spokeBy = source;
    this.#audio.flush();
    this.#tell({ type: 'speaker', source });
  }

  #newsOf({ kind, source, tick, payload }: OutFrame): LiveNews | null {
    switch (kind) {
      case 'audio': {
        this.#sounds = true;
        return { type: 'sound', audio: this.#audio.said(payload) };
      }
      case 'text':
        return { type: 'words', text: textOf(payload), tick };
      case 'video':
        return { type: 'image' };
      case 'event': {
        if (source === 'gate') return { type: 'gate', event: GateEvent.parse(JSON.parse(textOf(payload))), fault: null };
        const event = EngineEvent.safeParse(JSON.parse(textOf(payload)));
        return event.success ? { type: 'engine', event: event.data, tick } : null;
      }
    }
  }

  #tell(news: LiveNews): void {
    this.#follow(takeLiveNews(this.#state, news, this.#newId, this.#startEvent));
  }

  #follow(step: LiveStep): void {
    // First, for an effect may bring the next step about.
    this.#state = step.state;
    for (const event of step.out) this.#session.send(JSON.stringify(event));
    for (const effect of step.effects) this.#carryOut(effect);
  }

  #carryOut(effect: LiveEffect): void {
    switch (effect.type) {
      case 'audio':
        this.#refuseEach(this.#pacing.put({ type: 'audio', samples: this.#audio.heard(effect.bytes) }));
        return;
      case 'drop_audio':
        this.#pacing.dropAudio();
        return;
      case 'text': {
        const refusal = this.#session.text(effect.text);
        if (refusal === null) {
          this.#session.extra({ respond: true });
          this.#session.send(JSON.stringify(effect.accepted));
        } else this.#refuse({ code: refusal.code, message: refusal.message, param: 'content', clientEvent: effect.clientEvent });
        return;
      }
      case 'extra': {
        const refusal = this.#session.extra(effect.extra);
        if (refusal !== null) this.#refuse({ code: refusal.code, message: refusal.message, param: null, clientEvent: null });
        return;
      }
      case 'flush':
        this.#audio.flush();
        return;
      case 'refuse':
        this.#refuse(effect.fault);
        return;
      case 'end':
        this.#session.end(effect.reason);
        return;
    }
  }

  #hear(samples: Int16Array): string | null {
    return this.#session.audio(bytesOfSamples(samples))?.message ?? null;
  }

  #refuseEach(messages: readonly string[]): void {
    for (const message of messages) this.#refuse({ code: 'too_much_audio', message, param: 'audio', clientEvent: null });
  }

  /** The session counts faults and has the client told of this one: `notify` is called from within. */
  #refuse(fault: LiveFault): void {
    this.#fault = fault;
    this.#session.refuse('bad_event', fault.message);
    this.#fault = null;
  }
}

/** One message of a client as an event, or what is wrong with it. */
export function readLiveData(data: RawData, isBinary: boolean): LiveReading {
  const none = { param: null, clientEvent: null };
  if (isBinary || !Buffer.isBuffer(data))
    return { fault: { ...none, code: 'not_text', message: 'Events are JSON in text messages; this was a binary one.' } };
  // So that a text far above the limit is not even decoded.
  if (data.length > 4 * LONGEST_LIVE_EVENT)
    return { fault: { ...none, code: 'event_too_large', message: `An event has at most ${LONGEST_LIVE_EVENT} characters.` } };
  return readLiveEvent(data.toString('utf8'));
}

/** Ids of one connection: its events are numbered, what is kept has names that nobody guesses. */
export function liveIds(): NewLiveId {
  let events = 0;
  const connection = randomBytes(6).toString('hex');
  return (kind) => {
    if (kind !== 'event') return `${kind}_${randomBytes(12).toString('hex')}`;
    events += 1;
    return `event_${connection}${events}`;
  };
}

function textOf(payload: Uint8Array): string {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8');
}
