import type { Hit } from './hit.ts';

const BEGIN = /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;
const END = /-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;
const AGE = /AGE-SECRET-KEY-1[A-Z0-9]{58}/g;
const SPACE = /[\s\\"',]/;
const HEADER = /^(?:Proc-Type|DEK-Info|Version|Comment|Charset|Hash|Key-Derivation):/;
const MOST_PIECE = 4096;

/** All of a block's begin line, to tell a reader of pieces that a key is under way. */
export const KEY_BEGINS = '-----BEGIN PRIVATE KEY-----\n';

/**
 * Private keys in PEM or OpenPGP armour, and age's. A block without its end goes on for as long as what follows can be key material; an end without its
 * beginning takes in the key material before it.
 */
export function privateKeysIn(text: string): Hit[] {
  const hits: Hit[] = [];
  if (text.includes('AGE-SECRET-KEY-1'))
    for (const match of text.matchAll(AGE)) hits.push({ what: 'private_key', from: match.index, to: match.index + match[0].length });
  if (!text.includes('PRIVATE KEY')) return hits;
  const ends = Array.from(text.matchAll(END), (match) => ({ from: match.index, to: match.index + match[0].length }));
  const begins = Array.from(text.matchAll(BEGIN), (match) => ({ from: match.index, to: match.index + match[0].length }));
  let end = 0;
  let done = 0;
  for (const begin of begins) {
    for (; (ends[end]?.from ?? Infinity) < begin.to; end += 1) done = takeEnd(text, ends[end], done, hits);
    const material = materialFrom(text, begin.to);
    const closing = ends[end];
    // Plain words in between belong to nobody's key.
    const closed = closing !== undefined && closing.from === material.next;
    const to = closed ? closing.to : material.to;
    if (closed) end += 1;
    hits.push({ what: 'private_key', from: begin.from, to });
    done = to;
  }
  for (; end < ends.length; end += 1) done = takeEnd(text, ends[end], done, hits);
  return hits;
}

/** Takes in an end line without its beginning, and the key material before it, back to `done`. */
function takeEnd(text: string, end: { from: number; to: number } | undefined, done: number, hits: Hit[]): number {
  if (end === undefined) return done;
  let from = end.from;
  for (let piece = pieceBefore(text, from, done); piece !== null; piece = pieceBefore(text, from, done)) from = piece;
  hits.push({ what: 'private_key', from, to: end.to });
  return end.to;
}

function pieceBefore(text: string, at: number, least: number): number | null {
  let to = at;
  while (to > least && SPACE.test(text.charAt(to - 1))) to -= 1;
  let from = to;
  while (from > least && to - from < MOST_PIECE && /[A-Za-z0-9+/=]/.test(text.charAt(from - 1))) from -= 1;
  return to - from >= 4 && isMaterial(text.slice(from, to)) ? from : null;
}

/** Where the key material that begins at `start` ends, and where something else follows on it. */
function materialFrom(text: string, start: number): { to: number; next: number } {
  let to = start;
  for (let at = start; ;) {
    while (at < text.length && (SPACE.test(text.charAt(at)) || (text.charAt(at) === 'n' && text.charAt(at - 1) === '\\'))) at += 1;
    let end = at;
    while (end < text.length && end - at < MOST_PIECE && !SPACE.test(text.charAt(end))) end += 1;
    const piece = text.slice(at, end);
    if (HEADER.test(piece)) {
      const line = text.indexOf('\n', end);
      end = line < 0 ? text.length : line;
    } else if (piece === '' || !(isMaterial(piece) || (end === text.length && /^[A-Za-z0-9+/=-]*$/.test(piece)))) return { to, next: at };
    to = end;
    at = end;
  }
}

/** Base64 that is no plain word. */
const isMaterial = (piece: string): boolean => /^[A-Za-z0-9+/=]+$/.test(piece) && (piece.length >= 20 || /[0-9+/=]|[a-z][A-Z]/.test(piece));
