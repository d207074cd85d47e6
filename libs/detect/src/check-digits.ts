const ZERO = 48;

/** The value of the digit at `at`; the text holds digits there. */
const digitAt = (digits: string, at: number): number => digits.charCodeAt(at) - ZERO;

/** Luhn's check over a string of digits, its last one being the check digit (ISO/IEC 7812-1, annex B). */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = digits.length - 1, double = false; i >= 0; i -= 1, double = !double) {
    const value = digitAt(digits, i) * (double ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

/** The remainder modulo 97 of digits and letters (A is 10, Z is 35) read as one decimal number (ISO 7064, MOD 97-10). Upper case only. */
export function modulo97(characters: string): number {
  let rest = 0;
  for (let i = 0; i < characters.length; i += 1) {
    const code = characters.charCodeAt(i);
    rest = code >= 65 ? (rest * 100 + code - 55) % 97 : (rest * 10 + code - ZERO) % 97;
  }
  return rest;
}

/** ISO 7064, MOD 11,10: the German tax number's check. The last digit is the check digit. */
export function passesMod11And10(digits: string): boolean {
  let product = 10;
  for (let i = 0; i < digits.length - 1; i += 1) {
    const sum = (digitAt(digits, i) + product) % 10;
    product = ((sum === 0 ? 10 : sum) * 2) % 11;
  }
  return (11 - product) % 10 === digitAt(digits, digits.length - 1);
}

/** The sum of the digits, each times its weight. */
export function weightedSum(digits: string, weights: readonly number[]): number {
  let sum = 0;
  for (const [i, weight] of weights.entries()) sum += digitAt(digits, i) * weight;
  return sum;
}

const TURN: readonly (readonly number[])[] = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
];

/** Verhoeff's check (the dihedral group of order 10): India's Aadhaar. The last digit is the check digit. */
export function passesVerhoeff(digits: string): boolean {
  let check = 0;
  for (let i = digits.length - 1, place = 0; i >= 0; i -= 1, place += 1) {
    let value = digitAt(digits, i);
    for (let turn = place % 8; turn > 0; turn -= 1) value = TURN[1]?.[value] ?? 0;
    check = dihedral(check, value);
  }
  return check === 0;
}

/** Composition in the dihedral group of the pentagon: 0 to 4 turn, 5 to 9 turn and flip. */
function dihedral(a: number, b: number): number {
  const turned = a < 5 ? (a + (b % 5)) % 5 : (a - b + 10) % 5;
  return a < 5 === b < 5 ? turned : turned + 5;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = (value & 1) === 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

/** CRC-32 (ISO-HDLC) of ASCII text. */
export function crc32(ascii: string): number {
  let crc = 0xffffffff;
  for (let i = 0; i < ascii.length; i += 1) crc = (crc >>> 8) ^ (TABLE[(crc ^ ascii.charCodeAt(i)) & 255] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * GitHub's and npm's check: the last six characters of a token are the CRC-32 of those between prefix and check, in base 62, padded with zeros.
 * Source: GitHub's blog, "Behind GitHub's new authentication token formats", 2021.
 */
export function passesTokenChecksum(random: string, check: string): boolean {
  let left = crc32(random);
  let wanted = '';
  for (let i = 0; i < check.length; i += 1) {
    wanted = (BASE62[left % 62] ?? '') + wanted;
    left = Math.floor(left / 62);
  }
  return wanted === check;
}

/** Shannon entropy in bits a character. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
