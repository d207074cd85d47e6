import { z } from 'zod';
import { canonicalJson } from './canonical.ts';
import { LedgerError } from './ledger-error.ts';
import { refuse } from './primitives.ts';
import type { Parsed } from './primitives.ts';
import { parseStrictJson } from './strict-json.ts';

/** The members of a bundle, a ZIP, in their order; docs/bundle.md describes each. */
export const BUNDLE_MEMBERS = ['README.txt', 'keys.json', 'heads.jsonl', 'entries.jsonl', 'manifest.json', 'manifest.sig'] as const;
export type BundleMember = (typeof BUNDLE_MEMBERS)[number];

/** The members that the manifest names with their digests: all that stand before it. */
export const DIGESTED_MEMBERS = ['README.txt', 'keys.json', 'heads.jsonl', 'entries.jsonl'] as const satisfies readonly BundleMember[];
export type DigestedMember = (typeof DIGESTED_MEMBERS)[number];

/** All members but the entries are read whole. Larger ones are refused, so that a hostile bundle cannot fill the memory. */
export const MAX_MEMBER_BYTES = 32 * 2 ** 20;

/** Heads that a bundle may hold: each is kept in memory while the entries are read. */
export const MAX_HEADS = 10_000;

/** Bytes of one line of `entries.jsonl`: a leaf has 65,535 at most, its fields a few times that. */
export const MAX_LINE_BYTES = 2 ** 20;

const count = z.number().int().min(0);
const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** `keys.json`: C2SP verifier keys. Informative: whoever made the bundle wrote them, so they prove nothing by themselves. */
export const BundleKeys = z.strictObject({ log: z.string(), witnesses: z.array(z.string()).max(100) });
export type BundleKeys = z.infer<typeof BundleKeys>;

/** A line of `heads.jsonl`: a signed C2SP checkpoint with its cosignatures. */
export const HeadLine = z.strictObject({ checkpoint: z.string() });

/** `manifest.json`: what the bundle says it is. Its digest is what the log signs in `manifest.sig`. */
export const BundleManifest = z.strictObject({
  format: z.literal('wheelhouse.bundle'),
  version: z.literal(1),
  /** The export's id. */
  export: z.string().min(1).max(200),
  made: z.iso.datetime(),
  /** The log's name. */
  origin: z.string().min(1),
  /** The last head of `heads.jsonl`, against which the entries are proven; `root` in base64. */
  tree: z.strictObject({ size: count, root: z.base64() }),
  /** What was asked for. */
  filter: z.record(z.string(), z.json()),
  /** The redaction profile. */
  profile: z.string().min(1).max(100),
  /** The first entry shown, and the one after the last; both 0 where none is. */
  from: count,
  to: count,
  /** Whether every entry between them is shown. */
  complete: z.boolean(),
  counts: z.strictObject({ entries: count, gaps: count, heads: count }),
  /** In the order of the ZIP; `sha256` in hex, as `sha256sum` prints it. */
  members: z.array(z.strictObject({ name: z.enum(DIGESTED_MEMBERS), bytes: count, sha256: digest })).length(DIGESTED_MEMBERS.length),
});
export type BundleManifest = z.infer<typeof BundleManifest>;

/** What the log signs: the digest of `manifest.json` in hex. Its third line keeps it from ever being read as a checkpoint. */
export function manifestNote(origin: string, sha256Hex: string): string {
  return `wheelhouse export bundle, version 1\n${origin}\nsha256:${sha256Hex}\n`;
}

export type DocumentFault = 'unreadable' | 'not_canonical' | 'wrong_shape';

/** Reads a JSON text that must be spelt canonically (RFC 8785) and have a shape. What is wrong is said in words. */
export function parseDocument<T>(text: string, schema: z.ZodType<T>): Parsed<T, DocumentFault> {
  const json = parseStrictJson(text);
  if (!json.ok) return refuse('unreadable', json.message);
  if (spelt(json.value) !== text) return refuse('not_canonical', 'It is not written in canonical JSON (RFC 8785).');
  const shaped = schema.safeParse(json.value);
  if (shaped.success) return { ok: true, value: shaped.data };
  const [issue] = shaped.error.issues;
  return refuse('wrong_shape', issue === undefined ? 'It has another shape.' : `${issue.path.join('.') || 'It'}: ${issue.message}.`);
}

function spelt(value: unknown): string | null {
  try {
    return canonicalJson(value);
  } catch (error) {
    if (error instanceof LedgerError) return null;
    throw error;
  }
}

/** Bytes in lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
