import { BlobReader, ZipReader } from '@zip.js/zip.js/lib/zip-core-native.js';
import type { FileEntry } from '@zip.js/zip.js';
import { BUNDLE_MEMBERS, MAX_MEMBER_BYTES } from './bundle-format.ts';
import type { BundleMember } from './bundle-format.ts';
import type { ZipCode } from './bundle-report.ts';
import { concatBytes } from './bytes.ts';
import { refuse } from './primitives.ts';
import type { Parsed, Refusal } from './primitives.ts';

/** A bundle's ZIP, opened: the members that were found, and what is wrong with which are there. */
export type OpenedZip = { readonly members: ReadonlyMap<BundleMember, FileEntry>; readonly faults: readonly Refusal<ZipCode>[] };

/** More than this in the directory is no bundle; it is not read any further. */
const MAX_LISTED = 100;

/**
 * Opens a bundle's ZIP over a file that is read where needed: in a browser a `File`, in Node what `openAsBlob` gives. Archives that two tools
 * could read differently are refused. Throws only where the file itself cannot be read.
 */
export async function openZip(file: Blob): Promise<Parsed<OpenedZip, ZipCode>> {
  const members = new Map<BundleMember, FileEntry>();
  const names: string[] = [];
  const closed: string[] = [];
  try {
    const reader = new ZipReader(new BlobReader(file), { useWebWorkers: false, strictness: 'strict' });
    for await (const entry of reader.getEntriesGenerator()) {
      names.push(entry.filename);
      const member = BUNDLE_MEMBERS.find((name) => name === entry.filename);
      if (member !== undefined && (entry.directory || entry.encrypted)) closed.push(member);
      else if (member !== undefined && !entry.directory) members.set(member, entry);
      if (names.length > MAX_LISTED) break;
    }
  } catch (error) {
    return refuse(
      'zip_unreadable',
      `The file is no whole ZIP archive: it was cut off, is damaged, or is something else (${wordsOf(error)}).`,
    );
  }
  const unreadable = closed.map((name) => refuse('member_unreadable', `${name} is marked as encrypted or as a folder: no bundle's is.`));
  return { ok: true, value: { members, faults: [...unreadable, ...faultsOf(names)] } };
}

function faultsOf(names: readonly string[]): Refusal<ZipCode>[] {
  const known: readonly string[] = BUNDLE_MEMBERS;
  const missing = known.filter((name) => !names.includes(name));
  const strange = names.filter((name, i) => !known.includes(name) || names.indexOf(name) !== i);
  const faults = [
    ...missing.map((name) => refuse('member_missing', `The bundle has no ${name}.`)),
    ...strange.map((name) => refuse('member_unexpected', `The bundle holds ${JSON.stringify(name.slice(0, 80))}, which no bundle does.`)),
  ];
  if (faults.length === 0 && names.some((name, i) => known[i] !== name))
    return [refuse('member_order', `The members are not in their order: ${names.join(', ')}.`)];
  return faults;
}

/** Reads a member as it comes. A damaged one is refused, when some of it may already have been taken; what `take` throws is thrown. */
export async function streamMember(
  entry: FileEntry,
  take: (chunk: Uint8Array) => void,
  signal?: AbortSignal,
): Promise<Parsed<null, 'member_unreadable'>> {
  let thrown: { readonly error: unknown } | null = null;
  const sink = new WritableStream<Uint8Array>({
    write: (chunk) => {
      try {
        take(chunk);
      } catch (error) {
        thrown = { error };
        throw error;
      }
    },
  });
  try {
    await entry.getData(sink, { useWebWorkers: false, checkSignature: true, ...(signal === undefined ? {} : { signal }) });
    return { ok: true, value: null };
  } catch (error) {
    rethrow(thrown);
    signal?.throwIfAborted();
    return refuse('member_unreadable', `${entry.filename} can't be unpacked: it was cut off or is damaged (${wordsOf(error)}).`);
  }
}

function rethrow(thrown: { readonly error: unknown } | null): void {
  if (thrown !== null) throw thrown.error;
}

/** A small member, whole. */
export async function readMember(
  entry: FileEntry,
  signal?: AbortSignal,
): Promise<Parsed<Uint8Array, 'member_unreadable' | 'member_too_large'>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const read = await streamMember(
    entry,
    (chunk) => {
      length += chunk.length;
      if (length <= MAX_MEMBER_BYTES) chunks.push(chunk);
    },
    signal,
  );
  if (!read.ok) return read;
  if (length > MAX_MEMBER_BYTES) return refuse('member_too_large', `${entry.filename} has more than ${MAX_MEMBER_BYTES} bytes.`);
  return { ok: true, value: concatBytes(chunks) };
}

/** A file that cannot be read is not a damaged one: that is for the caller. */
function wordsOf(error: unknown): string {
  if (error instanceof Error && error.name === 'NotReadableError') throw error;
  return error instanceof Error ? error.message : String(error);
}
