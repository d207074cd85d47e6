import type { Signed } from '@wheelhouse/protocol/proposed-act';
import type { ApprovalBench, PlacedOf } from './approval-bench.ts';
import type { ApprovalCheck, ApprovalCode } from './approval-report.ts';
import { enrolmentChallenge } from './ballot.ts';
import { signatureFault, signatureFaultInWords, type SigningKey } from './passkey-signature.ts';

/** What somebody signed. `code` is what a signature that does not hold is found as; `onForged` is told of it, after all earlier jobs. */
export type SignedAct = {
  readonly index: number;
  readonly person: string;
  readonly signed: Signed;
  readonly challenge: Uint8Array;
  readonly what: string;
  readonly check: ApprovalCheck;
  readonly code: ApprovalCode;
  readonly onForged: () => void;
};

/** Checks a signature by a key that counts now for the person, later. */
export function checkSigned(bench: ApprovalBench, act: SignedAct): void {
  const { index, person, signed, what, check, onForged } = act;
  const { book, record, blind } = bench;
  const key = record.keys.get(signed.credential);
  // A key that is somebody else's stays theirs, whatever is not shown.
  const code = key === undefined ? 'signer_key_unknown' : key.person === person ? 'signer_key_ended' : 'signer_key_of_another';
  if (key?.person === person && key.until === null) {
    later(bench, act, key);
    return;
  }
  if (blind !== null && code !== 'signer_key_of_another') {
    book.unsure(check, 'before');
    return;
  }
  book.checked(check);
  const why = {
    signer_key_unknown: 'with a passkey that was never enrolled',
    signer_key_ended: 'with a passkey that did not count any more',
    signer_key_of_another: `with a passkey of ${key?.person ?? 'somebody else'}`,
  };
  book.fault(code, index, `Entry ${index}: ${what} of ${person} is signed ${why[code]}.`);
  bench.later(onForged);
}

function later(
  { later: put, forged, book, sha256 }: ApprovalBench,
  act: SignedAct,
  { credential, publicKey, rpId, origin }: SigningKey,
): void {
  const { index, person, signed, challenge, what, check, code, onForged } = act;
  put(async () => {
    book.checked(check);
    const fault = await signatureFault(signed, challenge, { credential, publicKey, rpId, origin }, sha256);
    if (fault !== null) book.fault(code, index, `Entry ${index}: ${what} of ${person} proves nothing: ${signatureFaultInWords(fault)}.`);
    if (fault !== null || forged.keys.has(credential)) onForged();
  });
}

/**
 * The enrolment of a passkey: signed by itself; and, but for a person's first and for what a quorum granted, by one that counted before. No
 * passkey is of two people.
 */
export function checkEnrolment(bench: ApprovalBench, { index, entry }: PlacedOf<'voter.enrolled'>): void {
  const { record, book, forged, sha256, blind } = bench;
  const { person, publicKey, rpId, origin, signed, earlier, proposal } = entry.data;
  const key = { credential: signed.credential, publicKey, rpId, origin };
  const challenge = enrolmentChallenge({ person, credential: key.credential, publicKey, rpId }, sha256);
  const refuse = (code: ApprovalCode, message: string): void => {
    book.fault(code, index, `Entry ${index}: the passkey enrolled for ${person} ${message}`);
    forge();
  };
  // An enrolment of a key that counts already changes nothing: the key stays whose it is.
  const isTaken = record.keys.get(key.credential)?.until === null;
  const forge = (): void => {
    // Later, so that votes before this entry keep the key that they were signed with.
    if (!isTaken) bench.later(() => void forged.keys.add(key.credential));
  };
  if (entry.by.kind !== 'person' || entry.by.id !== person) refuse('not_in_person', 'was enrolled by somebody else.');
  if (record.keys.isOfAnother(person, key)) refuse('key_shared', 'is that of somebody else: two people can not share one.');
  const before = record.keys.get(key.credential);
  if (before?.person === person && before.until !== null) refuse('key_given_up', 'was given up as lost, and counts no more.');
  if (!isOfSite(origin, rpId)) refuse('key_other_site', `is of ${rpId}, and counts on pages of ${origin}, which is another site.`);
  bench.later(async () => {
    const fault = await signatureFault(signed, challenge, key, sha256);
    if (fault === null) return;
    refuse('key_signature', `did not sign its own enrolment: ${signatureFaultInWords(fault)}.`);
    if (!isTaken) forged.keys.add(key.credential);
  });
  const grant = record.keys.grantOf(person);
  if (proposal !== undefined && proposal === grant) book.checked('keys');
  else if (proposal !== undefined) {
    if (blind !== null) book.unsure('keys', 'before');
    else refuse('key_grant_unknown', `names the approval ${proposal}, which gave nobody that right, or which was used before.`);
  } else if (earlier !== undefined) {
    const what = 'the earlier signature for another passkey';
    checkSigned(bench, { index, person, signed: earlier, challenge, what, check: 'keys', code: 'key_signature', onForged: forge });
  } else if (record.keys.everCounted(person)) {
    book.checked('keys');
    refuse('key_unbacked', 'is not their first, and none that counted before signed for it.');
  } else if (blind !== null) book.unsure('keys', 'before');
  else book.checked('keys');
}

/** Whether pages of an origin may use passkeys of a site: they are on its host, or below it. */
function isOfSite(origin: string, rpId: string): boolean {
  const host = /^https?:\/\/([^/:?#@]+)(?::\d+)?$/.exec(origin)?.[1];
  return host !== undefined && (host === rpId || host.endsWith(`.${rpId}`));
}
