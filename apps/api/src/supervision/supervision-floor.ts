import { latchesOf, levelOf } from '@wheelhouse/gate/gate-word';
import { MessageChannel } from 'node:worker_threads';
import type { SuperviseEvent } from '@wheelhouse/protocol/supervision';
import type { SupervisionView } from '@wheelhouse/protocol/supervisor';
import { SAMPLE_RATE, TICK_MS } from '@wheelhouse/protocol/tick';
import type { Bulletin } from '../operator/bulletin.ts';
import type { Transcripts } from '../operator/transcripts.ts';
import type { OpenSession, SessionRegistry } from '../sessions/session-registry.ts';
import type { StreamHost } from '../stream/stream-host.ts';
import { type Supervisor, supervisorView } from './supervisor.ts';

type Parts = {
  readonly registry: SessionRegistry;
  readonly streams: StreamHost;
  readonly bulletin: Bulletin;
  readonly transcripts: Transcripts;
};

/** Who is in which session and who of them speaks, and what threads, supervisors and consoles are told of it. It decides nothing. */
export class SupervisionFloor {
  readonly #parts: Parts;
  readonly #present = new Map<string, Supervisor>();
  /** By session: the one who speaks. */
  readonly #speakers = new Map<string, Supervisor>();
  readonly #help = new Map<string, SupervisionView['help']>();

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.transcripts.subscribe((session, lines) => {
      for (const one of this.in(session)) this.tell(one, { type: 'transcript', lines: [...lines] });
    });
  }

  get(supervision: string): Supervisor | undefined {
    return this.#present.get(supervision);
  }

  all(): Supervisor[] {
    return [...this.#present.values()];
  }

  in(session: string): Supervisor[] {
    return this.all().filter((one) => one.session.facts.session === session);
  }

  speaker(session: string): Supervisor | undefined {
    return this.#speakers.get(session);
  }

  view(session: string): SupervisionView {
    const supervisors = this.in(session).filter(({ joined }) => joined);
    return { session, supervisors: supervisors.map(supervisorView), help: this.#help.get(session) ?? null };
  }

  /** Of sessions with somebody in them, or asking for somebody. */
  views(): SupervisionView[] {
    const sessions = new Set([...this.all().map((one) => one.session.facts.session), ...this.#help.keys()]);
    return [...sessions].map((session) => this.view(session));
  }

  add(supervisor: Supervisor): void {
    this.#present.set(supervisor.supervision, supervisor);
  }

  /** The connection stands: tells it how things are, and leads the session's sound to it. */
  joined(supervisor: Supervisor): void {
    const { registry, transcripts } = this.#parts;
    const { session, supervision } = supervisor;
    const { session: id } = session.facts;
    supervisor.joined = true;
    const word = registry.wordOf(session);
    const { tick } = registry.effectOf(session);
    const ready = { session: id, supervision, tick, level: levelOf(word), latched: latchesOf(word) };
    this.tell(supervisor, { type: 'ready', ...ready, sampleRate: SAMPLE_RATE, tickMs: TICK_MS });
    const lines = transcripts.of(id);
    if (lines.length > 0) this.tell(supervisor, { type: 'transcript', lines: [...lines] });
    this.tell(supervisor, { type: 'client', attached: session.state === 'live' });
    this.connect(supervisor);
  }

  remove(supervisor: Supervisor): void {
    this.#present.delete(supervisor.supervision);
    this.silence(supervisor);
  }

  /** From now on this one is heard in their session, and nobody else. */
  giveVoice(supervisor: Supervisor): void {
    this.#speakers.set(supervisor.session.facts.session, supervisor);
    this.#tellSpeaker(supervisor.session);
  }

  silence(supervisor: Supervisor): void {
    const { session } = supervisor.session.facts;
    if (this.#speakers.get(session) !== supervisor) return;
    this.#speakers.delete(session);
    this.#tellSpeaker(supervisor.session);
  }

  setHelp(session: string, help: SupervisionView['help']): void {
    if (help === null) this.#help.delete(session);
    else this.#help.set(session, help);
  }

  /** Leads the sound between a supervisor's thread and the session's, past this one. */
  connect(supervisor: Supervisor): void {
    const { session, supervision, thread } = supervisor;
    if (supervisor.connected || !supervisor.joined || session.state !== 'live' || session.thread === null) return;
    supervisor.connected = true;
    const { port1, port2 } = new MessageChannel();
    const { streams } = this.#parts;
    streams.send(thread, { type: 'supervise.line', supervision, port: port1 }, [port1]);
    const at = { slot: session.slot, session: session.facts.session };
    streams.send(session.thread, { type: 'supervise.overhear', ...at, supervision, port: port2 }, [port2]);
    if (this.speaker(at.session) === supervisor) this.#tellSpeaker(session);
  }

  tell(supervisor: Supervisor, event: SuperviseEvent): void {
    if (!supervisor.joined) return;
    this.#parts.streams.send(supervisor.thread, { type: 'supervise.tell', supervision: supervisor.supervision, event });
  }

  close(supervisor: Supervisor, reason: string): void {
    this.#parts.streams.send(supervisor.thread, { type: 'supervise.close', supervision: supervisor.supervision, reason });
  }

  /** Tells the supervisors of a session, and the consoles of those who might be, who is there. */
  announce({ facts: { session, tenant } }: OpenSession): void {
    const supervision = this.view(session);
    for (const one of this.in(session)) this.tell(one, { type: 'supervision', supervision });
    this.#parts.bulletin.post({ event: 'supervision', data: supervision }, tenant);
  }

  #tellSpeaker({ facts: { session }, slot, thread }: OpenSession): void {
    if (thread === null) return;
    const one = this.#speakers.get(session);
    const speaker = one === undefined ? null : { supervision: one.supervision, engineHears: one.verb === 'barge' || one.engineHears };
    this.#parts.streams.send(thread, { type: 'supervise.speaker', slot, session, speaker });
  }
}
