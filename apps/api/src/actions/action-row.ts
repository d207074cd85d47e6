import type { ActionKind, ActionState } from '@wheelhouse/protocol/action';
import type { Actor } from '@wheelhouse/protocol/identity';
import { type AskedCheckpoint, type Decision, MODEL_CHECKPOINTS, type ModelCheckpoint } from '@wheelhouse/protocol/policy';

/** An action as it is stored. What it is about is sealed: `ActionSeal` opens it. */
export type ActionRow = {
  readonly id: string;
  readonly tenant: string;
  readonly state: ActionState;
  readonly kind: ActionKind;
  readonly tool: string;
  readonly digest: string;
  readonly session: string | null;
  readonly asker: Actor;
  /** The person behind who asked; of an engine's, who opened its session. */
  readonly person: string;
  /** Whose key `content` and `outcome` are sealed under. */
  readonly subject: string;
  readonly content: string;
  readonly decision: Decision;
  readonly askedAt: Date;
  readonly expiresAt: Date;
  readonly webhook: string | null;
  /** The id of its `action.asked`. */
  readonly entry: string;
  /** Whether it is known that the ledger has that entry. */
  readonly recorded: boolean;
  readonly settled: Settled | null;
  /** When it was carried out. */
  readonly usedAt: Date | null;
};

/** How it came out of waiting. While `state` is `pending`, this is what somebody is about to decide, and counts for nothing. */
export type Settled = {
  readonly state: ActionState;
  readonly by: Actor;
  readonly at: Date;
  readonly editedDigest: string | null;
  /** Edited arguments or an answer, sealed under the row's `subject`. */
  readonly outcome: string | null;
  /** The reason, sealed under the key of the person who gave it. */
  readonly words: string | null;
};

/** The person who decided; null where nobody has, or Wheelhouse itself did. */
export function deciderOf({ state, settled }: ActionRow): string | null {
  return state === 'pending' || settled === null || settled.by.kind === 'system' ? null : (settled.by.person ?? settled.by.id);
}

/** Where policy decides on an action once more when it is carried out. Words that waited pass as an engine's call does: nobody carries them out but Wheelhouse. */
export function checkpointOf(kind: ActionKind): AskedCheckpoint {
  switch (kind) {
    case 'tool':
    case 'output':
    case 'input':
      return 'tool.call';
    case 'finetune.create':
    case 'deployment.promote':
      return kind;
  }
}

/** The kind of an action that was asked for at this checkpoint. */
export function kindAt(checkpoint: AskedCheckpoint): ActionKind {
  return checkpoint === 'tool.call' ? 'tool' : checkpoint;
}

/** The power of the charter that an action takes once there is one; null where it takes none. */
export function powerOf({ kind }: Pick<ActionRow, 'kind'>): ModelCheckpoint | null {
  return MODEL_CHECKPOINTS.find((power) => power === kind) ?? null;
}
