import type { Duplex } from 'node:stream';
import type { Gate, HandOver } from '@wheelhouse/gate/gate';
import { latchesOf, levelOf } from '@wheelhouse/gate/gate-word';
import type { LatchTable } from '@wheelhouse/gate/latch-table';
import type { Recordable } from '@wheelhouse/protocol/content';
import { FRAME_MAX_BYTES, type FrameKind } from '@wheelhouse/protocol/frame';
import type { EngineConfig } from '@wheelhouse/protocol/tool-call';
import type { EngineKind } from '@wheelhouse/protocol/session';
import { GateEvent, type StreamErrorCode } from '@wheelhouse/protocol/stream-event';
import { SAMPLE_RATE, TICK_MS } from '@wheelhouse/protocol/tick';
import { admitAudio, admitImage, admitText, type IntakeRefusal, roomIn } from '@wheelhouse/session/inbox';
import { crowded, receiveExtra, receiveInput } from '@wheelhouse/session/tick-input';
import type { SessionTicks, Way } from '@wheelhouse/session/tick-state';
import type { WebSocket } from 'ws';
import type { CheckpointStage } from './checkpoint-stage.ts';
import type { ClientSession, ClientWire, WireFactory } from './client-wire.ts';
import { DecidedTally } from './decided-tally.ts';
import { Outflow } from './outflow.ts';
import type { RecordingTap } from './recording-tap.ts';
import type { RuledSession } from './tick-rules.ts';
import type { SuperviseSession } from './supervise-session.ts';
import type { VideoTap } from './video-tap.ts';

/** A client whose socket holds this much unsent is not told more; its notices would only pile up. */
const MOST_UNSENT = 4 * FRAME_MAX_BYTES;
/** So many malformed frames, and the connection is closed: this is no client of ours. */
const MOST_FAULTS = 20;
const CLOSE_WITHIN_MS = 1000;

/** One attached client: its socket, its ticks, and what the thread says to it. */
export class LiveSession {
  readonly slot: number;
  readonly engine: EngineKind;
  readonly ticks: SessionTicks;
  readonly gate: Gate;
  /** Takes down the session's sound; null unless it is recorded. */
  readonly tap: RecordingTap | null;
  /** Takes down what its client shows; null unless that is recorded. */
  readonly videoTap: VideoTap | null;
  /** Whether the engine has this session open; not while stopped, nor while the engine process is away. */
  engineOpen = false;
  leased = true;
  /** The humans who hear it, and the one who speaks; null: none were there. */
  supervised: SuperviseSession | null = null;
  /** When its engine last asked for a human, on the shared clock. */
  helpAskedAt = Number.NEGATIVE_INFINITY;
  ended: string | null = null;
  /** What the engine is to be, as it passed its checkpoint last: an engine that opens the session anew has to be told again. */
  config: EngineConfig | null = null;
  readonly facts: RuledSession;
  readonly way: Way;
  /** Decisions on it that the ledger has not got yet. */
  readonly tally: DecidedTally;
  #faults = 0;
  /** How its client is spoken to. */
  readonly client: ClientWire;
  readonly #socket: WebSocket;
  readonly #wire: Duplex;
  readonly #outflow: Outflow;
  readonly #table: LatchTable;
  readonly #now: () => number;
  readonly #since: number;

  constructor(parts: {
    slot: number;
    engine: EngineKind;
    ticks: SessionTicks;
    tap: RecordingTap | null;
    videoTap: VideoTap | null;
    socket: WebSocket;
    wire: Duplex;
    table: LatchTable;
    now: () => number;
    facts: RuledSession;
    stage: CheckpointStage;
    protocol: WireFactory;
  }) {
    this.slot = parts.slot;
    this.engine = parts.engine;
    this.ticks = parts.ticks;
    this.tap = parts.tap;
    this.videoTap = parts.videoTap;
    this.gate = parts.ticks.gate;
    this.#socket = parts.socket;
    this.#wire = parts.wire;
    this.#outflow = new Outflow(parts.wire, this.gate, () => {
      this.cutIfUnderWay();
    });
    this.#table = parts.table;
    this.#now = parts.now;
    this.#since = parts.now();
    this.facts = parts.facts;
    this.tally = new DecidedTally(parts.facts.session);
    this.way = parts.stage.wayOf(this, parts.facts, () => this);
    this.client = parts.protocol(this.#clientSession(parts.facts, parts.stage));
  }

  get session(): string {
    return this.ticks.session;
  }

  /** False once the connection is closing: what was handed over then would count as left, and go nowhere. */
  get open(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** How the gate's `pass` hands over one of this session's frames: the last line before the socket. */
  readonly sink = (kind: FrameKind, payload: Uint8Array, tick: number): HandOver => {
    return (sequence) => {
      this.client.write({ kind, source: 'engine', tick, sequence, payload });
      this.#table.setLeftAt(this.slot, this.#now());
      this.supervised?.left(kind, payload, tick);
      return this.#outflow.went();
    };
  };

  /** The same for a human's frames, which are no output of the engine's. */
  readonly humanSink = (kind: FrameKind, payload: Uint8Array, tick: number): HandOver => {
    return (sequence) => {
      this.client.write({ kind, source: 'human', tick, sequence, payload });
      return this.#outflow.went();
    };
  };

  /** A frame of the gate's own voice. */
  readonly say = (kind: FrameKind, payload: Uint8Array, tick: number): void => {
    if (this.open) this.client.write({ kind, source: 'gate', tick, sequence: this.gate.lastSequence, payload });
  };

  /** A notice of the gate itself. It is not engine output and passes whatever latch is in force. */
  notify(event: GateEvent): void {
    if (event.type === 'flush' || event.type === 'cut') this.tap?.cut(this.#now());
    this.supervised?.gate(event);
    if (!this.open || this.#wire.writableLength > MOST_UNSENT) return;
    this.client.notify(event, { tick: this.ticks.record?.tick ?? this.ticks.nextTick, sequence: this.gate.lastSequence });
  }

  ready(recorded: Recordable[]): void {
    const word = this.gate.word;
    this.notify({
      type: 'ready',
      session: this.session,
      tick: this.ticks.nextTick,
      level: levelOf(word),
      sampleRate: SAMPLE_RATE,
      tickMs: TICK_MS,
      latched: latchesOf(word),
      recorded,
      holdBack: this.ticks.output.window.holdBack,
    });
  }

  /** Tells the client what was wrong with its frame; too many such frames end the connection. */
  refuse(code: StreamErrorCode, message: string, fatal = false): void {
    this.#faults += 1;
    const over = fatal || this.#faults > MOST_FAULTS;
    this.notify({ type: 'error', code, message, fatal: over });
    if (over) this.close(code === 'frame_too_large' ? 1009 : 1008, code);
  }

  /**
   * An order landed on this session. Where bytes of an earlier frame still wait in this process for a slow client, the connection is cut,
   * for nothing may leave after the order (law 3); the client attaches anew.
   */
  cutIfUnderWay(): void {
    if (!this.gate.engineUnderWay) return;
    this.#socket.terminate();
    this.#loseUnderWay();
  }

  /** The connection is over: nothing of the session waits for the client any more, and its recording is handed over. */
  detached(): void {
    if (this.gate.underWay) this.#loseUnderWay();
    this.gate.drained();
    this.tap?.close(this.#now());
    this.videoTap?.close();
    this.supervised?.close();
  }

  #loseUnderWay(): void {
    this.tap?.lostUnderWay();
    this.gate.drained();
  }

  /** The lease was lost or came back: said once each time. */
  tellLease(leased: boolean): void {
    if (leased === this.leased) return;
    this.leased = leased;
    this.notify({ type: 'lease', held: leased, tick: this.ticks.nextTick });
  }

  end(reason: string): void {
    this.ended = reason;
    this.notify({ type: 'ended', reason });
    this.close(1000, 'ended');
  }

  /** Closes the connection. A client that does not answer the closing handshake is cut: it may not hold its session for longer. */
  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
    this.cutSoon();
  }

  cutSoon(): void {
    setTimeout(() => {
      this.#socket.terminate();
    }, CLOSE_WITHIN_MS).unref();
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #clientSession({ deployment, model }: RuledSession, stage: CheckpointStage): ClientSession {
    const { ticks } = this;
    const received = (refusal: IntakeRefusal | null): IntakeRefusal | null => {
      if (refusal === null) receiveInput(ticks, this.way);
      stage.flush();
      return refusal;
    };
    return {
      session: ticks.session,
      deployment,
      model,
      elapsed: () => this.#now() - this.#since,
      send: (message) => {
        this.#socket.send(message, this.#outflow.flushed);
      },
      room: () => roomIn(ticks.inbox),
      audio: (pcm) => admitAudio(ticks.inbox, pcm),
      text: (text) => received(crowded(ticks, 'text') ?? admitText(ticks.inbox, text)),
      image: (jpeg) => received(crowded(ticks, 'image') ?? admitImage(ticks.inbox, jpeg)),
      extra: (part) => {
        const refusal = receiveExtra(ticks, part, this.way);
        stage.flush();
        return refusal;
      },
      refuse: (code, message, fatal) => {
        this.refuse(code, message, fatal);
      },
      end: (reason) => {
        this.end(reason);
      },
    };
  }
}
