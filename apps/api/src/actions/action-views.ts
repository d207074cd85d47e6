import type { Action } from '@wheelhouse/protocol/action';
import type { Principal } from '@wheelhouse/protocol/identity';
import { deciderOf, type ActionRow } from './action-row.ts';
import { seesContent } from './action-rights.ts';
import type { ActionSeal } from './action-seal.ts';

type Parts = {
  readonly seal: ActionSeal;
  readonly nameOf: (id: string) => string;
  readonly reasonOf: (policy: string) => string;
  /** Whether there is a proposal of this id. */
  readonly hasProposal: (id: string) => boolean;
};

/** Actions as they are shown. */
export class ActionViews {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** For one caller: content only where they may see it. */
  of(row: ActionRow, by: Principal): Action {
    return this.#view(row, seesContent(by, row));
  }

  /** For the house itself, with content. */
  whole(row: ActionRow): Action {
    return this.#view(row, true);
  }

  #view(row: ActionRow, withContent: boolean): Action {
    const { id, tenant, state, kind, tool, digest, session, asker, decision } = row;
    const asked = withContent ? this.#parts.seal.openAsked(row) : null;
    return {
      ...{ id, tenant, state, kind, tool, digest, session, decision },
      because: decision.policies.map((policy) => ({ policy, reason: this.#parts.reasonOf(policy) })),
      arguments: asked?.arguments ?? null,
      agent: asked?.agent ?? '',
      reason: asked?.reason ?? '',
      askedBy: asker.id,
      askedByName: asker.kind === 'system' ? 'The engine' : this.#parts.nameOf(asker.id),
      holder: asker.kind === 'system' ? null : row.person,
      askedAt: row.askedAt.toISOString(),
      expiresAt: row.expiresAt.toISOString(),
      ...this.#decided(row, withContent),
      proposal: this.#parts.hasProposal(id) ? id : null,
      usedAt: row.usedAt?.toISOString() ?? null,
    };
  }

  #decided(
    row: ActionRow,
    withContent: boolean,
  ): Pick<Action, 'decidedBy' | 'decidedByName' | 'decidedAt' | 'decidedReason' | 'edited' | 'answer'> {
    const { settled } = row;
    if (row.state === 'pending' || settled === null)
      return { decidedBy: null, decidedByName: null, decidedAt: null, decidedReason: '', edited: null, answer: null };
    const person = deciderOf(row);
    const { seal, nameOf } = this.#parts;
    const outcome = withContent ? seal.openOutcome(row) : null;
    const digest = settled.editedDigest;
    return {
      decidedBy: person,
      decidedByName: person === null ? null : nameOf(person),
      decidedAt: settled.at.toISOString(),
      decidedReason: person === null || settled.words === null || !withContent ? '' : (seal.openWords(person, settled.words) ?? ''),
      edited: digest === null ? null : { arguments: outcome !== null && 'arguments' in outcome ? outcome.arguments : null, digest },
      answer: outcome !== null && 'answer' in outcome ? outcome.answer : null,
    };
  }
}
