import {
  BlobReader,
  BlobWriter,
  TextReader,
  Uint8ArrayReader,
  Uint8ArrayWriter,
  ZipReader,
  ZipWriter,
} from '@zip.js/zip.js/lib/zip-core-native.js';
import { BUNDLE_MEMBERS, BundleManifest, DIGESTED_MEMBERS, manifestNote, toHex } from './bundle-format.ts';
import type { TestLog } from './bundle-fixture.ts';
import { utf8 } from './bytes.ts';
import { canonicalJson } from './canonical.ts';
import { sha256 } from './evidence-fixture.ts';
import { formatNote, signNote } from './signed-note.ts';
import type { NoteSigner } from './signed-note.ts';

/** The members of a bundle, to be tampered with. */
export type Members = Map<string, Uint8Array>;

export async function unzip(blob: Blob): Promise<Members> {
  const members: Members = new Map();
  for (const entry of await new ZipReader(new BlobReader(blob), { useWebWorkers: false }).getEntries())
    if (!entry.directory) members.set(entry.filename, await entry.getData(new Uint8ArrayWriter(), { useWebWorkers: false }));
  return members;
}

export async function zip(members: Members): Promise<Blob> {
  const writer = new ZipWriter(new BlobWriter(), { useWebWorkers: false });
  for (const [name, bytes] of members) await writer.add(name, new Uint8ArrayReader(bytes));
  return writer.close();
}

export async function zipOfTexts(texts: Record<string, string>): Promise<Blob> {
  const writer = new ZipWriter(new BlobWriter(), { useWebWorkers: false });
  for (const [name, text] of Object.entries(texts)) await writer.add(name, new TextReader(text));
  return writer.close();
}

export const textOf = (members: Members, name: string) => new TextDecoder().decode(members.get(name));

/** What a forger can do who has the log's key: changes members and makes the manifest fit them again. */
export async function forge(
  log: TestLog,
  blob: Blob,
  change: {
    edit?: (members: Members) => void;
    claim?: (manifest: BundleManifest) => object;
    signer?: NoteSigner;
  },
): Promise<Blob> {
  const members = await unzip(blob);
  change.edit?.(members);
  const manifest = BundleManifest.parse(JSON.parse(textOf(members, 'manifest.json')));
  const named = DIGESTED_MEMBERS.map((name) => {
    const bytes = members.get(name) ?? new Uint8Array(0);
    return { name, bytes: bytes.length, sha256: toHex(sha256(bytes)) };
  });
  const text = canonicalJson({ ...manifest, members: named, ...change.claim?.(manifest) });
  members.set('manifest.json', utf8(text));
  const note = manifestNote(manifest.origin, toHex(sha256(utf8(text))));
  members.set('manifest.sig', utf8(formatNote(await signNote(note, change.signer ?? log.log.signer))));
  const known: readonly string[] = BUNDLE_MEMBERS;
  return zip(new Map([...members].sort(([a], [b]) => known.indexOf(a) - known.indexOf(b))));
}

/** An edit of the lines of a member. */
export const lines =
  (name: string, edit: (lines: string[]) => string[]) =>
  (members: Members): void => {
    const all = textOf(members, name).split('\n').slice(0, -1);
    members.set(
      name,
      utf8(
        edit(all)
          .map((line) => `${line}\n`)
          .join(''),
      ),
    );
  };
