import { createServer } from 'node:net';

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

/** A port that nothing listens on at this moment. */
export function freePort(): Promise<number> {
  return tryPort(0);
}
