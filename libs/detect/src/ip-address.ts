import { isAlphanumeric } from './character-class.ts';
import type { ContextWords } from './context-words.ts';
import type { Run } from './digit-runs.ts';
import type { Hit } from './hit.ts';

const VERSION_WITHIN = 12;

/** IPv4 addresses in a run of digits: four numbers of at most 255 between dots. Said ones may come in pieces: `1 92.1 68.0.1`. */
export function ipv4In(run: Run, spoken: boolean, context: ContextWords): Hit[] {
  const hits: Hit[] = [];
  const parts = partsOf(run, spoken);
  for (let first = 0; first + 3 < parts.length; first += 1) {
    const four = parts.slice(first, first + 4);
    const dotted = four.slice(1).every(({ dotted: isDotted }) => isDotted);
    const alone = !(parts[first]?.dotted ?? false) && !(parts[first + 4]?.dotted ?? false);
    if (!dotted || !alone || !four.every(({ digits }) => isByte(digits))) continue;
    const from = four[0]?.from ?? 0;
    const tied = (first === 0 && run.tiedBefore) || (first + 4 === parts.length && run.tiedAfter);
    if (tied || context.nearest(from, VERSION_WITHIN + 20, ['version', 'address']) === 'version') continue;
    hits.push({ what: 'ip_address', from, to: four[3]?.to ?? from });
    first += 3;
  }
  return hits;
}

type Part = { readonly digits: string; readonly from: number; readonly to: number; readonly dotted: boolean };

/** The run's numbers, each with whether a dot stands before it. */
function partsOf({ groups, gaps }: Run, spoken: boolean): Part[] {
  const parts: Part[] = [];
  for (const [i, { digits, from, to }] of groups.entries()) {
    const gap = i === 0 ? '' : (gaps[i - 1] ?? '');
    const before = parts.at(-1);
    if (spoken && gap === ' ' && before !== undefined && before.digits.length + digits.length <= 3)
      parts[parts.length - 1] = { ...before, digits: before.digits + digits, to };
    else parts.push({ digits, from, to, dotted: gap === '.' });
  }
  return parts;
}

const isByte = (digits: string): boolean => digits.length <= 3 && Number(digits) <= 255 && (digits === '0' || !digits.startsWith('0'));

const isHex = (code: number): boolean => (code >= 48 && code <= 57) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102);
const MOST_V6 = 45;

/** IPv6 addresses in a text (RFC 4291, section 2.2), also with IPv4 at the end. */
export function ipv6In(text: string): Hit[] {
  const hits: Hit[] = [];
  for (let colon = text.indexOf(':'); colon >= 0;) {
    let from = colon;
    while (from > 0 && colon - from < 4 && isHex(text.charCodeAt(from - 1))) from -= 1;
    let to = colon;
    while (to - from <= MOST_V6 && (isHex(text.charCodeAt(to)) || text.charCodeAt(to) === 58 || text.charCodeAt(to) === 46)) to += 1;
    while (to > colon && text.charCodeAt(to - 1) === 46) to -= 1;
    const free = !isAlphanumeric(text.charCodeAt(from - 1)) && !isAlphanumeric(text.charCodeAt(to)) && text.charCodeAt(from - 1) !== 58;
    if (free && isIpv6(text.slice(from, to))) hits.push({ what: 'ip_address', from, to });
    colon = text.indexOf(':', Math.max(to, colon + 1));
  }
  return hits;
}

export function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2 || text.length < 3 || !/\d/.test(text)) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1) ?? '';
  const v4 = last.includes('.');
  if (v4 && (last.split('.').length !== 4 || !last.split('.').every(isByte))) return false;
  if (!groups.every((group, i) => (v4 && i === groups.length - 1) || /^[0-9a-f]{1,4}$/i.test(group))) return false;
  const count = groups.length + (v4 ? 1 : 0);
  return halves.length === 2 ? count <= 7 && count >= 1 : count === 8;
}
