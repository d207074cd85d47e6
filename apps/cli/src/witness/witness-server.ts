import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Answer, WitnessService } from './witness-service.ts';

/** A checkpoint with a hundred signatures and the longest proof is smaller. */
const MOST_BYTES = 64 * 1024;
const TEXT = 'text/plain; charset=utf-8';

/** The witness on HTTP: C2SP tlog-witness with `/` as its submission and its monitoring prefix. */
export function witnessServer(service: WitnessService, onError: (error: unknown) => void): Server {
  const server = createServer((request, response) => {
    answerTo(request, service)
      .catch((error: unknown): Answer => {
        onError(error);
        return { status: 500, type: TEXT, body: 'The witness could not store the checkpoint, and has not cosigned it.\n' };
      })
      .then(({ status, type, body }) => {
        // What is left of a body that was too long is not read.
        if (status === 413) response.setHeader('connection', 'close');
        response
          .writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body), 'cache-control': 'no-store' })
          .end(body);
      })
      .catch(onError);
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 15_000;
  server.keepAliveTimeout = 60_000;
  server.maxConnections = 1000;
  return server;
}

async function answerTo(request: IncomingMessage, service: WitnessService): Promise<Answer> {
  const [path = ''] = (request.url ?? '').split('?');
  if (path === '/add-checkpoint') {
    if (request.method !== 'POST') return { status: 405, type: TEXT, body: 'add-checkpoint takes POST.\n' };
    const body = await bodyOf(request);
    return body === null ? { status: 413, type: TEXT, body: `A request has at most ${MOST_BYTES} bytes.\n` } : service.addCheckpoint(body);
  }
  const [, hash] = /^\/([0-9a-f]{64})\/checkpoint$/.exec(path) ?? [];
  if (hash === undefined || (request.method !== 'GET' && request.method !== 'HEAD'))
    return {
      status: 404,
      type: TEXT,
      body: 'This is a witness: POST /add-checkpoint, GET /<origin hash>/checkpoint (c2sp.org/tlog-witness).\n',
    };
  return service.checkpoint(hash);
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    length += chunk.length;
    if (length > MOST_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
