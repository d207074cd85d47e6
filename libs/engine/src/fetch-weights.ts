import { basename } from 'node:path';
import { type WeightsProgress, ensureWeights } from './weights-store.ts';
import { WeightsError } from './weights-error.ts';

const BAR = 30;
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

function show(progress: WeightsProgress): void {
  const amount = `${megabytes(progress.bytes)} of ${megabytes(progress.totalBytes)} MB`;
  const line = `${progress.file}: ${progress.step}`;
  if (!process.stderr.isTTY) {
    process.stderr.write(`model files: ${line} (${amount})\n`);
    return;
  }
  const filled = Math.round((BAR * progress.bytes) / Math.max(1, progress.totalBytes));
  const end = progress.bytes === progress.totalBytes ? '\n' : '';
  process.stderr.write(`\r\u001b[Kmodel files [${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] ${amount}  ${line}${end}`);
}

/** The npm that runs us, if it is npm: other package managers set the same variable to themselves. */
function runningNpm(): { npmScript?: string } {
  const script = process.env['npm_execpath'];
  return script !== undefined && /^np[mx]-cli\.js$/.test(basename(script))
    ? { npmScript: script.replace(/npx-cli\.js$/, 'npm-cli.js') }
    : {};
}

async function main(): Promise<number> {
  const folder = process.argv[2];
  if (folder === undefined) {
    process.stderr.write('usage: node fetch-weights.ts FOLDER\n');
    return 2;
  }
  try {
    await ensureWeights({ folder, onProgress: show, ...runningNpm() });
    return 0;
  } catch (error) {
    if (!(error instanceof WeightsError)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    return 1;
  }
}

process.exitCode = await main();
