import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the ports that Linux (from 32768) and macOS (from 49152) give to outgoing connections: none of those takes a port while its server restarts. */
const LISTENED = { from: 10_000, below: 32_000 };
const TRIES = 20;

/** Binds `port` on loopback for a moment; with 0, any free one. Resolves with the port, rejects (EADDRINUSE) when it is taken. */
export async function tryPort(port: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      resolve();
    });
  });
  const address = server.address();
  await new Promise<void>((resolve) =>
    server.close(() => {
      resolve();
    }),
  );
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return address.port;
}

/** A port that nothing listens on at this moment, and that no outgoing connection is given later. */
export async function freePort(): Promise<number> {
  for (let left = TRIES; left > 0; left -= 1) {
    const port = await tryPort(randomInt(LISTENED.from, LISTENED.below)).catch(() => null);
    if (port !== null) return port;
  }
  return tryPort(0);
}
