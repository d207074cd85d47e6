import http from 'node:http';
import { portOf } from './port-of.ts';

export type Received = {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** On the clock of `performance.now()`. */
  readonly at: number;
};

/** A receiver of webhooks on this machine that keeps what comes, and answers as it is told. */
export class Receiver {
  readonly got: Received[] = [];
  /** What it answers next: the first of these, and the last again and again. */
  answers: number[] = [200];
  readonly #server: http.Server;
  readonly url: string;

  private constructor(server: http.Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}`;
    server.on('request', (request: http.IncomingMessage, answer: http.ServerResponse) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
        this.got.push({ path: request.url ?? '', headers, body: Buffer.concat(parts).toString('utf8'), at: performance.now() });
        const status = (this.answers.length > 1 ? this.answers.shift() : this.answers[0]) ?? 200;
        answer.writeHead(status, { location: `${this.url}/redirected` }).end('thank you');
      });
    });
  }

  static async listen(): Promise<Receiver> {
    const server = http.createServer();
    return new Receiver(server, await portOf(server));
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
