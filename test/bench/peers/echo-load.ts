import { randomBytes } from 'node:crypto';
import { TICK_MS } from '@wheelhouse/protocol/tick';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { machineNow } from '../crowd/machine-clock.ts';
import { Latencies } from '../measure.ts';

// Open-loop load for the peers that echo: `node echo-load.ts KIND PORT CONNECTIONS SECONDS`. The same raw clients speak each one's wire.

const FRAME = randomBytes(6440);
const [kind = '', port = '', connections = '', seconds = ''] = process.argv.slice(2);
const count = z.coerce.number().parse(connections);

/** How to reach a peer and say a frame in its own wire, and which of its messages is a frame that came back. */
type Wire = {
  readonly path: string;
  readonly hello: readonly string[];
  readonly frame: readonly (string | Buffer)[];
  readonly isEcho: (data: Buffer, isBinary: boolean) => boolean;
};
const WIRES: Readonly<Record<string, Wire>> = {
  ws: { path: '/', hello: [], frame: [FRAME], isEcho: (_, isBinary) => isBinary },
  // Engine.IO 4 and Socket.IO 5: `40` connects the namespace, `451-` announces an event with one binary attachment, `2` is a ping.
  'socket.io': {
    path: '/socket.io/?EIO=4&transport=websocket',
    hello: ['40'],
    frame: ['451-["frame",{"_placeholder":true,"num":0}]', FRAME],
    isEcho: (_, isBinary) => isBinary,
  },
  'nest-json': {
    path: '/',
    hello: [],
    frame: [JSON.stringify({ event: 'frame', data: FRAME.toString('base64') })],
    isEcho: (data) => data.length > FRAME.length,
  },
};

const wire = WIRES[kind];
if (wire === undefined) throw new Error(`no wire for ${kind}`);
const latencies = new Latencies();
let received = 0;

function connect(one: Wire): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${one.path}`, { perMessageDeflate: false });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('open', () => {
      for (const text of one.hello) socket.send(text);
      resolve(socket);
    });
  });
}

const sockets = await Promise.all(Array.from({ length: count }, () => connect(wire)));
await new Promise((resolve) => setTimeout(resolve, 500));
const start = machineNow() + 50;
const end = start + z.coerce.number().parse(seconds) * 1000;
const lines = sockets.map((socket, i) => {
  const under: number[] = [];
  socket.on('message', (data, isBinary) => {
    if (!Buffer.isBuffer(data)) return;
    if (data.length === 1 && data.toString() === '2') socket.send('3');
    if (!wire.isEcho(data, isBinary)) return;
    const intended = under.shift();
    if (intended === undefined) return;
    latencies.addMs(machineNow() - intended);
    received += 1;
  });
  return { socket, under, due: start + ((i * 0.618) % 1) * TICK_MS };
});
process.stdout.write(`${JSON.stringify({ started: true })}\n`);
const timer = setInterval(() => {
  const now = machineNow();
  for (const line of lines) {
    for (; line.due <= now && line.due < end; line.due += TICK_MS) {
      line.under.push(line.due);
      for (const part of wire.frame) line.socket.send(part);
    }
  }
  if (now < end + 500) return;
  clearInterval(timer);
  process.stdout.write(`${JSON.stringify({ received, p50: latencies.at(50, 'us'), p99: latencies.at(99, 'us') })}\n`);
  for (const { socket } of lines) socket.terminate();
}, 2);
