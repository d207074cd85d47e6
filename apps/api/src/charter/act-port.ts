import type { ProposalLife } from '@wheelhouse/charter/proposal';
import type { Action } from '@wheelhouse/protocol/action';
import type { Actor, Principal } from '@wheelhouse/protocol/identity';
import type { LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import type { Preview, ProposedAct } from '@wheelhouse/protocol/proposed-act';

/** A power of which this installation has something to exercise it on. */
export type ProposedPower = ProposedAct['power'];
export type ActOf<P extends ProposedPower> = Extract<ProposedAct, { power: P }>;

/** A proposal as its act sees it: `by` is who proposed, in person or by a key. */
export type Case = { readonly proposal: string; readonly by: Actor; readonly reason: string; readonly cause: string | null };

/** How a proposal came to nothing. */
export type Ended = { readonly state: Exclude<ProposalLife['state'], 'open' | 'passed' | 'executed'>; readonly because: string };

/** An approval to be used up. `by` is the one whose vote was the last, or Wheelhouse itself where the notice ended. */
export type Approval = {
  readonly proposal: string;
  readonly proposer: Actor;
  /** What the proposer typed. */
  readonly reason: string;
  readonly by: Actor;
  readonly cause: string;
  readonly at: number;
  /** Makes the entry durable that is the effect and uses the approval up. Nothing may have an effect before. Rejects when it can't be had. */
  readonly record: (entry: LedgerEntry) => Promise<number>;
};

/** What a power is exercised on: how an act is looked at, begun, carried out and let go of. Throws a `Refusal` for what can't be. */
export type ActPort<P extends ProposedPower> = {
  /** Refuses who may not propose this. */
  readonly requireProposer: (by: Principal, act: ActOf<P>) => void | Promise<void>;
  /** Whose it is: a tenant, or the mark of what reaches across tenants. */
  readonly tenantOf: (act: ActOf<P>) => string | Promise<string>;
  /** What it is about, as it is now: plain JSON whose change supersedes the proposal. Refuses what can't be proposed. */
  readonly about: (act: ActOf<P>, proposal: string) => unknown;
  /** What is shown to voters. */
  readonly preview: (act: ActOf<P>) => Preview | Promise<Preview>;
  /**
   * What voters are shown besides the act and the preview: content that the ledger must not have. `mayVote`: whether the reader's vote could count; other readers
   * see what they could see without the proposal. Null where there is no such content, or nothing that this reader may see.
   */
  readonly asked?: (act: ActOf<P>, by: Principal, mayVote: boolean) => Promise<Action | null>;
  /** People who made what it is about: where the charter says so, their votes do not count. */
  readonly authors: (act: ActOf<P>) => readonly string[];
  /** Written before the proposal, where the act has a book of its own. The same again changes nothing. */
  readonly begin?: (act: ActOf<P>, file: Case) => Promise<void>;
  /** Carries it out, once. The entry that is the effect goes through `approval.record`, exactly once and before any effect. */
  readonly execute: (act: ActOf<P>, approval: Approval) => Promise<void>;
  /** The proposal ended without taking effect: how, and why in words. The same again changes nothing. */
  readonly abandon?: (act: ActOf<P>, file: Case, ended: Ended) => Promise<void>;
};

/** A port that takes any act of its powers: what the proposal desk holds. */
export type AnyActPort = { readonly [K in keyof ActPort<ProposedPower>]-?: NonNullable<ActPort<ProposedPower>[K]> };

/** The port of one power, for acts of any. */
export function actPort<P extends ProposedPower>(power: P, port: ActPort<P>): readonly [P, AnyActPort] {
  const own = (act: ProposedAct): ActOf<P> => {
    if (!isOf(act, power)) throw new Error(`an act of ${act.power} came to the port of ${power}`);
    return act;
  };
  return [
    power,
    {
      requireProposer: (by, act) => port.requireProposer(by, own(act)),
      tenantOf: (act) => port.tenantOf(own(act)),
      about: (act, proposal) => port.about(own(act), proposal),
      preview: (act) => port.preview(own(act)),
      asked: async (act, by, mayVote) => (await port.asked?.(own(act), by, mayVote)) ?? null,
      authors: (act) => port.authors(own(act)),
      begin: async (act, file) => port.begin?.(own(act), file),
      execute: (act, approval) => port.execute(own(act), approval),
      abandon: async (act, file, ended) => port.abandon?.(own(act), file, ended),
    },
  ];
}

function isOf<P extends ProposedPower>(act: ProposedAct, power: P): act is ActOf<P> {
  return act.power === power;
}
