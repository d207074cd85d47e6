import { digestOf, type Sha256 } from './ballot.ts';

/** Whether a proposal is for practice, with the salt that keeps anybody from guessing it from its seal. */
export type Sealed = { readonly proposal: string; readonly salt: string; readonly practice: boolean };

/** The commitment that stands in every proposal's first entry: SHA-256 over RFC 8785, in hexadecimal. */
export function practiceSeal({ proposal, salt, practice }: Sealed, sha256: Sha256): string {
  return digestOf({ what: 'wheelhouse/practice/1', proposal, salt, practice }, sha256);
}
