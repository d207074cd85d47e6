import { ZipWriter } from '@zip.js/zip.js/lib/zip-core-native.js';
import { toBase64 } from './base64.ts';
import type { NewDigest } from './bundle-digest.ts';
import { BundleManifest, manifestNote, MAX_HEADS, toHex } from './bundle-format.ts';
import type { BundleMember, DigestedMember } from './bundle-format.ts';
import type { BundleItem } from './bundle-items.ts';
import { entryLine, gapLine } from './bundle-line.ts';
import { BUNDLE_README } from './bundle-readme.ts';
import { utf8 } from './bytes.ts';
import { canonicalJson } from './canonical.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { formatCosignerKey } from './cosignature.ts';
import type { CosignerKey } from './cosignature.ts';
import { LedgerError } from './ledger-error.ts';
import { formatVerifierKey } from './note-key.ts';
import type { NoteKey } from './note-key.ts';
import { formatNote, parseNote, signNote } from './signed-note.ts';
import type { NoteSigner } from './signed-note.ts';
import type { TreeHead } from './tree-hash.ts';

export type BundleParts = {
  /** The export's id, and when it is made. */
  readonly export: string;
  readonly made: Date;
  readonly filter: BundleManifest['filter'];
  /** The redaction profile that the items were redacted with. */
  readonly profile: string;
  /** The log's key, whose name is the log's origin, and what signs with it. */
  readonly key: NoteKey;
  readonly signer: NoteSigner;
  /** Keys of the log's witnesses, for the reader's information. */
  readonly witnesses: readonly CosignerKey[];
  /** Signed checkpoints of this log with their cosignatures, ascending in size; at most 10,000. The last has the size that the items end at. */
  readonly heads: readonly string[];
  /** What `bundleItems` gives: every leaf up to the last head, shown or in a gap. */
  readonly items: AsyncIterable<readonly BundleItem[]>;
  readonly newDigest: NewDigest;
  /** Told after each page how many leaves, shown or not, have been written. */
  readonly onProgress?: (done: number, of: number) => void;
};

/** A bundle as it was written: its own bytes and digest (SHA-256 of the ZIP), the head that its entries are proven against, and what it says. */
export type WrittenBundle = {
  readonly bytes: number;
  readonly sha256: Uint8Array;
  readonly head: TreeHead;
  readonly manifest: BundleManifest;
};

/**
 * Writes a bundle to a sink and closes it. Holds one page of items at a time. Throws `bad_checkpoint` for heads that are none of this log or not
 * ascending, `out_of_range` for items that do not lead from one to the next up to the last head, and whatever the sink or the items throw; the
 * sink is then aborted.
 */
export async function writeBundle(sink: WritableStream<Uint8Array>, parts: BundleParts): Promise<WrittenBundle> {
  const heads = readHeads(parts);
  const head = heads.at(-1);
  if (head === undefined) throw new LedgerError('bad_checkpoint', 'A bundle needs a signed head.');
  const outer = counting(sink, parts.newDigest);
  // Each member is streamed, so its sizes are known only behind it: the ZIP says them in data descriptors.
  const zip = new ZipWriter<unknown>(outer.sink, { useWebWorkers: false, lastModDate: parts.made, extendedTimestamp: false });
  try {
    const members: Members = { zip, newDigest: parts.newDigest, written: [] };
    await addText(members, 'README.txt', BUNDLE_README);
    await addText(members, 'keys.json', keysText(parts));
    await addText(members, 'heads.jsonl', parts.heads.map((checkpoint) => `${canonicalJson({ checkpoint })}\n`).join(''));
    const seen = newTally();
    await add(members, 'entries.jsonl', entryStream(parts, head.size, seen));
    const manifest = manifestOf(parts, { head, seen, members: members.written });
    const text = canonicalJson(manifest);
    const digest = await addText(members, 'manifest.json', text);
    await addText(members, 'manifest.sig', formatNote(await signNote(manifestNote(parts.key.name, toHex(digest)), parts.signer)));
    await zip.close();
    return { bytes: outer.bytes(), sha256: outer.digest(), head, manifest };
  } catch (error) {
    await outer.abort(error);
    throw error;
  }
}

/** The same sink, counted and digested. */
function counting(sink: WritableStream<Uint8Array>, newDigest: NewDigest) {
  const digest = newDigest();
  const writer = sink.getWriter();
  let bytes = 0;
  const counted = new WritableStream<Uint8Array>({
    write: async (chunk) => {
      digest.update(chunk);
      bytes += chunk.length;
      await writer.ready;
      await writer.write(chunk);
    },
    close: () => writer.close(),
    abort: (reason) => writer.abort(reason),
  });
  const abort = async (reason: unknown): Promise<void> => {
    // It may have failed by itself, and be aborted already.
    await writer.abort(reason).catch(() => undefined);
  };
  return { sink: counted, bytes: () => bytes, digest: () => digest.digest(), abort };
}

function readHeads({ heads, key }: BundleParts): TreeHead[] {
  if (heads.length > MAX_HEADS) throw new LedgerError('bad_checkpoint', `A bundle has at most ${MAX_HEADS} heads, not ${heads.length}.`);
  let last = -1;
  return heads.map((head) => {
    const note = parseNote(head);
    const checkpoint = note.ok ? parseCheckpoint(note.value.text) : note;
    if (!checkpoint.ok) throw new LedgerError('bad_checkpoint', checkpoint.message);
    const { origin, size, root } = checkpoint.value;
    if (origin !== key.name || size <= last)
      throw new LedgerError(
        'bad_checkpoint',
        `The head of ${size} entries of ${origin} is of another log, or not larger than the one before.`,
      );
    last = size;
    return { size, root };
  });
}

function keysText({ key, witnesses }: BundleParts): string {
  return canonicalJson({ log: formatVerifierKey(key), witnesses: witnesses.map(formatCosignerKey) });
}

type Written = BundleManifest['members'][number];
type Members = { readonly zip: ZipWriter<unknown>; readonly newDigest: NewDigest; readonly written: Written[] };

async function addText(members: Members, name: Exclude<BundleMember, 'entries.jsonl'>, text: string): Promise<Uint8Array> {
  const bytes = utf8(text);
  return add(members, name, [bytes]);
}

/** Adds a member, and answers the digest of what it holds. */
async function add(members: Members, name: BundleMember, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Uint8Array> {
  const digest = members.newDigest();
  let bytes = 0;
  const source = digested(chunks, (chunk) => {
    digest.update(chunk);
    bytes += chunk.length;
  });
  await members.zip.add(name, { readable: toStream(source) });
  const sha256 = digest.digest();
  if (name !== 'manifest.json' && name !== 'manifest.sig')
    members.written.push({ name, bytes, sha256: toHex(sha256) } satisfies { name: DigestedMember } & Written);
  return sha256;
}

async function* digested(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  seen: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array, undefined> {
  for await (const chunk of chunks) {
    seen(chunk);
    yield chunk;
  }
}

function toStream(source: AsyncGenerator<Uint8Array, undefined>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const next = await source.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
    cancel: async () => {
      await source.return(undefined);
    },
  });
}

type Tally = { entries: number; gaps: number; from: number; to: number };

function newTally(): Tally {
  return { entries: 0, gaps: 0, from: 0, to: 0 };
}

async function* entryStream(parts: BundleParts, size: number, seen: Tally): AsyncGenerator<Uint8Array, undefined> {
  let at = 0;
  for await (const page of parts.items) {
    let text = '';
    for (const item of page) {
      const [from, to] = item.is === 'gap' ? [item.from, item.to] : [item.index, item.index + 1];
      if (from !== at || to > size)
        throw new LedgerError('out_of_range', `After ${at} of ${size} leaves, ${from} to ${to - 1} can't follow.`);
      if (item.is === 'gap') seen.gaps += 1;
      else {
        if (seen.entries === 0) seen.from = from;
        seen.to = to;
        seen.entries += 1;
      }
      text += `${item.is === 'gap' ? gapLine(item) : entryLine(item)}\n`;
      at = to;
    }
    yield utf8(text);
    parts.onProgress?.(at, size);
  }
  if (at !== size) throw new LedgerError('out_of_range', `The items end after ${at} of ${size} leaves.`);
}

function manifestOf(
  parts: BundleParts,
  { head, seen, members }: { readonly head: TreeHead; readonly seen: Tally; readonly members: Written[] },
): BundleManifest {
  const { entries, gaps, from, to } = seen;
  // Parsed, so that nothing is signed which no verifier takes.
  return BundleManifest.parse({
    format: 'wheelhouse.bundle',
    version: 1,
    export: parts.export,
    made: parts.made.toISOString(),
    origin: parts.key.name,
    tree: { size: head.size, root: toBase64(head.root) },
    filter: parts.filter,
    profile: parts.profile,
    from,
    to,
    complete: entries === to - from,
    counts: { entries, gaps, heads: parts.heads.length },
    members,
  });
}
