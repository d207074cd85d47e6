import { FRAME_SOURCES, type FrameHeader } from '@wheelhouse/protocol/frame';
import type { IntakeRefusal } from './inbox.ts';

const SENDS = {
  client: `A client sends frames with source ${FRAME_SOURCES.indexOf('client')} (client).`,
  human: `A supervisor sends frames with source ${FRAME_SOURCES.indexOf('human')} (human).`,
} as const;

/** Checks the headers of one connection's frames: the sender's own, of this session, numbered from 1 without gaps. */
export class FrameCounter {
  readonly #session: string;
  readonly #source: 'client' | 'human';
  #sequence = 0;

  constructor(session: string, source: 'client' | 'human' = 'client') {
    this.#session = session;
    this.#source = source;
  }

  /** Null when the frame may be looked at further. What is refused later has been received all the same, and the next number is the next. */
  check(header: FrameHeader): IntakeRefusal | null {
    if (header.source !== this.#source) return { code: 'frame_source', message: SENDS[this.#source] };
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
