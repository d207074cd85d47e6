import { z } from 'zod';

/** What text patterns find: personal data and secrets, each proved by a checksum or a fixed form where its kind has one. */
export const FINDINGS = [
  'secret_key',
  'private_key',
  'access_token',
  'password',
  'payment_card',
  'iban',
  'national_id',
  'email',
  'phone',
  'ip_address',
] as const;
export const Finding = z.enum(FINDINGS);
export type Finding = z.infer<typeof Finding>;

/** How sure a classifier is. `unknown`: none is configured for this, or it has not answered. */
export const RISKS = ['unknown', 'none', 'low', 'medium', 'high'] as const;
export const Risk = z.enum(RISKS);
export type Risk = z.infer<typeof Risk>;

/**
 * What detectors read off one tick in one direction: few fields of few values, so that what policy decides on them can be remembered. Sets
 * are sorted and without repetition.
 */
export const Signals = z.strictObject({
  /** Whether the tick carries any of it. */
  hasText: z.boolean(),
  hasAudio: z.boolean(),
  hasImage: z.boolean(),
  /** Found in the rolling transcript of this direction, in a span that reaches into this tick. */
  found: z.array(Finding).max(FINDINGS.length),
  /** Found in the text that is to be read in the image. */
  foundOnScreen: z.array(Finding).max(FINDINGS.length),
  injection: Risk,
  toxicity: Risk,
  unsafeImage: Risk,
  speech: z.boolean(),
  loudness: z.enum(['silent', 'normal', 'loud']),
});
export type Signals = z.infer<typeof Signals>;

/** The signals of a tick that nothing is known about. */
export const NO_SIGNALS: Signals = {
  hasText: false,
  hasAudio: false,
  hasImage: false,
  found: [],
  foundOnScreen: [],
  injection: 'unknown',
  toxicity: 'unknown',
  unsafeImage: 'unknown',
  speech: false,
  loudness: 'silent',
};

/** A stretch of one tick's text that something was found in: characters `from` up to, not including, `to`. */
export type FoundSpan = { readonly tick: number; readonly from: number; readonly to: number; readonly what: Finding };

/** What detectors are asked about one tick in one direction. `audio` is 16 kHz mono PCM, `image` a JPEG; both are given away. */
export type ScanRequest = {
  readonly id: number;
  readonly session: string;
  readonly way: 'in' | 'out';
  readonly tick: number;
  readonly text: string;
  readonly audio: Int16Array | null;
  readonly image: Uint8Array | null;
};

/** What they say. `spans` may lie in earlier ticks: what is found only now may have begun there. */
export type ScanAnswer = { readonly id: number; readonly signals: Signals; readonly spans: readonly FoundSpan[] };
