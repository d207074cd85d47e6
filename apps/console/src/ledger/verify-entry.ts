import { hashFromBase64, toBase64 } from '@wheelhouse/ledger/base64';
import { utf8 } from '@wheelhouse/ledger/bytes';
import { commitmentOf, parseOpening } from '@wheelhouse/ledger/disclosure';
import { entryLeafHash } from '@wheelhouse/ledger/entry';
import { checkFields, parseLeaf } from '@wheelhouse/ledger/sealed-entry';
import { nodeHash } from '@wheelhouse/ledger/tree-hash';
import { verifyInclusion } from '@wheelhouse/ledger/verify-proof';
import type { StoredEntry } from '@wheelhouse/protocol/ledger-entry';
import { inWords } from '../rest/call.ts';
import { sha256 } from './browser-crypto.ts';
import type { LogMemory } from './log-memory.ts';
import type { LogReader } from './log-reader.ts';
import { plural } from './plain-words.ts';
import type { NamedHash, Step } from './verify-step.ts';
import { growthStep, headThatCovers, signatureStep, standingOfKey, witnessStep, type ShownHead } from './watch-log.ts';

/** A head is signed each second: an entry that is younger has to wait for the next one. */
const HEAD_WITHIN_MS = 5000;
const AGAIN_MS = 500;

/** Verifies an entry just as it is shown, telling each step as it is done. Rejects only where the server gives nothing to check. */
export async function verifyEntry(
  entry: StoredEntry,
  sources: { log: LogReader; memory: LogMemory },
  tell: (step: Step) => void,
): Promise<void> {
  const { log, memory } = sources;
  tell(fieldsStep(entry));
  const standing = await standingOfKey(log, memory);
  const head = await patientHead(log, entry.index + 1);
  tell(await placeStep(entry, head, log));
  const signature = await signatureStep(head, standing);
  tell(signature);
  // A head that nobody signed is not worth remembering, nor comparing.
  if (signature.outcome === 'good') tell(await growthStep(head, log, memory));
  tell(await witnessStep(head, log));
}

async function patientHead(log: LogReader, size: number): Promise<ShownHead> {
  for (let waited = 0; ; waited += AGAIN_MS) {
    const head = await headThatCovers(log, size);
    if (head !== null) return head;
    if (waited >= HEAD_WITHIN_MS)
      throw new Error('No signed tree head covers this entry yet, or the one that the server shows cannot be read.');
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

const FIELDS = {
  id: 'fields',
  title: 'The fields are those that were committed to',
  meaning:
    'Every field is hashed with a random salt; the leaf in the tree holds one hash over all of them. Change a letter, and it no longer fits.',
} as const;

function fieldsStep({ body, opening }: StoredEntry): Step {
  const leaf = parseLeaf(utf8(body));
  if (!leaf.ok) return { ...FIELDS, outcome: 'bad', result: leaf.message };
  const items = parseOpening(opening);
  if (!items.ok) return { ...FIELDS, outcome: 'bad', result: items.message };
  const checked = checkFields(leaf.value, items.value, sha256);
  const withheld = items.value.filter((item) => 'commitment' in item).length;
  const hashes: NamedHash[] = [
    ...items.value.map((item) => ({ name: 'commitment' in item ? 'not shown' : item.name, hash: toBase64(commitmentOf(item, sha256)) })),
    { name: 'All of them, in the leaf', hash: toBase64(leaf.value.fields) },
  ];
  if (!checked.ok) return { ...FIELDS, outcome: 'bad', result: checked.message, hashes };
  const shown = `${plural(items.value.length - withheld, 'field that is shown fits', 'fields that are shown fit')} the leaf`;
  const rest = withheld === 0 ? '.' : `; of ${plural(withheld, 'that is not', 'that are not')}, the commitment stands in.`;
  return { ...FIELDS, outcome: 'good', result: shown + rest, hashes };
}

const PLACE = {
  id: 'place',
  title: 'The entry stands at its place in the tree',
  meaning:
    'From the entry’s own hash, with those of its neighbours, follows the root that the head commits to. No other entry could stand there.',
} as const;

async function placeStep(entry: StoredEntry, head: ShownHead, log: LogReader): Promise<Step> {
  const { index, body } = entry;
  const { size, root } = head.checkpoint;
  const leafHash = entryLeafHash(utf8(body), sha256);
  try {
    const answer = await log.inclusion(index, size);
    const proof = answer.hashes.map((hash) => hashFromBase64(hash) ?? new Uint8Array(0));
    const verdict = verifyInclusion({ index, leafHash, proof }, { size, root }, sha256);
    const hashes = pathOf({ index, size, leafHash, root }, proof);
    if (!verdict.ok) return { ...PLACE, outcome: 'bad', result: verdict.message, hashes };
    const path =
      proof.length === 0
        ? 'It is the only one, so its hash is the root.'
        : `The path of ${plural(proof.length, 'hash', 'hashes')} leads to the root.`;
    return { ...PLACE, outcome: 'good', result: `It is #${index} of ${plural(size, 'entry', 'entries')}. ${path}`, hashes };
  } catch (error) {
    return { ...PLACE, outcome: 'open', result: `The proof could not be fetched. ${inWords(error)}` };
  }
}

type Path = { readonly index: number; readonly size: number; readonly leafHash: Uint8Array; readonly root: Uint8Array };

/** The climb from the leaf to the root, hash by hash, for people who follow it: RFC 9162 section 2.1.3.2. */
function pathOf({ index, size, leafHash, root }: Path, proof: readonly Uint8Array[]): NamedHash[] {
  const named: NamedHash[] = [{ name: 'This entry', hash: toBase64(leafHash) }];
  let [at, last, hash] = [index, size - 1, leafHash];
  for (const step of proof) {
    if (step.length !== hash.length) break;
    const fromLeft = at % 2 === 1 || at === last;
    while (fromLeft && at % 2 === 0 && at !== 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    hash = fromLeft ? nodeHash(step, hash, sha256) : nodeHash(hash, step, sha256);
    named.push(
      { name: fromLeft ? '+ from the left' : '+ from the right', hash: toBase64(step) },
      { name: '= together', hash: toBase64(hash) },
    );
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return [...named, { name: 'Root in the head', hash: toBase64(root) }];
}
