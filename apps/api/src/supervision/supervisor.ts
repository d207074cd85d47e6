import type { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import type { Principal } from '@wheelhouse/protocol/identity';
import type { SupervisionVerb, Supervisor as SupervisorView } from '@wheelhouse/protocol/supervisor';
import type { DoorCredentials } from '../stream/control-line.ts';
import type { OpenSession } from '../sessions/session-registry.ts';

/** A human in a session, as the control thread holds them. */
export type Supervisor = {
  readonly supervision: string;
  readonly session: OpenSession;
  principal: Principal;
  /** With what they signed in, to ask again whether they still may. */
  readonly credentials: DoorCredentials;
  /** The stream thread where their connection is. */
  readonly thread: number;
  /** False until the connection stands. */
  joined: boolean;
  /** Whether there is a line to the session's thread. */
  connected: boolean;
  verb: SupervisionVerb;
  /** The latch under which they speak in the engine's place. */
  order: string | null;
  engineHears: boolean;
  /** A developer's backend with an API key, not a human: it only listens (`sideband-desk.ts`). */
  readonly isSideband?: true;
  /** The entry of the record that says what they do now. */
  entry: LedgerEntry;
};

export function supervisorView({ supervision, principal, verb }: Supervisor): SupervisorView {
  return { supervision, person: principal.person, name: principal.name, verb };
}
