import type { Finding } from '@wheelhouse/protocol/signals';
import { entropyOf, passesTokenChecksum } from './check-digits.ts';
import type { Hit } from './hit.ts';

const ALNUM = /[A-Za-z0-9]/;
const WORDY = /[A-Za-z0-9_-]/;
const UPPER32 = /[A-Z2-7]/;
const HEX = /[a-f0-9]/;
const BASE64 = /[A-Za-z0-9+/=]/;
const DOTTED = /[A-Za-z0-9_.-]/;

/** A kind of key that begins with a mark of its own; `body` is what follows the mark. */
type Rule = {
  readonly mark: string;
  readonly what: Extract<Finding, 'secret_key' | 'access_token'>;
  readonly body: RegExp;
  readonly least: number;
  readonly most: number;
  readonly isValid?: (body: string) => boolean;
};

const hasDigitAndLetter = (text: string): boolean => /\d/.test(text) && /[A-Za-z]/.test(text);
const isGitHub = (body: string): boolean => passesTokenChecksum(body.slice(0, 30), body.slice(30));
/** Same letters over and over are somebody's placeholder. */
const isRandom = (body: string): boolean => entropyOf(body) > 2.5;

const github: readonly Rule[] = ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map((mark) => ({
  mark,
  what: 'access_token',
  body: ALNUM,
  least: 36,
  most: 36,
  isValid: isGitHub,
}));
const aws: readonly Rule[] = ['AKIA', 'ASIA', 'ABIA', 'ACCA'].map((mark) => ({
  mark,
  what: 'secret_key',
  body: UPPER32,
  least: 16,
  most: 16,
  isValid: isRandom,
}));
const stripe: readonly Rule[] = ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_', 'whsec_'].map((mark) => ({
  mark,
  what: 'secret_key',
  body: ALNUM,
  least: 16,
  most: 255,
  isValid: isRandom,
}));
const slack: readonly Rule[] = ['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xapp-'].map((mark) => ({
  mark,
  what: 'access_token',
  body: WORDY,
  least: 20,
  most: 255,
  isValid: (body) => isRandom(body) && /\d/.test(body),
}));

/** Longer marks stand before those that they begin with. */
const RULES: readonly Rule[] = [
  ...github,
  { mark: 'github_pat_', what: 'access_token', body: /[A-Za-z0-9_]/, least: 82, most: 82, isValid: isRandom },
  ...aws,
  ...stripe,
  ...slack,
  { mark: 'AIza', what: 'secret_key', body: WORDY, least: 35, most: 35, isValid: isRandom },
  { mark: 'ya29.', what: 'access_token', body: WORDY, least: 20, most: 1024, isValid: isRandom },
  { mark: 'sk-ant-', what: 'secret_key', body: WORDY, least: 24, most: 255, isValid: isRandom },
  { mark: 'sk-proj-', what: 'secret_key', body: WORDY, least: 24, most: 255, isValid: isRandom },
  { mark: 'sk-', what: 'secret_key', body: WORDY, least: 20, most: 255, isValid: (body) => isRandom(body) && hasDigitAndLetter(body) },
  { mark: 'glpat-', what: 'access_token', body: WORDY, least: 20, most: 64, isValid: isRandom },
  { mark: 'npm_', what: 'access_token', body: ALNUM, least: 36, most: 36, isValid: isGitHub },
  { mark: 'hf_', what: 'access_token', body: ALNUM, least: 30, most: 40, isValid: isRandom },
  { mark: 'pypi-', what: 'access_token', body: WORDY, least: 60, most: 400, isValid: isRandom },
  { mark: 'dop_v1_', what: 'access_token', body: HEX, least: 64, most: 64, isValid: isRandom },
  { mark: 'shpat_', what: 'access_token', body: HEX, least: 32, most: 32, isValid: isRandom },
  { mark: 'SG.', what: 'secret_key', body: DOTTED, least: 60, most: 80, isValid: (body) => isRandom(body) && body.includes('.') },
  { mark: 'hooks.slack.com/services/', what: 'secret_key', body: /[A-Za-z0-9/]/, least: 30, most: 80, isValid: isRandom },
  { mark: 'AccountKey=', what: 'secret_key', body: BASE64, least: 86, most: 90, isValid: isRandom },
  { mark: 'eyJ', what: 'access_token', body: DOTTED, least: 20, most: 8192, isValid: (body) => isJwt(`eyJ${body}`) },
];

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);

/** Finds where a key may begin. What follows is read by hand, each character once. */
export const MARK = new RegExp(`(?<![A-Za-z0-9])(?:${RULES.map(({ mark }) => escaped(mark)).join('|')})`, 'g');
const byMark = new Map(RULES.map((rule) => [rule.mark, rule]));

/** A name that says that a secret follows, and the sign or word between. Every repetition is bounded. */
export const NAMED =
  /(?:api[_ -]?key|secret[_ -]?(?:access[_ -]?)?key|access[_ -]?key(?:[_ -]?id)?|client[_ -]?secret|secret|(?<token>(?:access|auth|refresh|bearer|api|session)?[_ -]?token)|credentials?|encryption[_ -]?key|signing[_ -]?key|(?<![a-z])key)["']?\s{0,2}(?:is|was|:|=>|=)[\s"']{0,3}(?=[A-Za-z0-9+/_])|(?<bearer>bearer\s{1,2})(?=[A-Za-z0-9])/gi;
const VALUE = /[A-Za-z0-9+/_.~=-]/;
const LEAST_VALUE = 16;
const MOST_VALUE = 256;
const MOST_HEADER = 1024;
const LEAST_BITS = 3;

/** Keys and tokens of known forms, and values that look random after a name such as `api_key=`. */
export function secretsIn(text: string): Hit[] {
  const hits: Hit[] = [];
  const ends = new RunEnds(text);
  for (const match of text.matchAll(MARK)) {
    const rule = byMark.get(match[0]);
    const from = match.index;
    if (rule === undefined || (hits.at(-1)?.to ?? 0) > from) continue;
    const hit = readKey(text, { from, rule, ends });
    if (hit !== null) hits.push(hit);
  }
  let done = 0;
  for (const match of text.matchAll(NAMED)) {
    const from = match.index + match[0].length;
    if (from < done) continue;
    const to = Math.min(ends.endOf(VALUE, from), from + MOST_VALUE);
    done = to;
    const value = text.slice(from, to);
    const isToken = match.groups?.['token'] !== undefined || match.groups?.['bearer'] !== undefined;
    if (value.length >= LEAST_VALUE && hasDigitAndLetter(value) && entropyOf(value) >= LEAST_BITS)
      hits.push({ what: isToken ? 'access_token' : 'secret_key', from, to });
  }
  return hits;
}

/** Where runs of characters end. Each run is walked once, however many marks are in it. */
class RunEnds {
  readonly #text: string;
  readonly #known = new Map<RegExp, { from: number; to: number }>();

  constructor(text: string) {
    this.#text = text;
  }

  /** The end of the characters of `set` that begin at `from`, dots and dashes at their end not counted. */
  endOf(set: RegExp, from: number): number {
    const known = this.#known.get(set);
    if (known !== undefined && from >= known.from && from <= known.to) return Math.max(from, known.to);
    let to = from;
    while (to < this.#text.length && set.test(this.#text.charAt(to))) to += 1;
    while (to > from && '.-'.includes(this.#text.charAt(to - 1))) to -= 1;
    this.#known.set(set, { from, to });
    return to;
  }
}

function readKey(text: string, { from, rule, ends }: { from: number; rule: Rule; ends: RunEnds }): Hit | null {
  const start = from + rule.mark.length;
  const to = ends.endOf(rule.body, start);
  if (to - start < rule.least || to - start > rule.most) return null;
  if (rule.isValid !== undefined && !rule.isValid(text.slice(start, to))) return null;
  return { what: rule.what, from, to };
}

function decodes(part: string): Record<string, unknown> | null {
  // An object's first character: most strings end here.
  if (!part.startsWith('e')) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    // Not JSON: then it is no token.
    return null;
  }
}

/** A JSON Web Token (RFC 7519): a header with `alg` and a payload that decode, and a signature; or an encrypted one, of five parts. */
export function isJwt(text: string): boolean {
  const dot = text.indexOf('.');
  if (dot < 0 || dot > MOST_HEADER) return false;
  const head = decodes(text.slice(0, dot));
  if (head === null || typeof head['alg'] !== 'string') return false;
  const [, payload = '', signature = '', ...more] = text.split('.');
  if (more.length === 2) return 'enc' in head;
  return more.length === 0 && decodes(payload) !== null && signature.length >= 16;
}
