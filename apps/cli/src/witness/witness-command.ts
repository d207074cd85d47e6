import type { Server } from 'node:http';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { DataFolder } from '@wheelhouse/installation/data-folder';
import { sha256 } from '@wheelhouse/installation/node-crypto';
import { formatCosignerKey } from '@wheelhouse/ledger/cosignature';
import { parseVerifierKey } from '@wheelhouse/ledger/note-key';
import type { NoteKey } from '@wheelhouse/ledger/note-key';
import { z } from 'zod';
import { causeOf, EXIT, failed, type Exit, usage } from '../cli-error.ts';
import { WitnessService } from './witness-service.ts';
import { witnessServer } from './witness-server.ts';
import { WitnessStore } from './witness-store.ts';

const OPTIONS = {
  data: { type: 'string' },
  port: { type: 'string', default: '7410' },
  host: { type: 'string', default: '127.0.0.1' },
  name: { type: 'string' },
  log: { type: 'string', multiple: true },
} as const;

/** `wheelhouse witness`: watches over logs and cosigns their heads, as long as each only grows. Runs until it is told to stop. */
export async function witnessCommand(args: readonly string[]): Promise<Exit> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.data === undefined) throw usage('witness needs --data: a folder of its own, on another machine than the log if possible.');
  const port = z.coerce.number().int().min(0).max(65_535).safeParse(values.port);
  if (!port.success) throw usage(`--port takes a number up to 65535, not "${values.port}".`);
  const logs = logsOf(values.log ?? []);
  const folder = take(path.resolve(values.data));
  try {
    const store = new WitnessStore(folder);
    const cosigner = store.cosigner(values.name ?? null);
    const onRefusal = (status: number, message: string) =>
      process.stderr.write(`${new Date().toISOString()} refused ${status}: ${message}\n`);
    const service = await WitnessService.open({ store, cosigner, logs, now: Date.now, onRefusal });
    const server = witnessServer(service, (error) => process.stderr.write(`${new Date().toISOString()} ${causeOf(error)}\n`));
    const url = await listen(server, port.data, values.host);
    const vkey = formatCosignerKey(cosigner.key);
    process.stdout.write(
      `Witness key: ${vkey}\nWitnesses ${[...logs.keys()].join(', ')} at ${url}\nFor the server: WHEELHOUSE_WITNESSES=${vkey}@${url}\n`,
    );
    await stopSignal();
    server.closeAllConnections();
    server.close();
    return EXIT.fine;
  } finally {
    folder.release();
  }
}

/** The keys of each log by its origin, which is the key's name. */
function logsOf(given: readonly string[]): Map<string, readonly NoteKey[]> {
  const logs = new Map<string, readonly NoteKey[]>();
  for (const text of given.flatMap((each) => each.split(',')).filter((each) => each.trim() !== '')) {
    const key = parseVerifierKey(text.trim(), sha256);
    if (!key.ok) throw usage(`--log takes the key of a log (its data folder has it in ledger/verifier-key.txt): ${key.message}`);
    const others = logs.get(key.value.name) ?? [];
    if (!others.some(({ keyId }) => keyId === key.value.keyId)) logs.set(key.value.name, [...others, key.value]);
  }
  if (logs.size === 0) throw usage('witness needs --log: the keys of the logs to watch over, separated by commas.');
  return logs;
}

function take(folder: string): DataFolder {
  try {
    return DataFolder.take(folder);
  } catch (error) {
    throw failed('The witness can not use its folder', error);
  }
}

async function listen(server: Server, port: number, host: string): Promise<string> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
  } catch (error) {
    throw failed(`The witness can not listen on ${host}, port ${port}`, error);
  }
  const address = server.address();
  const bound = address === null || typeof address === 'string' ? port : address.port;
  return `http://${host.includes(':') ? `[${host}]` : host}:${bound}`;
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
  });
}
