import { charterName } from '@wheelhouse/charter/ballot';
import { hashFromBase64, toBase64 } from '@wheelhouse/ledger/base64';
import { utf8 } from '@wheelhouse/ledger/bytes';
import { commitmentOf, parseOpening } from '@wheelhouse/ledger/disclosure';
import { entryLeafHash } from '@wheelhouse/ledger/entry';
import { assemble, checkFields, parseLeaf } from '@wheelhouse/ledger/sealed-entry';
import { verifyInclusion } from '@wheelhouse/ledger/verify-proof';
import type { PublicCharter } from '@wheelhouse/protocol/transparency';
import { z } from 'zod';
import { sha256 } from '../ledger/browser-crypto.ts';
import { plural } from '../ledger/plain-words.ts';
import type { Step } from '../ledger/verify-step.ts';
import { signatureStep, type KeyStanding } from '../ledger/watch-log.ts';
import { readHead } from './shown-head.ts';

/** What the entry that adopts a charter says, as far as it is opened for everybody. */
const Adoption = z.object({
  kind: z.literal('charter.adopted'),
  time: z.iso.datetime(),
  data: z.object({ charterText: z.string(), name: z.string(), version: z.number() }),
});
type Adoption = z.infer<typeof Adoption>;

/** Checks one charter just as it is shown: its text is in a leaf, the leaf in a tree, and the tree's head signed. */
export async function checkCharter(charter: PublicCharter, standing: KeyStanding): Promise<readonly Step[]> {
  const { step: fields, adoption } = fieldsStep(charter);
  return [fields, textStep(charter, adoption), await placeStep(charter, standing)];
}

const FIELDS = {
  id: 'fields',
  title: 'The entry of the ledger is whole',
  meaning:
    'Each field of the entry is hashed with a random salt, and the leaf holds one hash over all of them. Who voted stays unnamed here, and yet nothing can be changed.',
} as const;

function fieldsStep({ stored }: PublicCharter): { step: Step; adoption: Adoption | null } {
  const bad = (result: string) => ({ step: { ...FIELDS, outcome: 'bad', result }, adoption: null }) as const;
  const leaf = parseLeaf(utf8(stored.body));
  if (!leaf.ok) return bad(leaf.message);
  const items = parseOpening(stored.opening);
  if (!items.ok) return bad(items.message);
  const checked = checkFields(leaf.value, items.value, sha256);
  if (!checked.ok) return bad(checked.message);
  const adoption = Adoption.safeParse(assemble(leaf.value, items.value).value);
  if (!adoption.success) return bad(`Entry #${stored.index} is whole, but it is not one that put a charter in force.`);
  const shown = items.value.filter((item) => 'name' in item).length;
  const result = `${plural(shown, 'field that is', 'fields that are')} opened and ${items.value.length - shown} that are not fit the leaf of entry #${stored.index}.`;
  const hashes = [
    ...items.value.map((item) => ({ name: 'name' in item ? item.name : 'not opened', hash: toBase64(commitmentOf(item, sha256)) })),
    { name: 'All of them, in the leaf', hash: toBase64(leaf.value.fields) },
  ];
  return { step: { ...FIELDS, outcome: 'good', result, hashes }, adoption: adoption.data };
}

const TEXT = {
  id: 'text',
  title: 'The text on this page is the one that was put in force',
  meaning: 'Text, version and time are compared letter by letter with those in the entry, and the name with the SHA-256 of the text.',
} as const;

function textStep({ text, name, version, adoptedAt }: PublicCharter, adoption: Adoption | null): Step {
  if (adoption === null) return { ...TEXT, outcome: 'open', result: 'There is no sound entry to compare it with.' };
  const { charterText, name: recorded, version: number } = adoption.data;
  const digest = charterName(text, sha256);
  const hashes = [
    { name: 'Of the text that is shown', hash: digest },
    { name: 'In the entry', hash: recorded },
  ];
  const wrong =
    firstDifference(text, charterText) ??
    (digest !== recorded ? 'The name in the entry is not the SHA-256 of the text.' : null) ??
    (name !== recorded ? `The page calls it ${name}, the entry ${recorded}.` : null) ??
    (version !== number ? `The page calls it version ${version}, the entry version ${number}.` : null) ??
    (Date.parse(adoptedAt) !== Date.parse(adoption.time)
      ? `The page says that it came into force at ${adoptedAt}, the entry ${adoption.time}.`
      : null);
  if (wrong !== null) return { ...TEXT, outcome: 'bad', result: wrong, hashes };
  return { ...TEXT, outcome: 'good', result: `All ${plural(text.length, 'character')} of it, the version, the name and the time.`, hashes };
}

const QUOTED = 80;

/** The first line that is not the same, in words; null where all are. */
export function firstDifference(shown: string, recorded: string): string | null {
  if (shown === recorded) return null;
  const [here, there] = [shown.split('\n'), recorded.split('\n')];
  const at = Array.from({ length: Math.max(here.length, there.length) }).findIndex((_, i) => here[i] !== there[i]);
  const quoted = (line: string | undefined) => {
    if (line === undefined) return 'nothing';
    // What is wrong may be no more than a space at either end.
    const words = here[at]?.trim() === there[at]?.trim() ? line : line.trim();
    return `“${words.slice(0, QUOTED)}${words.length > QUOTED ? '…' : ''}”`;
  };
  return `The text was altered: line ${at + 1} is ${quoted(here[at])} on this page, and ${quoted(there[at])} in the entry.`;
}

const PLACE = {
  id: 'place',
  title: 'The entry is in the ledger’s tree, under a signed head',
  meaning:
    'From the entry’s own hash, with those of its neighbours, follows the root that the log has signed. Nothing else could stand there.',
} as const;

async function placeStep({ stored, proof }: PublicCharter, standing: KeyStanding): Promise<Step> {
  if (proof === null)
    return { ...PLACE, outcome: 'open', result: 'No published head covers it yet. That takes seconds: load the page again.' };
  const bad = (result: string) => ({ ...PLACE, outcome: 'bad', result }) as const;
  if (proof.index !== stored.index) return bad(`The proof is of entry #${proof.index}, not of #${stored.index}.`);
  const head = readHead(proof.checkpoint);
  if (head === null) return bad('The head that the proof leads to cannot be read.');
  const signature = await signatureStep(head, standing);
  if (signature.outcome !== 'good') return { ...PLACE, outcome: signature.outcome, result: `Its head: ${signature.result}` };
  const hashes = proof.hashes.map((hash) => hashFromBase64(hash) ?? new Uint8Array(0));
  const leafHash = entryLeafHash(utf8(stored.body), sha256);
  const verdict = verifyInclusion({ index: proof.index, leafHash, proof: hashes }, head.checkpoint, sha256);
  const named = [
    { name: 'This entry', hash: toBase64(leafHash) },
    ...proof.hashes.map((hash, i) => ({ name: `Neighbour ${i + 1}`, hash })),
    { name: 'Root in the head', hash: toBase64(head.checkpoint.root) },
  ];
  if (!verdict.ok) return { ...bad(verdict.message), hashes: named };
  const path =
    proof.hashes.length === 0 ? 'its hash is the root' : `a path of ${plural(hashes.length, 'hash', 'hashes')} leads to the root`;
  return {
    ...PLACE,
    outcome: 'good',
    result: `It is #${proof.index} of ${plural(head.checkpoint.size, 'entry', 'entries')}: ${path}.`,
    hashes: named,
  };
}
