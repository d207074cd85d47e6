import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

const START_MS = 120_000;

/** A server started as a process of its own. `link` is the one-time operator link that it printed, if nobody can sign in yet. */
export type ServerProcess = { readonly child: ChildProcess; readonly link: string | null; readonly output: () => string };

/**
 * Starts the server of the repository at `root` and waits until it greets. `env` is added to this process's environment.
 * Throws with everything that it printed when it ends first, or does not greet within two minutes.
 */
export async function startServerProcess(
  root: string,
  env: Readonly<Record<string, string>>,
  nodeFlags: readonly string[] = [],
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [...nodeFlags, path.join(root, 'apps/api/dist/main.js')], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const listen = (chunk: Buffer) => {
    said += chunk.toString('utf8');
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  const deadline = Date.now() + START_MS;
  while (!said.includes('Wheelhouse runs')) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`The server did not start:\n${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return { child, link: /http\S+magic-link\S+/.exec(said)?.[0] ?? null, output: () => said };
}

/** Stops a server as Ctrl-C does (or as a power cut does, with SIGKILL), and waits for its end. Returns the exit code. */
export async function endServerProcess(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.kill(signal);
  return ended;
}
