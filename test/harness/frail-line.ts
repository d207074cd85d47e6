import { createServer, connect, type Server, type Socket } from 'node:net';
import { portOf } from './port-of.ts';

/** A line to a port that can be cut, lose answers, or have something before it that answers by itself. Knows the heads of the HTTP requests that came. */
export class FrailLine {
  readonly port: number;
  readonly requests: string[] = [];
  /** So many answers from now on are lost: the request arrives, and the connection breaks when its answer comes. */
  loseAnswers = 0;
  /** What is answered to the next requests, which do not arrive: whole HTTP responses. */
  readonly answers: string[] = [];
  /** Whether connections are taken at all. */
  isDown = false;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  /** Stands before `target`, a port of this machine. */
  static async before(target: () => number): Promise<FrailLine> {
    let line: FrailLine | null = null;
    const server = createServer((socket) => {
      line?.carry(socket, target());
    });
    line = new FrailLine(server, await portOf(server));
    return line;
  }

  carry(near: Socket, target: number): void {
    if (this.isDown) {
      near.destroy();
      return;
    }
    const far = connect(target, '127.0.0.1');
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        (socket === near ? far : near).destroy();
      });
    }
    near.on('data', (bytes) => {
      const text = bytes.toString('latin1');
      const isRequest = /^(GET|POST|DELETE) /.test(text);
      if (isRequest) this.requests.push(text.split('\r\n\r\n')[0] ?? '');
      const answer = isRequest ? this.answers.shift() : undefined;
      if (answer === undefined) far.write(bytes);
      else near.write(answer);
    });
    far.on('data', (bytes) => {
      if (this.loseAnswers === 0) near.write(bytes);
      else {
        this.loseAnswers -= 1;
        near.destroy();
      }
    });
  }

  /** Breaks every connection that stands. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.#server.close();
    this.cut();
  }
}
