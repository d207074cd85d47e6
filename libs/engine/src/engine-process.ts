import { echoEngine } from './echo.ts';
import type { Engine } from './engine.ts';
import { serveEngine } from './engine-host.ts';
import { readEngineSecrets } from './engine-secrets.ts';
import { startRelay } from './relay.ts';
import { SpeechError } from './speech-error.ts';
import { createUpstream } from './upstream-engine.ts';
import { WeightsError } from './weights-error.ts';

// Entry of the engine process: node engine-process.ts SOCKET_PATH MODELS_FOLDER [KINDS]
// KINDS: comma-separated, `relay,echo` unless given; without relay no model is loaded. With realtime, the first line of its stdin is JSON with the
// upstream's settings (engine-secrets.ts): a key belongs neither into arguments nor into an environment, which other processes can read.
// Writes one line of JSON to stdout: {"ready":true}, or {"ready":false,"code":...,"message":...} before it exits with status 1.
// Ends when its stdin closes, so that it never outlives the server that started it, and on SIGTERM.

const say = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

function failureOf(error: unknown): { code: string; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof WeightsError) return { code: `weights_${error.code}`, message };
  if (error instanceof SpeechError) return { code: `speech_${error.code}`, message };
  return { code: 'engine_start', message };
}

async function main(socketPath: string, folder: string, kinds: readonly string[]): Promise<() => Promise<void>> {
  const secrets = kinds.includes('realtime') ? await readEngineSecrets(process.stdin) : null;
  const relay = kinds.includes('relay') ? await startRelay(folder) : null;
  const upstream = secrets === null ? null : createUpstream(secrets.upstream, () => performance.now());
  const engines: Engine[] = [
    ...(relay === null ? [] : [relay.engine]),
    ...(kinds.includes('echo') ? [echoEngine] : []),
    ...(upstream === null ? [] : [upstream.engine]),
  ];
  const host = await serveEngine({ socketPath, engines });
  return async () => {
    await host.close();
    upstream?.close();
    await relay?.close();
  };
}

let stopEngines = (): Promise<void> => Promise.resolve();
const stop = async (): Promise<void> => {
  await stopEngines();
  process.exit(0);
};
// From the start: the server may die, or change its mind, while the models load.
process.once('SIGTERM', () => void stop());
// Ctrl-C reaches every process of the terminal; this one goes when its server lets it.
process.on('SIGINT', () => undefined);
process.stdin.once('close', () => void stop());
process.stdin.on('error', () => undefined);
process.stdin.resume();
// A server that died takes the other end of stdout with it, which must not end us before our own clean-up.
process.stdout.on('error', () => undefined);

const [socketPath, folder, kinds = 'relay,echo'] = process.argv.slice(2);
if (socketPath === undefined || folder === undefined) {
  say({ ready: false, code: 'engine_start', message: 'usage: node engine-process.ts SOCKET_PATH MODELS_FOLDER [KINDS]' });
  process.exit(2);
}
try {
  stopEngines = await main(socketPath, folder, kinds.split(','));
  say({ ready: true });
} catch (error) {
  say({ ready: false, ...failureOf(error) });
  process.exit(1);
}
