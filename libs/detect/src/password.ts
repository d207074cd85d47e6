import type { Hit } from './hit.ts';

/** What introduces a password. Every repetition is bounded. */
export const INTRODUCTION =
  /(?<![A-Za-z])(?:pass ?words?|passwort|passcodes?|passphrase|passwd|pwd|contrase[nñ]a|mot de passe|wachtwoord|senha|(?<pin>pin(?: code| number)?))(?:["']? (?:for|to|of|on) (?:(?:the|my|your|this|that) )?[\w@.-]{1,30})?["']?(?:\s{0,2}(?::|=>|=)|\s{1,2}(?:is|was|will be|should be|ist|es|est|are)(?= |\n|:)|'s(?= ))[\s:"'“”]{0,3}/gi;
const CONNECTION = /:\/\/[^\s:@/]{1,64}:(?<secret>[^\s@/]{1,128})@/g;
/** What goes on in a password that is said: digits, spelled letters, and signs by their names. */
export const GOES_ON =
  /(?: \d{1,6}(?!\d)| [A-Za-z](?![A-Za-z])| (?:capital|upper ?case|lower ?case) [A-Za-z]{1,20}| (?:dollar sign|exclamation (?:mark|point)|hashtag|hash|pound sign|underscore|dash|hyphen|at sign|percent(?: sign)?|star|asterisk|ampersand|question mark|dot))(?![A-Za-z])/iy;
const MOST_VALUE = 64;
const MOST_PIECES = 24;

/** Words after `the password is` that are no password. */
const NOT_ONE = new Set(
  'not a an the your my our his her their in on at to too very so required incorrect correct wrong invalid valid expired expiring weak strong secure safe stored hashed encrypted reset changed being been set case case-sensitive sensitive needed missing empty blank hidden protected different same long short good bad ok okay and or but what that this something never always sent shared known unknown temporary optional mandatory only must should least there here it its also already still now no yes just about for from with working locked ready visible masked below above attached kept saved used generated private confidential redacted undefined null none important hard easy almost probably nothing everything lost forgotten gone rejected accepted refused disabled enabled asked saying when where why how who which if as by managed due updated rotated stolen leaked compromised verified checked entered typed back really quite one two three four five six seven eight nine ten at-least between longer shorter stronger'.split(
    ' ',
  ),
);

/** Passwords: what follows `password is`, `pwd:` and the like, PINs of digits, and those in addresses such as `postgres://user:secret@host`. */
export function passwordsIn(text: string): Hit[] {
  const hits: Hit[] = [];
  for (const match of text.matchAll(INTRODUCTION)) {
    const from = match.index + match[0].length;
    const to = match.groups?.['pin'] === undefined ? endOfPassword(text, from) : endOfPin(text, from);
    if (to !== null) hits.push({ what: 'password', from, to });
  }
  if (!text.includes('://')) return hits;
  for (const match of text.matchAll(CONNECTION)) {
    const to = match.index + match[0].length - 1;
    hits.push({ what: 'password', from: to - (match.groups?.['secret']?.length ?? 0), to });
  }
  return hits;
}

function endOfPassword(text: string, from: number): number | null {
  let to = from;
  while (to < text.length && to - from < MOST_VALUE && !/[\s"'“”<>,;]/.test(text.charAt(to))) to += 1;
  while (to > from && /[.?:)\]]/.test(text.charAt(to - 1))) to -= 1;
  // `capital H u n t e r` begins with a word about the next.
  const about = /^(?:capital|uppercase|lowercase) [A-Za-z]{1,20}(?![A-Za-z])/i.exec(text.slice(from, from + 40));
  if (about !== null) to = from + about[0].length;
  const value = text.slice(from, to);
  const end = goOn(text, to);
  // A single letter or digit counts where more of them follow: it is being spelled.
  if (value.length < 3 && end === to) return null;
  const isSpoken = end > to && /^\d{1,6}$|^[A-Za-z]$/.test(value);
  if (!isSpoken && (value === '' || NOT_ONE.has(value.toLowerCase()) || /^[*•.xX_-]+$/.test(value))) return null;
  return end;
}

function goOn(text: string, from: number): number {
  let to = from;
  for (let pieces = 0; pieces < MOST_PIECES; pieces += 1) {
    GOES_ON.lastIndex = to;
    const match = GOES_ON.exec(text);
    if (match === null) break;
    to += match[0].length;
  }
  return to;
}

/** Four to eight digits, said one by one or together. */
function endOfPin(text: string, from: number): number | null {
  const match = /^\d(?:[ -]?\d){3,7}(?!\d)/.exec(text.slice(from, from + 20));
  return match === null ? null : from + match[0].length;
}
