/** Everything that the audit of approvals finds; docs/charter.md says what each means. */
export type ApprovalCode =
  | 'entry_unfit'
  | 'proposal_repeated'
  | 'proposal_digest_differs'
  | 'proposal_power_differs'
  | 'proposal_not_by_people'
  | 'proposal_rules_differ'
  | 'proposal_authors_differ'
  | 'key_shared'
  | 'key_given_up'
  | 'key_signature'
  | 'key_unbacked'
  | 'key_grant_unknown'
  | 'key_other_site'
  | 'not_in_person'
  | 'signer_key_unknown'
  | 'signer_key_of_another'
  | 'signer_key_ended'
  | 'vote_unknown_proposal'
  | 'vote_repeated'
  | 'vote_other_digest'
  | 'vote_after_end'
  | 'vote_not_counting'
  | 'vote_signature'
  | 'passed_unknown_proposal'
  | 'passed_after_end'
  | 'passed_without_quorum'
  | 'passed_times_differ'
  | 'approval_unknown'
  | 'approval_used_twice'
  | 'approval_ended'
  | 'effect_without_quorum'
  | 'effect_too_late'
  | 'effect_superseded'
  | 'effect_of_practice'
  | 'practice_seal_differs'
  | 'effect_differs'
  | 'two_people_under_charter'
  | 'decided_by_one_person'
  | 'administrator_without_quorum'
  | 'rollback_unfounded'
  | 'rollback_repeated'
  | 'rollback_not_theirs'
  | 'seat_act_refused'
  | 'handover_signature'
  | 'glass_unknown'
  | 'glass_signature'
  | 'glass_refused'
  | 'glass_differs'
  | 'glass_broken_twice'
  | 'glass_used_twice'
  | 'glass_outside_its_time'
  | 'glass_not_ended'
  | 'review_overdue';

/** Something that the audit found; `index` is the entry's place in the ledger. A `note` happens to honest installations as well. */
export type ApprovalFinding = {
  readonly code: ApprovalCode;
  readonly severity: 'fault' | 'note';
  readonly index?: number;
  readonly message: string;
};

/** What is checked, and in which words it is told. */
export const APPROVAL_CHECKS = {
  proposals: ['digest of a proposal', 'digests of proposals'],
  keys: ['enrolment of a passkey', 'enrolments of passkeys'],
  votes: ['signature under a vote', 'signatures under votes'],
  quorums: ['quorum, counted anew', 'quorums, counted anew'],
  effects: ['act, held against its approval', 'acts, held against their approvals'],
  seats: ['act on a seat', 'acts on seats'],
  handovers: ['signature under a handover', 'signatures under handovers'],
  glassSignatures: ['signature under a break glass', 'signatures under break glass'],
  glasses: ['broken glass', 'broken glasses'],
} as const satisfies Record<string, readonly [one: string, many: string]>;
export type ApprovalCheck = keyof typeof APPROVAL_CHECKS;

/** What could not be checked, and why. Not a fault. */
export type ApprovalUnchecked = { readonly code: string; readonly message: string };

export type ApprovalReport = {
  /** How often each thing was checked, whatever came out. */
  readonly checked: Readonly<Record<ApprovalCheck, number>>;
  readonly unchecked: readonly ApprovalUnchecked[];
  /** Passkeys that the ledger makes count, and the people whose they are: what signatures were checked with. */
  readonly keys: number;
  readonly people: number;
  /** The charter in force at the end; null where there is none, or none is shown. */
  readonly charter: { readonly name: string; readonly version: number } | null;
  readonly findings: readonly ApprovalFinding[];
  /** Findings beyond the limit. */
  readonly suppressed: number;
  /** All faults, suppressed ones included. */
  readonly faults: number;
};

/** Why a check could not be made: fields of the entry itself are withheld, or what came before it is not all shown. */
export type Because = 'withheld' | 'before';

/** Findings and counts as they come. Of each severity the first `limit` findings are kept. */
export class ApprovalBook {
  readonly #limit: number;
  readonly #findings: ApprovalFinding[] = [];
  readonly #seen = { fault: 0, note: 0 };
  readonly #checked = zeros();
  readonly #unsure = { withheld: zeros(), before: zeros() };

  constructor(limit: number) {
    this.#limit = limit;
  }

  fault(code: ApprovalCode, index: number, message: string): void {
    this.#add({ code, severity: 'fault', index, message });
  }

  note(code: ApprovalCode, index: number, message: string): void {
    this.#add({ code, severity: 'note', index, message });
  }

  checked(check: ApprovalCheck): void {
    this.#checked[check] += 1;
  }

  unsure(check: ApprovalCheck, because: Because): void {
    this.#unsure[because][check] += 1;
  }

  /** `blind`: from where on not everything is shown, as a sentence's end; null where everything is. */
  report(rest: Pick<ApprovalReport, 'keys' | 'people' | 'charter'>, blind: string | null): ApprovalReport {
    const because = { withheld: 'fields of theirs are withheld', before: `not everything before them is shown (${blind ?? ''})` };
    const unchecked: ApprovalUnchecked[] = [];
    for (const why of ['withheld', 'before'] as const) {
      const parts = inWords(this.#unsure[why]);
      if (parts.length > 0) {
        const message = `Could not be checked, because ${because[why]}: ${parts.join(', ')}.`;
        unchecked.push({ code: `approvals_${why}`, message });
      }
    }
    unchecked.push(...(rest.keys === 0 ? [] : BEYOND_ANY_LEDGER), ...(rest.charter === null ? [] : NOT_REPEATED));
    const { fault, note } = this.#seen;
    const suppressed = fault + note - this.#findings.length;
    return { checked: { ...this.#checked }, unchecked, ...rest, findings: this.#findings, suppressed, faults: fault };
  }

  #add(finding: ApprovalFinding): void {
    this.#seen[finding.severity] += 1;
    if (this.#seen[finding.severity] <= this.#limit) this.#findings.push(finding);
  }
}

const BEYOND_ANY_LEDGER: readonly ApprovalUnchecked[] = [
  {
    code: 'first_keys_taken',
    message: 'The first passkey of each person is taken as it comes: that it is in the hands of that person, no ledger can prove.',
  },
];
const NOT_REPEATED: readonly ApprovalUnchecked[] = [
  {
    code: 'analysis_not_repeated',
    message:
      'That no adopted charter breaks law 5 was not computed again: wheelhouse charter check does, with the text of the entry charter.adopted.',
  },
];

function zeros(): Record<ApprovalCheck, number> {
  return { proposals: 0, keys: 0, votes: 0, quorums: 0, effects: 0, seats: 0, handovers: 0, glassSignatures: 0, glasses: 0 };
}

/** Counts of checks in words, those of none left out. */
export function inWords(counts: Readonly<Record<ApprovalCheck, number>>): string[] {
  return Object.entries(APPROVAL_CHECKS).flatMap(([check, [one, many]]) => {
    const count = new Map(Object.entries(counts)).get(check) ?? 0;
    return count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
  });
}
