import { mayRecordOn } from '@wheelhouse/content/content-book';
import { namedSubject } from '@wheelhouse/content/data-subject';
import { Recordable, type RecordRequest } from '@wheelhouse/protocol/content';
import type { Principal } from '@wheelhouse/protocol/identity';
import type { Deployment, SessionRequest } from '@wheelhouse/protocol/session';
import { z } from 'zod';
import { LedgerUnavailableError } from '../ledger/ledger-writer.ts';
import { Refusal } from '../problem/refusal.ts';
import type { ContentKeeper } from './content-keeper.ts';
import type { SubjectKeys } from './subject-keys.ts';

/** Whose data a session carries, and what of it is recorded. As `session.opened` has it. */
export type RecordingTerms = { readonly subject: string; readonly record?: RecordRequest };

/** Refuses a recording that the deployment does not allow; consent and retention class were asked for at the door. */
export function termsOf(principal: Principal, request: SessionRequest, deployment: Deployment): RecordingTerms {
  const subject = request.subject === undefined ? principal.person : namedSubject(principal.tenant, request.subject);
  if (request.record === undefined) return { subject };
  const barred = request.record.what.find((what) => !deployment.mayRecord.includes(what));
  if (barred !== undefined) {
    const may =
      deployment.mayRecord.length === 0 ? 'nothing may be recorded' : `what may be recorded is: ${deployment.mayRecord.join(', ')}`;
    throw new Refusal('not_recordable', `Of sessions of ${deployment.name}, the ${barred} may not be recorded; ${may}.`);
  }
  return { subject, record: request.record };
}

/** Says what of a session is recorded: off, unless it was opened with a consent. */
export class RecordingDesk {
  readonly #keeper: ContentKeeper;
  readonly #keys: SubjectKeys;

  constructor(parts: { keeper: ContentKeeper; keys: SubjectKeys }) {
    this.#keeper = parts.keeper;
    this.#keys = parts.keys;
  }

  /** Makes ready what these terms ask for, before the session is opened. Throws where it may not or can't be recorded now. */
  async agree(principal: Principal, request: SessionRequest, deployment: Deployment): Promise<RecordingTerms> {
    const terms = termsOf(principal, request, deployment);
    if (terms.record === undefined) return terms;
    try {
      await this.#keys.ensure([terms.subject]);
    } catch (error) {
      throw new LedgerUnavailableError(
        `No key for the recording could be made (${error instanceof Error ? error.message : String(error)}).`,
      );
    }
    return terms;
  }

  /** The session stands in the ledger, under these terms. */
  opened(session: string, tenant: string, terms: RecordingTerms, entry: number): void {
    const { subject, record } = terms;
    if (record !== undefined) this.#keeper.recorded({ session, tenant, subject, record, entry });
  }

  /** What of a session is recorded from here on. */
  recorded(id: string): Recordable[] {
    const session = this.#keeper.book.sessions.get(id);
    return session !== undefined && mayRecordOn(this.#keeper.book, session) ? this.agreed(id) : [];
  }

  /** What of a session was to be recorded when it was opened; an erasure may have ended that since. */
  agreed(id: string): Recordable[] {
    return z.array(Recordable).parse(this.#keeper.book.sessions.get(id)?.record.what ?? []);
  }

  /** `tell` hears of data subjects of which nothing is recorded any more. */
  onErased(tell: (subject: string) => void): void {
    this.#keeper.onErased(tell);
  }

  /** Whose data a recorded session carries; null where nothing of it is recorded. */
  subjectOf(id: string): string | null {
    return this.#keeper.book.sessions.get(id)?.subject ?? null;
  }
}
