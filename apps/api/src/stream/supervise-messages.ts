import type { MessagePort } from 'node:worker_threads';
import type { TickExtra } from '@wheelhouse/protocol/engine-tick';
import type { GateEvent, StreamErrorCode } from '@wheelhouse/protocol/stream-event';
import type { SuperviseCommand, SuperviseEvent } from '@wheelhouse/protocol/supervision';
import type { z } from 'zod';

/** Who speaks in a session, and whether its engine hears them. */
export type Speaker = { readonly supervision: string; readonly engineHears: boolean };

/** What an engine is to know of the time in which it was not heard, once its turn has come again. */
export type HandedBack = { readonly release: string; readonly said: TickExtra['said']; readonly guidance: string };

type OfSession = { readonly slot: number; readonly session: string };

/** From the control thread to the stream thread where a session lives. */
export type SuperviseToSession =
  /** This end of a line to a supervisor, whose connection may be on another stream thread or on this one. */
  | (OfSession & { readonly type: 'supervise.overhear'; readonly supervision: string; readonly port: MessagePort })
  | (OfSession & { readonly type: 'supervise.speaker'; readonly speaker: Speaker | null })
  /** Whether the engine is kept from hearing its person. */
  | (OfSession & { readonly type: 'supervise.deafen'; readonly isDeaf: boolean })
  | (OfSession & { readonly type: 'supervise.hand_back'; readonly handedBack: HandedBack });

/** From the control thread to the stream thread where a supervisor's connection is. */
export type SuperviseToHall =
  /** The other end of the line, to where the session lives now. */
  | { readonly type: 'supervise.line'; readonly supervision: string; readonly port: MessagePort }
  | { readonly type: 'supervise.tell'; readonly supervision: string; readonly event: SuperviseEvent }
  | { readonly type: 'supervise.close'; readonly supervision: string; readonly reason: string };

export type SuperviseToThread = SuperviseToSession | SuperviseToHall;

export type ParsedCommand = z.output<typeof SuperviseCommand>;

/** To the control thread. `at`: when the command came, on the shared clock. */
export type SuperviseFromThread =
  | { readonly type: 'supervise.joined'; readonly supervision: string }
  | { readonly type: 'supervise.command'; readonly supervision: string; readonly command: ParsedCommand; readonly at: number }
  /** The connection is over. `said`: the supervisor said that they leave. */
  | { readonly type: 'supervise.left'; readonly supervision: string; readonly said: boolean }
  | { readonly type: 'supervise.handed_back'; readonly session: string; readonly release: string }
  /** The engine asks for a human. */
  | { readonly type: 'help'; readonly session: string; readonly tick: number; readonly text: string };

/** From the session's thread to the supervisor's. Sound is PCM16 at 16 kHz. */
export type Overheard =
  | { readonly type: 'sound'; readonly source: 'client' | 'engine' | 'human'; readonly tick: number; readonly pcm: Uint8Array<ArrayBuffer> }
  | { readonly type: 'typed'; readonly tick: number; readonly text: string }
  | { readonly type: 'gate'; readonly event: GateEvent }
  /** Of what the supervisor said nothing went on. */
  | { readonly type: 'refused'; readonly code: StreamErrorCode; readonly message: string };

/** And back: what the supervisor says. */
export type Spoken = { readonly pcm: Uint8Array<ArrayBuffer> };
