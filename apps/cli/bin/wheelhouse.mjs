#!/usr/bin/env node
// The bin `wheelhouse`. Runs on any Node from 20 on and hands over to the Node 24 that is installed with the project, which runs TypeScript.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const main = path.join(here, '..', 'src', 'main.ts');
const node = findNode(here);

if (node === null) {
  console.error('Wheelhouse is not set up yet: its packages are missing. Run npm run setup in its folder first.');
  process.exitCode = 3;
} else {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // The terminal sends Ctrl-C to both; this one stays until the other has put things away.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`${node} could not be started: ${error.message}`);
    process.exitCode = 3;
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exitCode = code ?? 3;
    else {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    }
  });
}

/** The `node` package's program, which npm puts into the node_modules of the workspace's root. */
function findNode(from) {
  const program = path.join('node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  for (let folder = from; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, program))) return path.join(folder, program);
    if (path.dirname(folder) === folder) return null;
  }
}
