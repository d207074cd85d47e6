import { hashFromBase64, toBase64 } from '@wheelhouse/ledger/base64';
import { openCheckpoint, parseCheckpoint, type Checkpoint } from '@wheelhouse/ledger/checkpoint';
import { parseCosignerKey, readCosignatures } from '@wheelhouse/ledger/cosignature';
import { keyLabel, parseVerifierKey, type NoteKey } from '@wheelhouse/ledger/note-key';
import { parseNote } from '@wheelhouse/ledger/signed-note';
import { verifyConsistency } from '@wheelhouse/ledger/verify-proof';
import { inWords } from '../rest/call.ts';
import { sha256, signatureTrouble, verifyEd25519 } from './browser-crypto.ts';
import type { LogMemory, Remembered } from './log-memory.ts';
import type { LogReader } from './log-reader.ts';
import { dateTime, plural } from './plain-words.ts';
import type { Step } from './verify-step.ts';

/** A head as the server shows it, read but not yet believed. */
export type ShownHead = { readonly text: string; readonly checkpoint: Checkpoint };

/** How the key that the server shows stands to the one that this browser remembers. */
export type KeyStanding =
  | { readonly type: 'first'; readonly key: string }
  | { readonly type: 'same'; readonly key: string; readonly since: string }
  | { readonly type: 'other'; readonly key: string; readonly shown: string; readonly since: string };

/** Asks for the log's key and holds it against the remembered one; the first one seen is remembered (trust on first use). */
export async function standingOfKey(log: LogReader, memory: LogMemory): Promise<KeyStanding> {
  const shown = await log.key();
  const known = memory.read();
  if (known === null) {
    memory.write({ key: shown, since: new Date().toISOString(), head: null });
    return { type: 'first', key: shown };
  }
  if (known.key === shown) return { type: 'same', key: shown, since: known.since };
  return { type: 'other', key: known.key, shown, since: known.since };
}

/** A published head that covers `atLeast` entries, with its cosignatures; else the latest signed one. Null where no head reaches that far yet. */
export async function headThatCovers(log: LogReader, atLeast: number): Promise<ShownHead | null> {
  for (const text of [await log.published(), await log.checkpoint()]) {
    const head = text === null ? null : readHead(text);
    if (head !== null && head.checkpoint.size >= atLeast) return head;
  }
  return null;
}

function readHead(text: string): ShownHead | null {
  const note = parseNote(text);
  const checkpoint = note.ok ? parseCheckpoint(note.value.text) : note;
  return checkpoint.ok ? { text, checkpoint: checkpoint.value } : null;
}

const SIGNATURE = {
  id: 'signature',
  title: 'The tree head is signed by the log',
  meaning: 'Whoever holds the log’s key has committed to exactly these entries, in this order, and cannot deny it.',
} as const;

/** Whether the head is signed by the key that this browser remembers, whatever key the server shows now. */
export async function signatureStep(head: ShownHead, standing: KeyStanding): Promise<Step> {
  const trouble = await signatureTrouble();
  if (trouble !== null) return { ...SIGNATURE, outcome: 'open', result: trouble };
  const key = parseVerifierKey(standing.key, sha256);
  if (!key.ok) return { ...SIGNATURE, outcome: 'bad', result: `The log’s key cannot be read: ${key.message}` };
  const hashes = [
    { name: `Root of ${plural(head.checkpoint.size, 'entry', 'entries')}`, hash: toBase64(head.checkpoint.root) },
    { name: 'Key of the log', hash: standing.key },
  ];
  const opened = await openCheckpoint(head.text, { origin: key.value.name, keys: [key.value] }, verifyEd25519);
  if (!opened.ok) return { ...SIGNATURE, outcome: 'bad', result: `${opened.message}${otherKey(standing)}`, hashes };
  if (standing.type === 'other') return { ...SIGNATURE, outcome: 'bad', result: otherKey(standing).trim(), hashes };
  const result = `The head of ${plural(head.checkpoint.size, 'entry', 'entries')} is signed by ${keyLabel(key.value)}, ${known(standing)}.`;
  return { ...SIGNATURE, outcome: 'good', result, hashes };
}

function known(standing: KeyStanding): string {
  return standing.type === 'first'
    ? 'which this browser sees for the first time and remembers from now on'
    : `the key that this browser has known since ${dateTime(standing.since)}`;
}

function otherKey(standing: KeyStanding): string {
  return standing.type === 'other' ? ' The server now shows another key than the one that this browser remembers.' : '';
}

const GROWTH = {
  id: 'growth',
  title: 'The log has only grown since this browser last looked',
  meaning: 'Nothing that this browser has verified before was changed or taken away: it is a small witness of its own.',
} as const;

/** Holds a head against the one that this browser remembers, and remembers it where it is larger. Only for heads whose signature is good. */
export async function growthStep(head: ShownHead, log: LogReader, memory: LogMemory): Promise<Step> {
  const known = memory.read();
  if (known === null)
    return { ...GROWTH, outcome: 'none', result: 'This browser keeps nothing (a private window?), so it has nothing to compare.' };
  if (known.head === null) {
    remember(memory, known, head);
    return {
      ...GROWTH,
      outcome: 'none',
      result: 'This is the first head that this browser has verified. It is remembered, and the next one is held against it.',
    };
  }
  const compared = await compare(known.head, head.checkpoint, log);
  if (compared.outcome === 'good' && head.checkpoint.size > known.head.size) remember(memory, known, head);
  return compared;
}

async function compare(known: NonNullable<Remembered['head']>, shown: Checkpoint, log: LogReader): Promise<Step> {
  const root = hashFromBase64(known.root);
  if (root === null) return { ...GROWTH, outcome: 'open', result: 'What this browser remembers of the log cannot be read.' };
  const heads = [
    { size: known.size, root },
    { size: shown.size, root: shown.root },
  ] as const;
  const [first, second] = known.size <= shown.size ? heads : ([heads[1], heads[0]] as const);
  const hashes = [
    { name: `Remembered root of ${known.size} entries`, hash: known.root },
    { name: `Shown root of ${shown.size} entries`, hash: toBase64(shown.root) },
  ];
  try {
    const answer =
      first.size === second.size ? { from: first.size, to: second.size, hashes: [] } : await log.consistency(first.size, second.size);
    if (answer === null)
      return {
        ...GROWTH,
        outcome: 'bad',
        result: `The log is shorter than it was: on ${dateTime(known.at)} it had ${known.size} entries.`,
        hashes,
      };
    const proof = answer.hashes.map((hash) => hashFromBase64(hash) ?? new Uint8Array(0));
    const verdict = verifyConsistency({ first, second, proof }, sha256);
    if (!verdict.ok)
      return {
        ...GROWTH,
        outcome: 'bad',
        result: `The log that is shown did not grow out of the one of ${dateTime(known.at)} (${known.size} entries). ${verdict.message}`,
        hashes,
      };
    return { ...GROWTH, outcome: 'good', result: grown(known, shown.size), hashes };
  } catch (error) {
    return { ...GROWTH, outcome: 'open', result: `It could not be checked. ${inWords(error)}` };
  }
}

function grown(known: NonNullable<Remembered['head']>, size: number): string {
  const since = `the head of ${plural(known.size, 'entry', 'entries')} that it verified on ${dateTime(known.at)}`;
  if (size === known.size) return `It is ${since}.`;
  return size > known.size ? `${plural(size - known.size, 'entry was', 'entries were')} added to ${since}.` : `It is a part of ${since}.`;
}

function remember(memory: LogMemory, known: Remembered, { checkpoint }: ShownHead): void {
  memory.write({ ...known, head: { size: checkpoint.size, root: toBase64(checkpoint.root), at: new Date().toISOString() } });
}

const WITNESSES = {
  id: 'witnesses',
  title: 'Witnesses have seen the same log',
  meaning:
    'A witness signs a head only if it grew out of the last one that it signed. So nobody was shown another history, unless all of them lie.',
} as const;

/** Checks the cosignatures under a head by the witnesses that the server names. */
export async function witnessStep(head: ShownHead, log: LogReader): Promise<Step> {
  try {
    return await cosignaturesStep(head, (await log.witnesses()).witnesses);
  } catch (error) {
    return { ...WITNESSES, outcome: 'open', result: `It could not be checked. ${inWords(error)}` };
  }
}

/** Checks the cosignatures under a head by these witnesses, each named by its verifier key. */
export async function cosignaturesStep(head: ShownHead, witnesses: readonly { readonly key: string }[]): Promise<Step> {
  const trouble = await signatureTrouble();
  if (trouble !== null) return { ...WITNESSES, outcome: 'open', result: trouble };
  if (witnesses.length === 0)
    return {
      ...WITNESSES,
      outcome: 'none',
      result: 'This installation has no witnesses. Only the log itself says that everybody is shown the same.',
    };
  const keys = witnesses.flatMap(({ key }) => {
    const parsed = parseCosignerKey(key, sha256);
    return parsed.ok ? [parsed.value] : [];
  });
  const note = parseNote(head.text);
  const found = note.ok ? await readCosignatures(note.value, keys, verifyEd25519) : note;
  if (!found.ok) return { ...WITNESSES, outcome: 'bad', result: found.message };
  if (found.value.length === 0)
    return { ...WITNESSES, outcome: 'none', result: `None of the ${witnesses.length} witnesses has cosigned this head yet.` };
  const who = found.value.map(({ key, time }) => `${key.name} on ${dateTime(new Date(time * 1000).toISOString())}`);
  return {
    ...WITNESSES,
    outcome: 'good',
    result: `${found.value.length} of ${witnesses.length} cosigned it: ${who.join(', ')}. Which witnesses there are, the server says: compare their keys.`,
    hashes: found.value.map(({ key }) => ({ name: key.name, hash: labelled(key) })),
  };
}

function labelled(key: NoteKey): string {
  return `${keyLabel(key)} (${toBase64(key.publicKey)})`;
}
