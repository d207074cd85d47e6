import type { Duplex } from 'node:stream';
import { createHistogram } from 'node:perf_hooks';
import { Gate } from '@wheelhouse/gate/gate';
import { STOP } from '@wheelhouse/gate/gate-word';
import type { LatchTable } from '@wheelhouse/gate/latch-table';
import type { TickAnswer } from '@wheelhouse/protocol/engine-tick';
import type { Segment } from '@wheelhouse/session/evidence';
import { answerTick, closeTicks, openTick } from '@wheelhouse/session/tick';
import { joinExtra } from '@wheelhouse/session/tick-extra';
import { startTicks } from '@wheelhouse/session/tick-state';
import type { WebSocket } from 'ws';
import { sha256 } from '@wheelhouse/installation/node-crypto';
import type { WireFactory } from './client-wire.ts';
import type { CheckpointStage } from './checkpoint-stage.ts';
import { EngineLink } from './engine-link.ts';
import type { HumanDecision } from './human-decision.ts';
import { LiveSession } from './live-session.ts';
import { RecordingTap } from './recording-tap.ts';
import type { SuperviseToSession } from './supervise-messages.ts';
import { lookAfter, tellHelp } from './supervise-session.ts';
import type { FromThread, Notice, ThreadFigures } from './thread-messages.ts';
import type { Ticket } from './ticket.ts';
import { TickWheel } from './tick-wheel.ts';
import { VideoTap } from './video-tap.ts';

/** Notices are told to this many clients in one turn of the event loop, so that telling thousands doesn't delay anybody's frames. */
const NOTICES_A_TURN = 100;
/** So many troubles of one kind are told in a second; the rest would be the same again. */
const TROUBLES_A_SECOND = 20;

/** Where a thread's share of the sessions lives: attaches clients, runs their ticks, and carries frames between them and the engine. */
export class StreamFloor {
  readonly #thread: number;
  readonly #table: LatchTable;
  readonly #now: () => number;
  readonly #report: (message: FromThread) => void;
  readonly #stage: CheckpointStage;
  readonly #live = new Map<number, LiveSession>();
  readonly #wheel: TickWheel<LiveSession>;
  readonly #engine: EngineLink;
  readonly #lateness = createHistogram();
  readonly #troubles = new Map<string, number>();
  #troublesSince = 0;
  #ticks = 0;
  #lateAnswers = 0;

  constructor(parts: {
    thread: number;
    table: LatchTable;
    now: () => number;
    engineSocket: string;
    report: (message: FromThread) => void;
    stage: CheckpointStage;
  }) {
    this.#thread = parts.thread;
    this.#table = parts.table;
    this.#now = parts.now;
    this.#report = parts.report;
    this.#stage = parts.stage;
    this.#engine = new EngineLink(parts.engineSocket, {
      onAnswer: (slot, answer) => {
        this.#answer(slot, answer);
      },
      onSessionLost: (slot, message) => {
        this.#engineGone(slot, message);
      },
      onUp: (up, wasServing) => {
        this.#engineUp(up, wasServing);
      },
      onTrouble: (slot, code, message) => {
        this.#trouble(slot === null ? null : (this.#live.get(slot)?.session ?? null), code, message);
      },
    });
    this.#wheel = new TickWheel(this.#now, (riders, lateness) => {
      this.#deadline(riders, lateness);
    });
  }

  /** Takes up the session of a ticket whose slot this connection has claimed. */
  attach(entry: { ticket: Ticket; owner: number }, line: { socket: WebSocket; wire: Duplex }, protocol: WireFactory): void {
    const { ticket, owner } = entry;
    const { socket, wire } = line;
    const gate = new Gate(this.#table, ticket.slot);
    const ticks = startTicks(ticket.session, gate, { tick: ticket.fromTick, head: Buffer.from(ticket.head, 'base64') });
    const tap = ticket.recorded.includes('audio') ? this.#tap(ticket) : null;
    const live = new LiveSession({
      slot: ticket.slot,
      engine: ticket.engine,
      ticks,
      tap,
      videoTap: ticket.recorded.includes('video') ? this.#videoTap(ticket) : null,
      socket,
      wire,
      table: this.#table,
      now: this.#now,
      facts: { session: ticket.session, tenant: ticket.tenant, deployment: ticket.deployment, model: ticket.model },
      stage: this.#stage,
      protocol,
    });
    this.#stage.welcome(live);
    this.#live.set(ticket.slot, live);
    this.#openEngine(live);
    socket.on('message', (data, isBinary) => {
      live.client.receive(data, isBinary);
    });
    // It broke the WebSocket protocol, or sent a message beyond all limits: ws says so to it, and then waits for an answer that it can't read.
    socket.on('error', () => {
      live.cutSoon();
    });
    socket.on('close', () => {
      this.#detach(live, owner);
    });
    this.#wheel.add(live);
    this.#report({ type: 'attached', slot: live.slot, session: live.session, tick: ticket.fromTick });
    live.ready(ticket.recorded);
  }

  #tap({ session, fromTick }: Ticket): RecordingTap {
    return new RecordingTap(fromTick, (spans) => {
      this.#report({ type: 'recorded', session, spans });
    });
  }

  #videoTap({ session, fromTick }: Ticket): VideoTap {
    return new VideoTap(fromTick, (spans) => {
      this.#report({ type: 'pictured', session, spans });
    });
  }

  /** Tells clients what changed at their gate. The latch word has been in force since before this was called. */
  notice(notices: readonly Notice[]): void {
    for (const notice of notices) {
      const live = this.#find(notice.slot, notice.session);
      if (live === undefined || !withholds(notice.event)) continue;
      live.cutIfUnderWay();
      if (notice.event.type === 'flush' && notice.event.kind === 'stop') this.#closeEngine(live);
    }
    this.#tell(notices, 0);
  }

  #tell(notices: readonly Notice[], from: number): void {
    for (const notice of notices.slice(from, from + NOTICES_A_TURN)) {
      const live = this.#find(notice.slot, notice.session);
      if (live === undefined) continue;
      live.notify(notice.event);
      if (notice.event.type === 'released') this.#openEngine(live);
    }
    if (from + NOTICES_A_TURN < notices.length) {
      setImmediate(() => {
        this.#tell(notices, from + NOTICES_A_TURN);
      });
    }
  }

  whisper(slot: number, session: string, text: string): void {
    this.#find(slot, session)?.ticks.whispers.push(text);
  }

  /** Humans look after a session: what they hear and who of them speaks. */
  supervise(message: SuperviseToSession): void {
    lookAfter(this.#find(message.slot, message.session), message, { now: this.#now, report: this.#report });
  }

  end(slot: number, session: string, reason: string): void {
    this.#find(slot, session)?.end(reason);
  }

  /** A human decided on something of a session's that waited. */
  decide(slot: number, session: string, decision: HumanDecision): void {
    const live = this.#find(slot, session);
    if (live !== undefined) this.#stage.decide(live, decision);
  }

  /** Everybody who is attached. */
  lives(): Iterable<LiveSession> {
    return this.#live.values();
  }

  /** The server stops: every client is told, its evidence closed, its connection ended; it may attach again later. */
  stop(reason: string): void {
    this.#wheel.stop();
    for (const live of this.#live.values()) {
      live.notify({ type: 'error', code: 'server_stopping', message: reason, fatal: true });
      live.close(1001, 'server_stopping');
      setTimeout(() => {
        live.terminate();
      }, 500).unref();
    }
    this.#engine.stop();
  }

  get size(): number {
    return this.#live.size;
  }

  figures(): ThreadFigures {
    const figures: ThreadFigures = {
      thread: this.#thread,
      sessions: this.#live.size,
      ticks: this.#ticks,
      latenessMs: { p50: this.#lateness.percentile(50) / 1000, p99: this.#lateness.percentile(99) / 1000, max: this.#lateness.max / 1000 },
      lateAnswers: this.#lateAnswers,
      engineUp: this.#engine.up,
    };
    this.#lateness.reset();
    this.#ticks = 0;
    this.#lateAnswers = 0;
    return figures;
  }

  /** Tells the control thread, which logs it; an engine that makes trouble without end must not keep that thread from orders. */
  #trouble(session: string | null, code: string, message: string): void {
    const now = this.#now();
    if (now - this.#troublesSince > 1000) {
      this.#troublesSince = now;
      this.#troubles.clear();
    }
    const count = (this.#troubles.get(code) ?? 0) + 1;
    this.#troubles.set(code, count);
    if (count <= TROUBLES_A_SECOND) this.#report({ type: 'trouble', session, code, message });
  }

  #find(slot: number, session: string): LiveSession | undefined {
    const live = this.#live.get(slot);
    return live?.session === session ? live : undefined;
  }

  #deadline(riders: ReadonlySet<LiveSession>, latenessMs: number): void {
    this.#lateness.record(Math.max(1, Math.round(latenessMs * 1000)));
    const leased = this.#table.leased(this.#now());
    const segments: Segment[] = [];
    const shows: ((isSent: boolean) => void)[] = [];
    for (const live of riders) {
      live.supervised?.beforeTick();
      const { input: opened, outcome } = openTick(live.ticks, this.#stage.moment(), live.way);
      this.#stage.carry(live, outcome);
      const input = live.supervised?.began(opened) ?? opened;
      live.config = input.extra?.config ?? live.config;
      if (live.open) live.client.tickEnded(input.tick - 1);
      if (outcome.segment !== null) segments.push(outcome.segment);
      const queued = live.engineOpen && this.#engine.queue(live.slot, input);
      const { videoTap } = live;
      if (videoTap !== null)
        shows.push((isSent) => {
          videoTap.took(input.tick, outcome.shown, { image: input.image, reached: queued && isSent });
        });
      live.tap?.began(input.tick, live.ticks.audio, this.#now());
      this.#table.setTick(live.slot, input.tick);
      this.#table.setLevels(live.slot, live.ticks.levelIn, live.ticks.levelOut);
      live.tellLease(leased);
    }
    this.#ticks += riders.size;
    const isSent = this.#engine.flush();
    for (const took of shows) took(isSent);
    this.#stage.flush();
    if (segments.length > 0) {
      this.#report({ type: 'segments', segments });
      const decisions = this.#stage.decided(riders);
      if (decisions.length > 0) this.#report({ type: 'decided', decisions });
    }
  }

  #answer(slot: number, answer: TickAnswer): void {
    const live = this.#live.get(slot);
    if (live?.open !== true) return;
    const clock = this.#now();
    const outcome = answerTick(live.ticks, answer, { clock, leased: this.#table.leased(clock) }, live.way);
    if (outcome.late !== null) {
      this.#lateAnswers += 1;
      this.#table.countLate(slot);
      this.#trouble(live.session, 'late_answer', `an answer ${outcome.late} ticks behind was dropped`);
      return;
    }
    tellHelp(live, answer, { clock, report: this.#report });
    this.#stage.carry(live, outcome);
  }

  #openEngine(live: LiveSession): void {
    if (live.engineOpen || (live.gate.word & STOP) !== 0) return;
    live.engineOpen = this.#engine.open(live.slot, live.engine, live.session);
    if (live.engineOpen && live.config !== null) live.ticks.extra = joinExtra(live.ticks.extra, { config: live.config });
  }

  #closeEngine(live: LiveSession): void {
    if (live.engineOpen) this.#engine.close(live.slot);
    live.engineOpen = false;
  }

  #engineUp(up: boolean, wasServing: boolean): void {
    for (const live of this.#live.values()) {
      live.engineOpen = false;
      if (up) this.#openEngine(live);
      else if (wasServing)
        live.notify({
          type: 'error',
          code: 'engine_lost',
          message: 'The engine was lost and is being started again; what it was saying is gone.',
          fatal: false,
        });
    }
  }

  #engineGone(slot: number, message: string): void {
    const live = this.#live.get(slot);
    if (live === undefined) return;
    live.engineOpen = false;
    live.notify({ type: 'error', code: 'engine_lost', message: 'The engine gave up this session and is opened anew.', fatal: false });
    this.#trouble(live.session, 'engine_lost', message);
    setTimeout(() => {
      if (this.#live.get(slot) === live) this.#openEngine(live);
    }, 500);
  }

  #detach(live: LiveSession, owner: number): void {
    if (this.#live.get(live.slot) !== live) return;
    this.#live.delete(live.slot);
    this.#wheel.remove(live);
    this.#closeEngine(live);
    live.detached();
    this.#stage.forget(live);
    const segments = closeTicks(live.ticks, sha256);
    if (segments.length > 0) this.#report({ type: 'segments', segments });
    const rest = { tick: live.ticks.nextTick, sequence: live.gate.lastSequence, head: live.ticks.evidence.head };
    this.#table.setLevels(live.slot, 0, 0);
    this.#table.unclaim(live.slot, owner);
    this.#report({ type: 'detached', slot: live.slot, session: live.session, rest, ended: live.ended });
  }
}

/** Whether the gate lets nothing of the engine's (or no sound of it) through after this. At level 1 it speaks in drafts only. */
function withholds(event: Notice['event']): boolean {
  return event.type === 'flush' || (event.type === 'level' && event.level === 1);
}
