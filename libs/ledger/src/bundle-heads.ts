import { HeadLine, MAX_HEADS, parseDocument } from './bundle-format.ts';
import type { BundleWitness, HeadCode } from './bundle-report.ts';
import { openCheckpoint } from './checkpoint.ts';
import { readCosignatures } from './cosignature.ts';
import type { Cosignature, CosignerKey } from './cosignature.ts';
import type { FindingSink } from './findings.ts';
import { keyLabel } from './note-key.ts';
import type { NoteKey } from './note-key.ts';
import { refuse } from './primitives.ts';
import type { Ed25519Verify, Parsed } from './primitives.ts';
import { parseNote } from './signed-note.ts';
import type { TreeHead } from './tree-hash.ts';

/** Who must have signed the heads, and whose cosignatures are looked for. */
export type HeadKeys = {
  readonly log: NoteKey;
  readonly witnesses: readonly { readonly key: CosignerKey; readonly trusted: boolean }[];
};

/** Heads whose signatures are good, ascending in size; `last` is null unless the last line is one of them. */
export type CheckedHeads = {
  readonly lines: number;
  readonly heads: readonly TreeHead[];
  readonly last: TreeHead | null;
  readonly witnesses: readonly BundleWitness[];
  /** Signers under any head whose keys are not known, `name+id`. */
  readonly strangers: readonly string[];
};

type Progress = {
  readonly heads: TreeHead[];
  readonly witnesses: Map<string, BundleWitness>;
  readonly strangers: Set<string>;
  readonly findings: FindingSink<HeadCode>;
};

/** More names than this of unknown signers are not listed. */
const MAX_STRANGERS = 20;

/** Checks `heads.jsonl`: form, order, the log's signature and the cosignatures under each head. */
export async function checkHeads(
  text: string,
  keys: HeadKeys,
  verify: Ed25519Verify,
  findings: FindingSink<HeadCode>,
): Promise<CheckedHeads> {
  const progress: Progress = { heads: [], witnesses: new Map(), strangers: new Set(), findings };
  const lines = text.split('\n');
  if (lines.pop() !== '') findings.add({ code: 'head_malformed', message: 'heads.jsonl: its last line is not ended, so it was cut off.' });
  if (lines.length === 0) findings.add({ code: 'no_head', message: 'The bundle holds no signed head: nothing vouches for its entries.' });
  if (lines.length > MAX_HEADS) {
    findings.add({ code: 'too_many_heads', message: `The bundle holds ${lines.length} heads, more than ${MAX_HEADS}.` });
    lines.length = 0;
  }
  let last: TreeHead | null = null;
  for (const [i, line] of lines.entries()) {
    const where = `heads.jsonl, line ${i + 1}`;
    const checked = await checkHead(line, keys, verify, progress);
    last = null;
    if (!checked.ok) {
      findings.add({ code: checked.code, message: `${where}: ${checked.message}` });
      continue;
    }
    const before = progress.heads.at(-1);
    if (before !== undefined && before.size >= checked.value.size) {
      const message = `${where}: a head of ${checked.value.size} entries stands after one of ${before.size}. They must ascend.`;
      findings.add({ code: 'head_order', message });
      continue;
    }
    last = checked.value;
    progress.heads.push(last);
  }
  for (const { key, trusted } of keys.witnesses)
    if (trusted && lines.length > 0 && !progress.witnesses.has(keyLabel(key)))
      findings.add({
        code: 'cosignature_missing',
        severity: 'note',
        message: `The witness ${keyLabel(key)} has cosigned no head in the bundle.`,
      });
  return {
    lines: lines.length,
    heads: progress.heads,
    last,
    witnesses: [...progress.witnesses.values()],
    strangers: [...progress.strangers],
  };
}

async function checkHead(line: string, keys: HeadKeys, verify: Ed25519Verify, progress: Progress): Promise<Parsed<TreeHead, HeadCode>> {
  const read = parseDocument(line, HeadLine);
  if (!read.ok) return refuse('head_malformed', read.message);
  const text = read.value.checkpoint;
  const note = parseNote(text);
  if (!note.ok) return refuse('head_malformed', note.message);
  const opened = await openCheckpoint(text, { origin: keys.log.name, keys: [keys.log] }, verify);
  if (!opened.ok) {
    const signers = note.value.signatures.map(keyLabel).join(', ');
    if (opened.code === 'wrong_origin') return refuse('head_of_other_log', opened.message);
    if (opened.code !== 'no_known_signature') return refuse('head_not_genuine', opened.message);
    return refuse('head_not_genuine', `it is signed by ${signers}, not by the log's key ${keyLabel(keys.log)}.`);
  }
  const { size, root } = opened.value.checkpoint;
  for (const { key, trusted } of keys.witnesses) {
    const cosignatures = await readCosignatures(note.value, [key], verify);
    if (!cosignatures.ok) {
      progress.findings.add({ code: 'cosignature_not_genuine', message: `The head of ${size} entries: ${cosignatures.message}` });
      continue;
    }
    for (const cosignature of cosignatures.value) noteWitness(progress, cosignature, { size, trusted });
  }
  const known = new Set([keys.log, ...keys.witnesses.map(({ key }) => key)].map(keyLabel));
  for (const stranger of note.value.signatures.map(keyLabel))
    if (!known.has(stranger) && progress.strangers.size < MAX_STRANGERS) progress.strangers.add(stranger);
  return { ok: true, value: { size, root } };
}

function noteWitness(
  { witnesses }: Progress,
  { key, time }: Cosignature,
  head: { readonly size: number; readonly trusted: boolean },
): void {
  const label = keyLabel(key);
  const before = witnesses.get(label);
  if (before === undefined || before.size <= head.size) witnesses.set(label, { key: label, ...head, time });
}
