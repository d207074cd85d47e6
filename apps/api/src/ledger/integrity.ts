import { verifyEd25519 } from '@wheelhouse/installation/node-crypto';
import { openCheckpoint } from '@wheelhouse/ledger/checkpoint';
import type { TreeHead } from '@wheelhouse/ledger/tree-hash';
import { emptyTree, type GrowingTree } from './growing-tree.ts';
import type { LedgerIdentity } from './ledger-identity.ts';
import type { LedgerStore } from './ledger-store.ts';
import { checkRows, type Pause } from './row-check.ts';
import { type Difference, readTree } from './tree-check.ts';

/** A log as long as this is read whole before anything is served; of a longer one the tree, and the entries right afterwards in the background. */
const WHOLE_AT_START = 200_000;

/** What a check found. `tree` is what the tiles hold; empty where they can't be believed. */
export type Finding = { readonly tree: GrowingTree; readonly difference: Difference | null; readonly whole: boolean };

/** Heads that were signed, read back from where they are kept. Throws for one that is not ours. */
export async function signedHeads(identity: LedgerIdentity, texts: readonly (string | null)[]): Promise<TreeHead[]> {
  const heads: TreeHead[] = [];
  for (const text of texts) {
    if (text === null) continue;
    const opened = await openCheckpoint(text, { origin: identity.origin, keys: [identity.key] }, verifyEd25519);
    if (!opened.ok) throw new ForeignHeadError(`A stored tree head is not ours: ${opened.message}`);
    heads.push(opened.value.checkpoint);
  }
  return heads;
}

/** A head beside the database that another key has signed: nothing can be checked against it. */
export class ForeignHeadError extends Error {
  override readonly name = 'ForeignHeadError';
}

/** The check before anything is served. `kept`: heads from beside the database. A head that is not ours is a difference as well. */
export async function firstFinding(store: LedgerStore, identity: LedgerIdentity, kept: readonly (string | null)[]): Promise<Finding> {
  try {
    return await checkAtStart(store, await signedHeads(identity, [await store.lastHead(), ...kept]));
  } catch (error) {
    if (!(error instanceof ForeignHeadError)) throw error;
    return { tree: emptyTree, difference: { index: null, message: error.message }, whole: true };
  }
}

async function checkAtStart(store: LedgerStore, heads: readonly TreeHead[]): Promise<Finding> {
  const read = await readTree(store, heads);
  if ('difference' in read) return { tree: emptyTree, difference: await located(store, read.difference), whole: true };
  const { size } = read.tree.range;
  if (size > WHOLE_AT_START) return { tree: read.tree, difference: null, whole: false };
  return { tree: read.tree, difference: await checkRows(store, { from: 0, to: size }, atOnce), whole: true };
}

/** The same of everything, entries too, with pauses: for the hourly check. */
export async function checkWhole(store: LedgerStore, heads: readonly TreeHead[], pause: Pause): Promise<Difference | null> {
  const read = await readTree(store, heads);
  if ('difference' in read) return located(store, read.difference);
  return checkRows(store, { from: 0, to: read.tree.range.size }, pause);
}

/** A difference in the tree, with the first entry that is not the tree's, where there is one: that is what a person wants to know. */
async function located(store: LedgerStore, difference: Difference): Promise<Difference> {
  const { size } = await store.extent();
  const first = await checkRows(store, { from: 0, to: size }, atOnce);
  return first === null ? difference : { index: first.index, message: `${difference.message} ${first.message}` };
}

function atOnce(): Promise<void> {
  return Promise.resolve();
}
