import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const HERE = import.meta.dirname;
const Manifest = z.object({ version: z.string(), dependencies: z.record(z.string(), z.string()).default({}) });

/** Installs the peers into this folder unless they are there, in the versions that package.json names. Their install scripts don't run. */
export function installPeers(): void {
  const { dependencies } = manifestIn(HERE);
  const isThere = Object.entries(dependencies).every(([name, version]) => {
    const folder = path.join(HERE, 'node_modules', name);
    return existsSync(folder) && manifestIn(folder).version === version;
  });
  if (isThere) return;
  console.log('  installing the peers (once)');
  // Under `npm run` its own script is known, and runs with the Node that runs this; elsewhere the npm of the PATH will do.
  const npm = process.env['npm_execpath'];
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel', 'error'];
  const [command, all] = npm?.endsWith('.js') === true ? [process.execPath, [npm, ...args]] : ['npm', args];
  execFileSync(command, all, { cwd: HERE, stdio: 'inherit' });
}

function manifestIn(folder: string): z.infer<typeof Manifest> {
  return Manifest.parse(JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')));
}
