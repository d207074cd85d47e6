import { actionDigest } from '@wheelhouse/ledger/action-digest';
import { LedgerError } from '@wheelhouse/ledger/ledger-error';
import { parseStrictJson } from '@wheelhouse/ledger/strict-json';
import type { Action, ActionState } from '@wheelhouse/protocol/action';
import { MODEL_CHECKPOINTS } from '@wheelhouse/protocol/policy';
import { LONGEST_ARGUMENTS } from '@wheelhouse/protocol/tool-call';
import { z } from 'zod';
import { sha256 } from '../ledger/browser-crypto.ts';

export const STATE_WORDS: Readonly<Record<ActionState, string>> = {
  allowed: 'allowed by policy',
  denied: 'denied by policy',
  pending: 'waits',
  approved: 'approved',
  edited: 'approved with changes',
  answered: 'answered',
  rejected: 'rejected',
  expired: 'ran out',
  withdrawn: 'withdrawn',
};

/** What it is, in a few words. */
export function titleOf({ kind, tool }: Pick<Action, 'kind' | 'tool'>): string {
  switch (kind) {
    case 'tool':
      return tool;
    case 'output':
      return 'Something to be said';
    case 'input':
      return 'Something to be heard';
    case 'finetune.create':
      return `Create the fine-tune ${tool}`;
    case 'deployment.promote':
      return `Promote the deployment ${tool}`;
  }
}

const SOON_MS = 5 * 60_000;

/** Somebody waits on the line, or there is little time left. */
export function isUrgent({ session, expiresAt }: Pick<Action, 'session' | 'expiresAt'>, now: number): boolean {
  return session !== null || Date.parse(expiresAt) - now < SOON_MS;
}

/** The urgent first, and of these the newest. */
export function inOrder<T extends Pick<Action, 'session' | 'expiresAt' | 'askedAt'>>(actions: readonly T[], now: number): T[] {
  const rank = (action: T) => (isUrgent(action, now) ? 1 : 0);
  return actions.toSorted((a, b) => rank(b) - rank(a) || Date.parse(b.askedAt) - Date.parse(a.askedAt));
}

/** Arguments for reading, keys in their order, two blanks deep. */
export function pretty(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

/** The digest of what is shown, computed here: a server that shows one thing and has another approved is found out. Null where there is none. */
export function digestHere({ kind, tool }: Pick<Action, 'kind' | 'tool'>, given: unknown): string | null {
  const checkpoint = MODEL_CHECKPOINTS.find((each) => each === kind);
  try {
    return actionDigest({ tool, arguments: given, ...(checkpoint === undefined ? {} : { checkpoint }) }, sha256);
  } catch (error) {
    if (error instanceof LedgerError) return null;
    throw error;
  }
}

/** Whether what is shown is what a decision would be bound to. What can't be shown (it was erased) can't be approved. */
export function isWhatItSays({ arguments: given, digest, ...what }: Pick<Action, 'kind' | 'tool' | 'arguments' | 'digest'>): boolean {
  return digestHere(what, given) === digest;
}

/** What somebody typed as new arguments: their value and digest, or what is wrong with it. */
export type Typed =
  | { readonly ok: true; readonly value: z.infer<ReturnType<typeof z.json>>; readonly digest: string }
  | { readonly ok: false; readonly message: string };

export function readArguments(what: Pick<Action, 'kind' | 'tool'>, text: string): Typed {
  const read = parseStrictJson(text);
  if (!read.ok) return { ok: false, message: `${read.message} Line ${text.slice(0, read.position).split('\n').length}.` };
  const value = z.json().parse(read.value);
  if (JSON.stringify(value).length > LONGEST_ARGUMENTS) return { ok: false, message: `Longer than ${LONGEST_ARGUMENTS} characters.` };
  const digest = digestHere(what, value);
  return digest === null ? { ok: false, message: 'This JSON has no single spelling.' } : { ok: true, value, digest };
}

/** A digest in groups of eight, for comparing by eye. */
export function grouped(digest: string): string {
  return digest.replace(/.{8}(?=.)/g, '$& ');
}
