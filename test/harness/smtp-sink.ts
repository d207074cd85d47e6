import net from 'node:net';
import { portOf } from './port-of.ts';

export type Mail = { readonly from: string; readonly to: readonly string[]; readonly text: string };

/** A mail server on this machine that takes everything, keeps it, and sends nothing on (RFC 5321, as much of it as one sender needs). */
export class SmtpSink {
  readonly mails: Mail[] = [];
  /** Refuses so many messages first. */
  refuse = 0;
  readonly #server: net.Server;
  readonly url: string;

  private constructor(server: net.Server, port: number) {
    this.#server = server;
    this.url = `smtp://127.0.0.1:${port}`;
    server.on('connection', (socket: net.Socket) => {
      this.#converse(socket);
    });
  }

  static async listen(): Promise<SmtpSink> {
    const server = net.createServer();
    return new SmtpSink(server, await portOf(server));
  }

  close(): void {
    this.#server.close();
  }

  #converse(socket: net.Socket): void {
    let unread = '';
    let from = '';
    let to: string[] = [];
    let isData = false;
    const say = (line: string) => socket.write(`${line}\r\n`);
    const take = (end: string): string | null => {
      const at = unread.indexOf(end);
      if (at < 0) return null;
      const taken = unread.slice(0, at);
      unread = unread.slice(at + end.length);
      return taken;
    };
    const command = (line: string) => {
      const address = /<([^>]*)>/.exec(line)?.[1] ?? '';
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'MAIL') {
        from = address;
        to = [];
      } else if (verb === 'RCPT') to.push(address);
      else if (verb === 'DATA') isData = true;
      if (verb === 'QUIT') socket.end('221 bye\r\n');
      else say(verb === 'DATA' ? '354 go on' : '250 ok');
    };
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      unread += chunk.toString('utf8');
      for (;;) {
        const taken = take(isData ? '\r\n.\r\n' : '\r\n');
        if (taken === null) return;
        if (!isData) command(taken);
        else {
          isData = false;
          const isRefused = this.refuse > 0;
          if (isRefused) this.refuse -= 1;
          else this.mails.push({ from, to, text: taken });
          say(isRefused ? '451 not now' : '250 taken');
        }
      }
    });
    say('220 a sink');
  }
}
