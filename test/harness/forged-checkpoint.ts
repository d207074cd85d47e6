import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { TestServer } from './server.ts';

/** A file of the log's keeper: its keys and checkpoints. */
export function keyFile(server: TestServer, name: string): string {
  return readFileSync(path.join(server.dataFolder, 'ledger', name), 'utf8');
}

/** A checkpoint of any tree, signed with the log's own key: what a thief of the key, or a lying log, could make. */
export function forge(server: TestServer, head: { size: number; root: Buffer }): string {
  const [origin = '', id = ''] = keyFile(server, 'verifier-key.txt').trim().split('+');
  const text = `${origin}\n${head.size}\n${head.root.toString('base64')}\n`;
  const signature = sign(null, Buffer.from(text), createPrivateKey(keyFile(server, 'signing-key.pem')));
  return `${text}\n— ${origin} ${Buffer.concat([Buffer.from(id, 'hex'), signature]).toString('base64')}\n`;
}
