import type { Principal } from '@wheelhouse/protocol/identity';
import type { Level } from '@wheelhouse/protocol/level';
import { problemOf, type Problem } from '@wheelhouse/protocol/problem';

/** Who is at the door of a stream thread, as the request said. */
export type DoorCredentials = { readonly authorization?: string; readonly cookie?: string };

/** What a stream thread asks of the control thread, which knows callers, sessions and policy. */
export type ThreadAsk =
  | { readonly what: 'authenticate'; readonly credentials: DoorCredentials }
  /** Uses up the ticket of a supervisor who is at the door. */
  | { readonly what: 'supervise'; readonly supervision: string }
  /** Attaches a sideband to a session; answered with its facts. */
  | { readonly what: 'sideband'; readonly credentials: DoorCredentials; readonly session: string }
  /** What an attached sideband asks for. `at`: when it came, on the shared clock. Answered with the tick at which it was done. */
  | { readonly what: 'sideband.act'; readonly supervision: string; readonly act: SidebandAct; readonly at: number }
  /** Opens a session of a deployment for the caller; answered with a ticket that this thread can take up at once. */
  | { readonly what: 'open'; readonly credentials: DoorCredentials; readonly deployment: string; readonly level?: Level };

/** What a sideband may ask for: all of it restrictive, but guidance and the session's end. `unmute` is asked in vain. */
export type SidebandAct =
  | { readonly type: 'whisper'; readonly text: string }
  | { readonly type: 'mute' }
  | { readonly type: 'unmute' }
  | { readonly type: 'close' };

/** An attached sideband, and its session. `openedAt`: Unix time in seconds. */
export type SidebandFacts = { readonly supervision: string; readonly model: string; readonly openedAt: number };

export type ThreadTold =
  | {
      readonly ok: true;
      readonly principal: Principal;
      readonly ticket: string | null;
      /** The session that was opened, and is the ticket's. */
      readonly session?: string;
      readonly sideband?: SidebandFacts;
      readonly tick?: number;
    }
  | { readonly ok: false; readonly problem: Problem };

const ANSWER_WITHIN_MS = 10_000;

/** A stream thread's questions to the control thread, each answered once. */
export class ControlLine {
  readonly #send: (id: number, ask: ThreadAsk) => void;
  readonly #late: (told: ThreadTold) => void;
  readonly #open = new Map<number, (told: ThreadTold) => void>();
  #last = 0;

  /** `late` gets the answers that came when nobody waited for them any more. */
  constructor(send: (id: number, ask: ThreadAsk) => void, late: (told: ThreadTold) => void) {
    this.#send = send;
    this.#late = late;
  }

  /** Never rejects: what can't be had is a problem that the caller is told. */
  ask(ask: ThreadAsk): Promise<ThreadTold> {
    this.#last += 1;
    const id = this.#last;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.told(id, { ok: false, problem: problemOf('internal', 'The control thread did not answer in time. Try again.') });
      }, ANSWER_WITHIN_MS);
      this.#open.set(id, (told) => {
        clearTimeout(timer);
        resolve(told);
      });
      this.#send(id, ask);
    });
  }

  told(id: number, told: ThreadTold): void {
    const resolve = this.#open.get(id);
    this.#open.delete(id);
    if (resolve === undefined) this.#late(told);
    else resolve(told);
  }
}
