import { isAlphanumeric, isDigit, isLetter } from './character-class.ts';
import type { Hit } from './hit.ts';

const MOST_LOCAL = 64;
const MOST_DOMAIN = 253;
/** Endings after an `@` that are names of files, not of hosts: `logo@2x.png`. */
const NO_HOSTS = new Set(['png', 'jpg', 'jpeg', 'gif', 'svg', 'webp', 'css', 'js', 'ts', 'json', 'html', 'md', 'txt', 'pdf']);

const isLocal = (code: number): boolean =>
  isAlphanumeric(code) || code === 46 || code === 95 || code === 37 || code === 43 || code === 45 || code === 39;
const isDomain = (code: number): boolean => isAlphanumeric(code) || code === 45 || code === 46;

/** All e-mail addresses in a text: each `@` is looked at once, with what may belong to it on both sides. */
export function emailsIn(text: string): Hit[] {
  const hits: Hit[] = [];
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const from = startOfLocal(text, at);
    const to = endOfDomain(text, at + 1);
    if (from < at && to !== null) hits.push({ what: 'email', from, to });
  }
  return hits;
}

function startOfLocal(text: string, at: number): number {
  let from = at;
  while (from > 0 && at - from < MOST_LOCAL && isLocal(text.charCodeAt(from - 1))) from -= 1;
  while (from < at && !isAlphanumeric(text.charCodeAt(from)) && text.charCodeAt(from) !== 95) from += 1;
  return text.charCodeAt(at - 1) === 46 ? at : from;
}

/** Where the host's name ends; null when there is none with a top-level domain of letters. */
function endOfDomain(text: string, at: number): number | null {
  let to = at;
  while (to - at < MOST_DOMAIN && isDomain(text.charCodeAt(to))) to += 1;
  while (to > at && !isAlphanumeric(text.charCodeAt(to - 1))) to -= 1;
  const labels = text.slice(at, to).split('.');
  // A sentence may go on without a space: labels are taken for as long as the last of them can be a top-level domain.
  while (labels.length > 1) {
    const top = labels.at(-1) ?? '';
    if (isTop(top) && labels.every((label) => label !== '' && label.length < 64 && !label.startsWith('-') && !label.endsWith('-')))
      return NO_HOSTS.has(top.toLowerCase()) ? null : at + labels.join('.').length;
    labels.pop();
  }
  return null;
}

function isTop(label: string): boolean {
  if (label.length < 2 || label.length > 24) return false;
  if (/^xn--[a-z0-9]{2,20}$/i.test(label)) return true;
  for (let i = 0; i < label.length; i += 1) if (!isLetter(label.charCodeAt(i)) || isDigit(label.charCodeAt(i))) return false;
  return true;
}
