import { refuse } from './primitives.ts';
import type { Refusal } from './primitives.ts';

/** Plain JSON, as RFC 8259 has it. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

export type JsonFault = 'syntax' | 'duplicate_key' | 'unsafe_number' | 'lone_surrogate' | 'too_deep';

/** Why a text was refused; `position` counts UTF-16 units from 0. */
export type JsonRefusal = Refusal<JsonFault> & { readonly position: number };

/** Arrays and objects inside each other, at most. Ledger entries have six; a verifier must not die of a hostile one. */
const MAX_DEPTH = 64;

/**
 * Reads JSON as strictly as something signed must be read, RFC 8259 and RFC 7493 (I-JSON). What other readers settle in silence, each in its
 * own way, is refused with its position: keys that occur twice, numbers that do not survive as a double, lone surrogates, deep nesting.
 */
export function parseStrictJson(text: string): { readonly ok: true; readonly value: JsonValue } | JsonRefusal {
  const cursor = { text, at: 0, depth: 0 };
  try {
    skipSpace(cursor);
    const value = readValue(cursor);
    skipSpace(cursor);
    if (cursor.at < text.length) throw new JsonFailure('syntax', 'Something follows the JSON value.', cursor.at);
    return { ok: true, value };
  } catch (error) {
    if (error instanceof JsonFailure) return { ...refuse(error.code, error.message), position: error.position };
    throw error;
  }
}

/** Whether a double can be written as JSON and read back by everybody as the same number: finite, and no integer beyond 2^53 - 1. */
export function isSafeJsonNumber(value: number): boolean {
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}

// Leaves the recursion from any depth; never leaves this file.
class JsonFailure extends Error {
  readonly code: JsonFault;
  readonly position: number;

  constructor(code: JsonFault, message: string, position: number) {
    super(`${message} (position ${position})`);
    this.code = code;
    this.position = position;
  }
}

type Cursor = { readonly text: string; at: number; depth: number };

function readValue(cursor: Cursor): JsonValue {
  switch (cursor.text[cursor.at]) {
    case '{':
      return nested(cursor, readObject);
    case '[':
      return nested(cursor, readArray);
    case '"':
      return readString(cursor);
    case 't':
      return readWord(cursor, 'true', true);
    case 'f':
      return readWord(cursor, 'false', false);
    case 'n':
      return readWord(cursor, 'null', null);
    default:
      return readNumber(cursor);
  }
}

function nested<T>(cursor: Cursor, read: (cursor: Cursor) => T): T {
  if (cursor.depth >= MAX_DEPTH) throw new JsonFailure('too_deep', `More than ${MAX_DEPTH} levels of nesting.`, cursor.at);
  cursor.depth += 1;
  const value = read(cursor);
  cursor.depth -= 1;
  return value;
}

function readObject(cursor: Cursor): JsonValue {
  const members = new Map<string, JsonValue>();
  eachUntil(cursor, '}', () => {
    const start = cursor.at;
    const key = readString(cursor);
    if (members.has(key)) throw new JsonFailure('duplicate_key', `The key ${JSON.stringify(key)} occurs twice.`, start);
    skipSpace(cursor);
    expect(cursor, ':');
    skipSpace(cursor);
    members.set(key, readValue(cursor));
  });
  // Not by assignment: a key called __proto__ would vanish.
  return Object.fromEntries(members);
}

function readArray(cursor: Cursor): JsonValue {
  const items: JsonValue[] = [];
  eachUntil(cursor, ']', () => items.push(readValue(cursor)));
  return items;
}

function eachUntil(cursor: Cursor, close: string, readItem: () => void): void {
  cursor.at += 1;
  skipSpace(cursor);
  if (cursor.text[cursor.at] === close) {
    cursor.at += 1;
    return;
  }
  for (;;) {
    readItem();
    skipSpace(cursor);
    if (cursor.text[cursor.at] === close) break;
    expect(cursor, ',');
    skipSpace(cursor);
  }
  cursor.at += 1;
}

const ESCAPE = /\\(?:(["\\/bfnrt])|u([0-9a-fA-F]{4}))/y;
const ESCAPED: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

function readString(cursor: Cursor): string {
  const start = cursor.at;
  expect(cursor, '"');
  let value = '';
  while (cursor.text[cursor.at] !== '"') {
    const plain = cursor.at;
    while (standsForItself(cursor.text.charCodeAt(cursor.at))) cursor.at += 1;
    value += cursor.text.slice(plain, cursor.at);
    if (cursor.at > plain) continue;
    const [whole, short, hex] = match(ESCAPE, cursor) ?? [];
    if (whole === undefined)
      throw new JsonFailure('syntax', 'A string that is not closed, or has a bad escape or control character.', cursor.at);
    value += hex === undefined ? (ESCAPED[short ?? ''] ?? short ?? '') : String.fromCharCode(Number.parseInt(hex, 16));
  }
  cursor.at += 1;
  if (!value.isWellFormed()) throw new JsonFailure('lone_surrogate', 'A string with half a character (a lone surrogate).', start);
  return value;
}

/** Not a quote, backslash or control character; false for NaN, which is what follows the end of the text. */
function standsForItself(char: number): boolean {
  return char >= 0x20 && char !== 0x22 && char !== 0x5c;
}

function readWord<T>(cursor: Cursor, word: string, value: T): T {
  if (!cursor.text.startsWith(word, cursor.at)) throw new JsonFailure('syntax', 'Expected a JSON value.', cursor.at);
  cursor.at += word.length;
  return value;
}

const NUMBER = /-?(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?/y;

function readNumber(cursor: Cursor): number {
  const start = cursor.at;
  const [token] = match(NUMBER, cursor) ?? [];
  if (token === undefined) throw new JsonFailure('syntax', 'Expected a JSON value.', start);
  const value = Number(token);
  if (!isSafeJsonNumber(value) || decimalOf(token) !== decimalOf(String(value)))
    throw new JsonFailure('unsafe_number', `The number ${token.slice(0, 40)} loses precision.`, start);
  return value;
}

/** A number's digits and exponent with zeros taken off, so that two spellings of the same decimal value compare as equal. */
function decimalOf(token: string): string {
  NUMBER.lastIndex = 0;
  const [, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(token) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const trimmed = digits.replace(/0+$/, '');
  if (trimmed === '') return '0';
  return `${token.startsWith('-') ? '-' : ''}${trimmed}e${Number(exponent) - fraction.length + digits.length - trimmed.length}`;
}

function match(pattern: RegExp, cursor: Cursor): RegExpExecArray | null {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text);
  if (found !== null) cursor.at = pattern.lastIndex;
  return found;
}

function expect(cursor: Cursor, char: string): void {
  if (cursor.text[cursor.at] !== char) throw new JsonFailure('syntax', `Expected ${char}`, cursor.at);
  cursor.at += 1;
}

function skipSpace(cursor: Cursor): void {
  while (' \t\n\r'.includes(cursor.text[cursor.at] ?? 'x')) cursor.at += 1;
}
