import { Agent, request } from 'node:http';

/** REST over connections that stay open, with nothing between the figures and Node's own client. Rejects unless the answer is a 2xx. */
export class RestLine {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #agent: Agent;

  constructor(url: string, headers: Readonly<Record<string, string>>, connections: number) {
    this.#url = url;
    this.#headers = headers;
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  post(path: string, body?: unknown): Promise<unknown> {
    return this.#send('POST', path, body === undefined ? null : JSON.stringify(body));
  }

  get(path: string): Promise<unknown> {
    return this.#send('GET', path, null);
  }

  close(): void {
    this.#agent.destroy();
  }

  #send(method: string, path: string, body: string | null): Promise<unknown> {
    const headers =
      body === null ? this.#headers : { ...this.#headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const sending = request(`${this.#url}${path}`, { method, headers, agent: this.#agent }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const { statusCode = 0 } = response;
          if (statusCode >= 200 && statusCode < 300) resolve(text === '' ? null : JSON.parse(text));
          else reject(new Error(`${method} ${path}: ${statusCode} ${text.slice(0, 300)}`));
        });
      });
      sending.on('error', reject);
      sending.end(body ?? undefined);
    });
  }
}
