import type { FrameHeader } from '@wheelhouse/protocol/frame';
import type { IntakeRefusal } from './inbox.ts';

/** Checks the headers of one connection's frames: the client's own, of this session, numbered from 1 without gaps. */
export class FrameCounter {
  readonly #session: string;
  #sequence = 0;

  constructor(session: string) {
    this.#session = session;
  }

  /** Null when the frame may be looked at further. What is refused later has been received all the same, and the next number is the next. */
  check(header: FrameHeader): IntakeRefusal | null {
    if (header.source !== 'client') return { code: 'frame_source', message: 'A client sends frames with source 0 (client).' };
    if (header.session !== this.#session)
      return { code: 'wrong_session', message: `This connection is attached to session ${this.#session}, not to ${header.session}.` };
    const expected = this.#sequence + 1;
    if (header.sequence < expected)
      return { code: 'replayed', message: `Frame ${header.sequence} was here already; the next is ${expected}.` };
    if (header.sequence > expected)
      return {
        code: 'out_of_order',
        message: `Frame ${header.sequence} came where ${expected} was expected; frames are numbered without gaps.`,
      };
    this.#sequence = header.sequence;
    return null;
  }
}
