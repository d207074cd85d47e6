import { createServer } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { machineNow } from '../crowd/machine-clock.ts';
import { markOf } from './marked-sound.ts';

// An upstream that answers each piece of sound with the same sound at once, in one response without end, and notes when each marked piece came. In a
// process of its own; it tells its port, and on `tell` what it noted since the last time.

const Said = z.looseObject({ type: z.string(), audio: z.string().default('') });
const ids = { response_id: 'resp_1', item_id: 'item_1', output_index: 0, content_index: 0 };
const session = { type: 'realtime', id: 'sess_1', model: 'echo' };

let noted: [session: number, frame: number, at: number][] = [];

const server = createServer();
new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket) => {
  let events = 0;
  const send = (event: Readonly<Record<string, unknown>>): void => {
    events += 1;
    socket.send(JSON.stringify({ event_id: `event_${events}`, ...event }));
  };
  let hasBegun = false;
  const begin = (): void => {
    if (hasBegun) return;
    hasBegun = true;
    send({ type: 'response.created', response: { id: 'resp_1', object: 'realtime.response', status: 'in_progress', output: [] } });
    const item = { id: 'item_1', object: 'realtime.item', type: 'message', role: 'assistant', status: 'in_progress', content: [] };
    send({ type: 'response.output_item.added', response_id: 'resp_1', output_index: 0, item });
  };
  socket.on('error', () => undefined);
  socket.on('message', (data) => {
    const at = machineNow();
    if (!Buffer.isBuffer(data)) return;
    const event = Said.parse(JSON.parse(data.toString('utf8')));
    if (event.type === 'session.update') send({ type: 'session.updated', session });
    if (event.type !== 'input_audio_buffer.append') return;
    begin();
    send({ type: 'response.output_audio.delta', ...ids, delta: event.audio });
    const mark = markOf(Buffer.from(event.audio, 'base64'));
    if (mark !== null) noted.push([mark.session, mark.frame, at]);
  });
  if (socket.readyState === WebSocket.OPEN) send({ type: 'session.created', session });
});

process.on('message', () => {
  process.send?.({ noted });
  noted = [];
});
process.on('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
});
