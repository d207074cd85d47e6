const SEQUENCE = 0x30;
const INTEGER = 0x02;

/**
 * Whether an ECDSA signature is in DER (ITU-T X.690, section 10) as RFC 3279, section 2.2.3, has it: a sequence of two positive integers, each in as
 * few bytes as it takes, and nothing more. Libraries read other encodings of the same numbers too; then bytes of a signature could be changed and it
 * would still hold.
 */
export function isStrictDer(signature: Uint8Array): boolean {
  if (signature[0] !== SEQUENCE) return false;
  const body = bodyAt(signature, 1);
  if (body === null || body.end !== signature.length) return false;
  const r = integerAt(signature, body.start);
  const s = r === null ? null : integerAt(signature, r);
  return s === signature.length;
}

/** Where a positive integer in as few bytes as it takes ends; null where there is none. */
function integerAt(bytes: Uint8Array, at: number): number | null {
  if (bytes[at] !== INTEGER) return null;
  const body = bodyAt(bytes, at + 1);
  if (body === null || body.end <= body.start || body.end > bytes.length) return null;
  const first = bytes[body.start] ?? 0;
  const second = bytes[body.start + 1] ?? 0;
  const isNegative = first >= 0x80;
  const isPadded = first === 0 && body.end - body.start > 1 && second < 0x80;
  return isNegative || isPadded ? null : body.end;
}

/** The length at `at`, in as few bytes as it takes: one up to 127, two up to 255. No curve has longer signatures. */
function bodyAt(bytes: Uint8Array, at: number): { readonly start: number; readonly end: number } | null {
  const first = bytes[at] ?? 0xff;
  if (first < 0x80) return { start: at + 1, end: at + 1 + first };
  const second = bytes[at + 1] ?? 0;
  return first === 0x81 && second >= 0x80 ? { start: at + 2, end: at + 2 + second } : null;
}
