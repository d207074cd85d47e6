import type { FrameKind } from '@wheelhouse/protocol/frame';
import type { TickExtra } from '@wheelhouse/protocol/engine-tick';
import type { GateEvent, StreamErrorCode } from '@wheelhouse/protocol/stream-event';
import type { IntakeRefusal } from '@wheelhouse/session/inbox';
import type { RawData } from 'ws';

/**
 * A frame that goes to the client now: of the engine's or a human's, the gate has let it through; `gate` speaks for itself. Payloads are those of
 * `frame.ts`: PCM16 at 16 kHz, UTF-8 text, JPEG, or JSON of an `EngineEvent` (source `engine`) or a `GateEvent` (source `gate`).
 */
export type OutFrame = {
  readonly kind: FrameKind;
  readonly source: 'engine' | 'human' | 'gate';
  readonly tick: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
};

/**
 * A client's protocol on one connection: `/v1/stream`'s own, or another. One object a connection, called on its stream thread, never after
 * the connection is gone.
 */
export type ClientWire = {
  /**
   * Says a frame in the client's protocol: in one message, several, or none. MUST send at once and must not throw: what the gate let through is counted as
   * having left. What the protocol adds around it (an item begins, a response ends) is sent along.
   */
  readonly write: (frame: OutFrame) => void;
  /** The gate speaks to the client. The same as a frame of kind `event` and source `gate`, before it is put into bytes. */
  readonly notify: (event: GateEvent, at: { tick: number; sequence: number }) => void;
  /** A tick is over: nothing more of it comes. */
  readonly tickEnded: (tick: number) => void;
  /** The client sent a message. */
  readonly receive: (data: RawData, isBinary: boolean) => void;
};

/** What a wire may do with its session. */
export type ClientSession = {
  readonly session: string;
  readonly deployment: string;
  readonly model: string;
  /** Milliseconds since the connection began. */
  readonly elapsed: () => number;
  /** Puts a message on the socket. */
  readonly send: (message: string | Uint8Array) => void;
  /** Samples of audio that the session takes now; what exceeds them is refused. It makes room for TICK_SAMPLES a tick. */
  readonly room: () => number;
  /** The person's sound: PCM16 little-endian at 16 kHz, mono, an even number of bytes. */
  readonly audio: (pcm: Uint8Array) => IntakeRefusal | null;
  /** What the person typed. It passes the checkpoint `tick.input` before the engine reads it. */
  readonly text: (text: string) => IntakeRefusal | null;
  /** What the person shows: one JPEG. */
  readonly image: (jpeg: Uint8Array) => IntakeRefusal | null;
  /** What does not come with every tick, in the order in which it is given. Its words pass the checkpoint `tick.input` before the engine reads them. */
  readonly extra: (part: Partial<TickExtra>) => IntakeRefusal | null;
  /** Tells the client of a fault in what it sent, as `notify` of an error; too many, or a fatal one, and the connection is closed. */
  readonly refuse: (code: StreamErrorCode, message: string, fatal?: boolean) => void;
  /** The client is done: the session ends for good. */
  readonly end: (reason: string) => void;
};

/** Makes the wire of a connection. */
export type WireFactory = (session: ClientSession) => ClientWire;
