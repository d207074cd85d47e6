import type { Preview, ProposedAct } from '@wheelhouse/protocol/proposed-act';
import type { VoteChoice } from '@wheelhouse/protocol/proposal';
import type { EmergencyAct } from '@wheelhouse/protocol/proposed-act';
import canonicalize from 'canonicalize';

/** SHA-256, given by the caller: Node's, or a browser's. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** Everything that a proposal's digest binds: what happens, what was shown, and under which rules. */
export type Bound = {
  readonly proposal: string;
  readonly act: ProposedAct;
  readonly preview: Preview;
  /** Names of the charter and the policy in force, as ledger entries carry them. */
  readonly charter: string;
  readonly policy: string;
  /** Digest of what it is about, as it was when it was opened. */
  readonly about: string;
  readonly authors: readonly string[];
};

/**
 * The digest that votes are bound to, in hexadecimal: SHA-256 over RFC 8785 of the proposal's id, its act, the preview that voters are shown, the
 * charter, the policy, what it is about and who made that. The id keeps a vote on one proposal from counting for another of the same.
 */
export function proposalDigest({ proposal, act, preview, charter, policy, about, authors }: Bound, sha256: Sha256): string {
  return hex(sha256(bytesOf({ what: 'wheelhouse/proposal/1', proposal, act, preview, charter, policy, about, authors: [...authors] })));
}

/** A ballot: who votes what, for which seat, on which digest. `vote` is the vote's own id, so that no ballot can be cast twice. */
export type Ballot = {
  readonly digest: string;
  readonly vote: string;
  readonly person: string;
  readonly seat: string;
  readonly choice: VoteChoice;
};

/**
 * What a voter's passkey signs: the WebAuthn challenge. The choice and the seat are in it besides the proposal's digest, so that a yes can't be
 * made of a no by whoever keeps the record.
 */
export function ballotChallenge({ digest, vote, person, seat, choice }: Ballot, sha256: Sha256): Uint8Array {
  return sha256(bytesOf({ what: 'wheelhouse/vote/1', digest, vote, person, seat, choice }));
}

export type Enrolment = { readonly person: string; readonly credential: string; readonly publicKey: string; readonly rpId: string };

/** What is signed when a passkey is made to count for votes: by itself, and by one that counts already. */
export function enrolmentChallenge({ person, credential, publicKey, rpId }: Enrolment, sha256: Sha256): Uint8Array {
  return sha256(bytesOf({ what: 'wheelhouse/enrol/1', person, credential, publicKey, rpId }));
}

export type AcceptedHandover = { readonly seat: string; readonly to: string; readonly effectiveAt: string };

/** What a successor signs when they accept a seat. */
export function handoverChallenge({ seat, to, effectiveAt }: AcceptedHandover, sha256: Sha256): Uint8Array {
  return sha256(bytesOf({ what: 'wheelhouse/handover/1', seat, to, effectiveAt }));
}

export type GlassBallot = {
  readonly glass: string;
  readonly emergency: EmergencyAct;
  readonly practice: boolean;
  readonly person: string;
  readonly seat: string;
};

/** What each person signs who breaks a glass. */
export function glassChallenge({ glass, emergency, practice, person, seat }: GlassBallot, sha256: Sha256): Uint8Array {
  return sha256(bytesOf({ what: 'wheelhouse/glass/1', glass, emergency, practice, person, seat }));
}

/** How a charter is named in entries: by the digest of its text. */
export function charterName(text: string, sha256: Sha256): string {
  return `sha256:${hex(sha256(new TextEncoder().encode(text)))}`;
}

/** The digest of any plain JSON, in hexadecimal, over RFC 8785. */
export function digestOf(value: unknown, sha256: Sha256): string {
  return hex(sha256(bytesOf(value)));
}

function bytesOf(value: unknown): Uint8Array {
  const text = canonicalize(value);
  if (text === undefined) throw new Error('there is no JSON for this');
  return new TextEncoder().encode(text);
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Base64url without padding (RFC 4648, section 5). */
export function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** The bytes of base64url text, with or without padding. Throws for what is none. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
