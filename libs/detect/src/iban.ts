import { modulo97 } from './check-digits.ts';
import { isAlphanumeric, isDigit, isLetter } from './character-class.ts';
import type { Hit } from './hit.ts';

/** Length of an IBAN in each country of the registry (SWIFT, IBAN registry, release 98). */
const LENGTHS: ReadonlyMap<string, number> = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ' +
    'ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 ' +
    'LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 ' +
    'QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
);

/** Whether the check digits of an IBAN are right (ISO 13616); without separators, in upper case. */
export function isIban(iban: string): boolean {
  return LENGTHS.get(iban.slice(0, 2)) === iban.length && modulo97(iban.slice(4) + iban.slice(0, 4)) === 1;
}

const isSeparator = (code: number): boolean => code === 32 || code === 45 || code === 46 || code === 10;

/** All IBANs in a text: in one piece or in groups of any size, in upper or lower case. */
export function ibansIn(text: string): Hit[] {
  const hits: Hit[] = [];
  for (let at = 0; at + 15 <= text.length; at += 1) {
    if (!isLetter(text.charCodeAt(at)) || isAlphanumeric(text.charCodeAt(at - 1)) || !mayBegin(text, at)) continue;
    const to = endOfIban(text, at);
    if (to === null) continue;
    hits.push({ what: 'iban', from: at, to });
    at = to - 1;
  }
  return hits;
}

/** Whether two characters are followed by a digit: true of few words. */
const mayBegin = (text: string, at: number): boolean =>
  isDigit(text.charCodeAt(at + 2)) || (isSeparator(text.charCodeAt(at + 2)) && isDigit(text.charCodeAt(at + 3)));

/** Where the IBAN that begins at `at` ends; null when none begins there. */
function endOfIban(text: string, at: number): number | null {
  const country = text.slice(at, at + 2).toUpperCase();
  const length = LENGTHS.get(country);
  if (length === undefined) return null;
  let iban = country;
  let next = at + 2;
  while (iban.length < length) {
    if (isSeparator(text.charCodeAt(next))) next += 1;
    const code = text.charCodeAt(next);
    // After the country come two digits: most words end the search here.
    if (!(iban.length < 4 ? isDigit(code) : code < 128 && isAlphanumeric(code))) return null;
    iban += text.charAt(next).toUpperCase();
    next += 1;
  }
  return isAlphanumeric(text.charCodeAt(next)) || !isIban(iban) ? null : next;
}
