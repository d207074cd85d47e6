import { encodeFrame, FRAME_HEADER_BYTES } from '@wheelhouse/protocol/frame';
import { Attachment } from '@wheelhouse/protocol/session';
import { SAMPLE_RATE, TICK_MS } from '@wheelhouse/protocol/tick';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { machineNow } from '../crowd/machine-clock.ts';
import { RestLine } from '../crowd/rest-line.ts';
import { markedSound, markOf } from './marked-sound.ts';

// Open-loop load in a process of its own: each session's frames are due every 200 ms on an absolute schedule, and every frame that comes back is told
// by its mark. Sessions are those of a Wheelhouse (`house`), or connections that speak the protocol themselves (`direct`, and through a gateway).

const Order = z.object({
  way: z.enum(['house', 'direct']),
  url: z.string(),
  key: z.string().default(''),
  headers: z.record(z.string(), z.string()).default({}),
  sessions: z.number(),
  seconds: z.number(),
});
type Order = z.infer<typeof Order>;

/** One session: how a frame of it is sent. */
type Line = { readonly send: (frame: number) => void; readonly close: () => void };
type Came = [session: number, frame: number, at: number];

const AT_TICK = 8;
const AT_SEQUENCE = 12;
const AT_SOURCE = 2;
const AT_KIND = 1;
/** How long a line is given to settle before its frames count. */
const WARM_MS = 2_000;

let came: Came[] = [];

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', () => {
      resolve();
    });
    socket.once('error', reject);
    socket.once('unexpected-response', (_, response) => {
      reject(new Error(`the connection was refused: ${response.statusCode ?? 0}`));
    });
  });
}

async function houseLine(rest: RestLine, session: number): Promise<Line> {
  const attachment = Attachment.parse(await rest.post('/v1/sessions', { deployment: 'upstream' }));
  const socket = new WebSocket(attachment.url, ['wheelhouse.v1', `ticket.${attachment.ticket}`], { perMessageDeflate: false });
  socket.on('message', (data) => {
    const at = machineNow();
    if (!Buffer.isBuffer(data) || data[AT_SOURCE] !== 1 || data[AT_KIND] !== 1) return;
    const mark = markOf(data.subarray(FRAME_HEADER_BYTES));
    if (mark !== null) came.push([mark.session, mark.frame, at]);
  });
  await opened(socket);
  const header = {
    kind: 'audio',
    source: 'client',
    sampleRate: SAMPLE_RATE,
    tick: 0,
    timestamp: 0,
    session: attachment.session.id,
  } as const;
  return {
    send: (frame) => {
      const sound = markedSound(session, frame);
      const bytes = Buffer.from(encodeFrame({ ...header, sequence: frame + 1 }, new Uint8Array(sound.buffer)).buffer);
      bytes.writeUInt32LE(frame + 1, AT_TICK);
      bytes.writeUInt32LE(frame + 1, AT_SEQUENCE);
      socket.send(bytes);
    },
    close: () => {
      socket.close();
    },
  };
}

const Delta = z.looseObject({ type: z.string(), delta: z.string().default('') });

async function directLine({ url, headers }: Order, session: number): Promise<Line> {
  const socket = new WebSocket(url, { headers, perMessageDeflate: false });
  socket.on('message', (data) => {
    const at = machineNow();
    if (!Buffer.isBuffer(data)) return;
    const event = Delta.parse(JSON.parse(data.toString('utf8')));
    const mark = event.type === 'response.output_audio.delta' ? markOf(Buffer.from(event.delta, 'base64')) : null;
    if (mark !== null) came.push([mark.session, mark.frame, at]);
  });
  await opened(socket);
  return {
    send: (frame) => {
      const samples = markedSound(session, frame);
      // As many samples as 200 ms have at 24 kHz: what Wheelhouse itself sends upstream.
      const wide = new Int16Array((samples.length * 3) / 2).map((_, at) => samples[Math.floor((at * 2) / 3)] ?? 0);
      socket.send(JSON.stringify({ type: 'input_audio_buffer.append', audio: Buffer.from(wide.buffer).toString('base64') }));
    },
    close: () => {
      socket.close();
    },
  };
}

async function run(order: Order): Promise<void> {
  const rest = new RestLine(order.url, { authorization: `Bearer ${order.key}` }, 8);
  const lines: Line[] = [];
  for (let session = 1; session <= order.sessions; session += 1)
    lines.push(await (order.way === 'house' ? houseLine(rest, session) : directLine(order, session)));
  const start = machineNow() + 100;
  const counted = start + WARM_MS;
  const end = counted + order.seconds * 1000;
  const sent: Came[] = [];
  const frames = lines.map(() => 0);
  const due = lines.map((_, i) => start + ((i * 0.618) % 1) * TICK_MS);
  came = [];
  const timer = setInterval(() => {
    const now = machineNow();
    for (const [i, line] of lines.entries()) {
      for (let at = due[i] ?? end; at <= now && at < end; at += TICK_MS) {
        const frame = frames[i] ?? 0;
        line.send(frame);
        if (at >= counted) sent.push([i + 1, frame, at]);
        frames[i] = frame + 1;
        due[i] = at + TICK_MS;
      }
    }
    if (now < end + 1_500) return;
    clearInterval(timer);
    for (const line of lines) line.close();
    process.send?.({ sent, came }, () => {
      process.exit(0);
    });
  }, 1);
}

process.on('message', (message) => {
  run(Order.parse(message)).catch((error: unknown) => {
    process.send?.({ failed: error instanceof Error ? error.message : String(error) }, () => {
      process.exit(1);
    });
  });
});
process.on('disconnect', () => process.exit(0));
