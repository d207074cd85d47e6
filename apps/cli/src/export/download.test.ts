import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { download } from './download.ts';

const FILE = randomBytes(300_000);
const digest = createHash('sha256').update(FILE).digest('base64');
const made = { digest, bytes: FILE.length, entries: 1, treeSize: 1, root: 'AA==' };

let folder = '';
let server: Server;
let asked: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'wheelhouse-download-'));
  asked = [];
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A server that answers each request with the next of these; the last again and again. */
async function serve(...answers: ((response: ServerResponse, from: number) => void)[]): Promise<string> {
  server = createServer((request, response) => {
    const range = request.headers.range ?? '';
    asked.push(range);
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    answer?.(response, Number(/bytes=(\d+)-/.exec(range)?.[1] ?? 0));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${z.object({ port: z.number() }).parse(server.address()).port}/`;
}

const rest = (response: ServerResponse, from: number) => {
  response.writeHead(206, { 'content-length': FILE.length - from }).end(FILE.subarray(from));
};
const cutAfter = (bytes: number) => (response: ServerResponse, from: number) => {
  response.writeHead(206, { 'content-length': FILE.length - from });
  response.write(FILE.subarray(from, from + bytes), () => setTimeout(() => response.destroy(), 50));
};

function run(url: string, link: () => Promise<string> = () => Promise.resolve(url)): Promise<number> {
  return download({ link, made, file: path.join(folder, 'out'), progress: { show: () => undefined } });
}

describe('a download', () => {
  it('goes on where a connection broke off', async () => {
    const url = await serve(cutAfter(100_000), cutAfter(50_000), rest);
    expect(await run(url)).toBe(FILE.length);
    expect(readFileSync(path.join(folder, 'out')).equals(FILE)).toBe(true);
    expect(asked[0]).toBe('bytes=0-');
    expect(asked).toHaveLength(3);
    expect(asked[2]).not.toBe('bytes=0-');
    expect(existsSync(path.join(folder, 'out.part'))).toBe(false);
  });

  it('goes on where an earlier run left off', async () => {
    writeFileSync(path.join(folder, 'out.part'), FILE.subarray(0, 1000));
    await run(await serve(rest));
    expect(asked).toEqual(['bytes=1000-']);
  });

  it('asks for another link when one has ended', async () => {
    let links = 0;
    const url = await serve((response) => response.writeHead(401).end('{}'), rest);
    await run(url, () => {
      links += 1;
      return Promise.resolve(url);
    });
    expect(links).toBe(2);
  });

  it('takes a whole file from the start when the server sends one', async () => {
    writeFileSync(path.join(folder, 'out.part'), randomBytes(1000));
    await run(await serve((response) => response.writeHead(200).end(FILE)));
    expect(readFileSync(path.join(folder, 'out')).equals(FILE)).toBe(true);
  });

  it('keeps nothing whose digest is another than the ledger records', async () => {
    const url = await serve((response, from) => response.writeHead(206).end(Buffer.alloc(FILE.length - from)));
    await expect(run(url)).rejects.toThrow('the ledger records');
    expect(existsSync(path.join(folder, 'out'))).toBe(false);
    expect(existsSync(path.join(folder, 'out.part'))).toBe(false);
  });

  it('gives up on what the server refuses', async () => {
    await expect(run(await serve((response) => response.writeHead(410).end('gone')))).rejects.toThrow('410');
    expect(asked).toHaveLength(1);
  });
});
