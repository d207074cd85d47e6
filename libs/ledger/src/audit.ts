import { toBase64 } from './base64.ts';
import { equalBytes } from './bytes.ts';
import { append, emptyRange, rootOf } from './compact-range.ts';
import type { CompactRange, OnNode } from './compact-range.ts';
import { findingList } from './findings.ts';
import type { Finding, FindingList } from './findings.ts';
import type { Sha256 } from './primitives.ts';
import { HASH_BYTES, leafHash } from './tree-hash.ts';
import type { TreeHead } from './tree-hash.ts';

export type AuditCode = 'index_missing' | 'index_repeated' | 'leaf_hash_differs' | 'root_differs' | 'head_too_late' | 'head_not_reached';

/** An entry as it is stored: its place, its bytes, and the leaf hash that the store holds for it (none in a bundle that carries none). */
export type AuditEntry = { readonly index: number; readonly bytes: Uint8Array; readonly storedLeafHash?: Uint8Array };

export type AuditReport = {
  /** Entries read. */
  readonly entries: number;
  /** The tree as recomputed from the entries' bytes. */
  readonly head: TreeHead;
  /** Signed heads that the recomputed tree agrees with, and that it does not. */
  readonly headsMatched: number;
  readonly headsFailed: number;
  readonly findings: readonly Finding<AuditCode>[];
  /** Findings beyond the limit. */
  readonly suppressed: number;
};

export type Auditor = {
  /** A head whose signature the caller has verified. Give it before the entry that passes its size; many are best given one after the other. */
  readonly expectHead: (head: TreeHead) => void;
  /** The next entry, in order of index. */
  readonly entry: (entry: AuditEntry) => void;
  /** What was found. Heads that the entries never reached are found missing here. */
  readonly finish: () => AuditReport;
};

export type AuditOptions = {
  readonly sha256: Sha256;
  /** Where to begin, when everything before was audited earlier: the range of the entries before the first. */
  readonly start?: CompactRange;
  /** How many findings to keep; 100 unless given. */
  readonly limit?: number;
  /** Told of each node of the recomputed tree, so that stored tiles can be held against it. */
  readonly onNode?: OnNode;
};

type AuditState = {
  range: CompactRange;
  /** The tree of the stored leaf hashes, from the first entry on whose bytes do not have theirs. */
  stored: CompactRange | undefined;
  entries: number;
  expectedIndex: number;
  lastMatched: number;
  headsMatched: number;
  headsFailed: number;
  readonly pending: Map<number, TreeHead[]>;
  readonly findings: FindingList<AuditCode>;
  readonly sha256: Sha256;
  readonly onNode: OnNode | undefined;
};

/**
 * An audit of a whole log, RFC 6962 section 2.1: recomputes the tree from the entries' own bytes and holds it against signed heads. Never throws
 * for what it reads. Memory does not grow with the log, only with the heads that are given and not yet reached.
 */
export function openAudit(options: AuditOptions): Auditor {
  const range = options.start ?? emptyRange();
  const state: AuditState = {
    range,
    stored: undefined,
    entries: 0,
    expectedIndex: range.size,
    lastMatched: range.size,
    headsMatched: 0,
    headsFailed: 0,
    pending: new Map(),
    findings: findingList(options.limit ?? 100),
    sha256: options.sha256,
    onNode: options.onNode,
  };
  return {
    expectHead: (head) => {
      expectHead(state, head);
    },
    entry: (entry) => {
      auditEntry(state, entry);
    },
    finish: () => finish(state),
  };
}

function expectHead(state: AuditState, head: TreeHead): void {
  if (head.size === state.range.size) checkHead(state, head);
  else if (head.size > state.range.size) state.pending.set(head.size, [...(state.pending.get(head.size) ?? []), head]);
  else
    state.findings.add({
      code: 'head_too_late',
      message: `The head of ${head.size} entries was given after ${state.range.size} had been read, and could not be checked.`,
    });
}

function auditEntry(state: AuditState, entry: AuditEntry): void {
  checkIndex(state, entry.index);
  const computed = leafHash(entry.bytes, state.sha256);
  const stored = entry.storedLeafHash ?? computed;
  if (!equalBytes(stored, computed)) {
    state.stored ??= state.range;
    state.findings.add({ code: 'leaf_hash_differs', index: entry.index, message: describeLeaf(entry.index, computed, stored) });
  }
  // A stored hash of another length cannot enter a tree; the finding above has named it.
  if (state.stored !== undefined) state.stored = append(state.stored, stored.length === HASH_BYTES ? stored : computed, state.sha256);
  state.range = append(state.range, computed, state.sha256, state.onNode);
  state.entries += 1;
  const heads = state.pending.get(state.range.size);
  if (heads === undefined) return;
  state.pending.delete(state.range.size);
  for (const head of heads) checkHead(state, head);
}

function checkIndex(state: AuditState, index: number): void {
  const expected = state.expectedIndex;
  if (index > expected)
    state.findings.add({
      code: 'index_missing',
      index,
      message: index - expected === 1 ? `Entry ${expected} is missing.` : `Entries ${expected} to ${index - 1} are missing.`,
    });
  else if (index < expected)
    state.findings.add({
      code: 'index_repeated',
      index,
      message: `Entry ${index} comes again, or out of order: ${expected} was expected.`,
    });
  // Go on from what was read, so that one gap is one finding.
  state.expectedIndex = index + 1;
}

function describeLeaf(index: number, computed: Uint8Array, stored: Uint8Array): string {
  return (
    `Entry ${index}: its bytes have the leaf hash ${toBase64(computed)}, the store says ${toBase64(stored)}. ` +
    'Either the entry or its stored hash was changed.'
  );
}

function checkHead(state: AuditState, head: TreeHead): void {
  if (equalBytes(rootOf(state.range, state.sha256), head.root)) {
    state.headsMatched += 1;
    state.lastMatched = head.size;
    return;
  }
  // Every head after the first wrong one is wrong as well and would say nothing new.
  if (state.headsFailed === 0) state.findings.add({ code: 'root_differs', message: describeRoot(state, head) });
  state.headsFailed += 1;
}

function describeRoot(state: AuditState, head: TreeHead): string {
  const { lastMatched, stored } = state;
  const where =
    lastMatched >= head.size
      ? 'Another head of the same size has matched: the log shows two faces.'
      : `The first difference is among the entries ${lastMatched} to ${head.size - 1}.`;
  if (stored === undefined) return `The entries do not lead to the signed head of ${head.size} entries. ${where}`;
  const cause = equalBytes(rootOf(stored, state.sha256), head.root)
    ? 'The stored leaf hashes still do: entries were changed after the head was signed.'
    : 'Nor do the stored leaf hashes.';
  return `The entries do not lead to the signed head of ${head.size} entries. ${cause} ${where}`;
}

function finish(state: AuditState): AuditReport {
  for (const size of [...state.pending.keys()].sort((a, b) => a - b))
    state.findings.add({
      code: 'head_not_reached',
      message: `A signed head has ${size} entries, the log ends after ${state.range.size}: entries were removed from its end.`,
    });
  state.pending.clear();
  return {
    entries: state.entries,
    head: { size: state.range.size, root: rootOf(state.range, state.sha256) },
    headsMatched: state.headsMatched,
    headsFailed: state.headsFailed,
    findings: state.findings.list(),
    suppressed: state.findings.suppressed(),
  };
}
