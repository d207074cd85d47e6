/**
 * SHA-256 of some bytes: 32 bytes. Synchronous, because a tree takes millions of them and a promise costs more than the hash;
 * Node has one built in, a browser brings a JavaScript one.
 */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** Whether `signature` (64 bytes) over `message` is by `publicKey` (32 bytes), RFC 8032. A false answer, never an exception, for bad input. */
export type Ed25519Verify = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean | Promise<boolean>;

/** The same, where the platform answers at once (Node). WebCrypto does not. */
export type Ed25519VerifySync = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

/** A refusal as a value: `code` is for programs, `message` for people. */
export type Refusal<Code extends string> = { readonly ok: false; readonly code: Code; readonly message: string };

/** What a parser answers: the value, or why there is none. */
export type Parsed<T, Code extends string> = { readonly ok: true; readonly value: T } | Refusal<Code>;

/** What a verifier answers. */
export type Verdict<Code extends string> = { readonly ok: true } | Refusal<Code>;

export function refuse<Code extends string>(code: Code, message: string): Refusal<Code> {
  return { ok: false, code, message };
}
