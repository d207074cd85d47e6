import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const MOST_UNPACKED_BYTES = 256 * 1024 * 1024;
const LAST_WORDS = 600;

/** Which package to fetch, the integrity its tarball must have, and the npm to fetch it with (a path to npm's own script, or null for the one on the PATH). */
export type TarballRequest = {
  readonly spec: string;
  readonly integrity: string;
  /** An existing, empty folder that the tarball is written to. */
  readonly folder: string;
  readonly npmScript: string | null;
};

/** npm itself does the download, so that the user's registry, proxy and certificates apply. */
function packCommand(request: TarballRequest): { command: string; args: string[]; shell: boolean } {
  const args = ['pack', request.spec, '--pack-destination', request.folder, '--silent', '--ignore-scripts'];
  if (request.npmScript !== null) return { command: process.execPath, args: [request.npmScript, ...args], shell: false };
  if (process.platform !== 'win32') return { command: 'npm', args, shell: false };
  // npm is a .cmd file there, which only a shell can start.
  return { command: 'npm', args: args.map((arg) => `"${arg}"`), shell: true };
}

function pack(request: TarballRequest): Promise<void> {
  const { command, args, shell } = packCommand(request);
  return new Promise((resolve, reject) => {
    const npm = spawn(command, args, { shell, stdio: ['ignore', 'ignore', 'pipe'], windowsHide: true });
    let words = '';
    npm.stderr.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-LAST_WORDS);
    });
    npm.on('error', reject);
    npm.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`npm pack ended with code ${code ?? 'none'}${words === '' ? '' : `: ${words.trim()}`}`));
    });
  });
}

/**
 * Downloads a package's tarball with npm, checks its integrity and returns the unpacked archive (tar). Nothing of the package is run.
 * @throws Error in words for a person when npm fails, or the tarball is not the one that the manifest pins.
 */
export async function fetchTarball(request: TarballRequest): Promise<Uint8Array> {
  await pack(request);
  const name = (await readdir(request.folder)).find((file) => file.endsWith('.tgz'));
  if (name === undefined) throw new Error('npm pack wrote no tarball');
  const tarball = await readFile(join(request.folder, name));
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  if (integrity !== request.integrity) throw new Error(`the tarball's integrity is ${integrity}, the manifest pins ${request.integrity}`);
  return gunzipSync(tarball, { maxOutputLength: MOST_UNPACKED_BYTES });
}
