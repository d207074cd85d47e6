import { Attachment } from '@wheelhouse/protocol/session';
import { TICK_MS, TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import { Latencies } from '../measure.ts';
import { CrowdClient } from './crowd-client.ts';
import { type FromGenerator, ToGenerator } from './generator-messages.ts';
import { machineNow } from './machine-clock.ts';
import { RestLine } from './rest-line.ts';

// The load generator, a process of its own so that the load doesn't slow down what measures it. Every session's n-th frame is due at an
// absolute time, whatever became of the one before: a server that is behind gets no mercy from a generator that waits for it.

const MOST_ATTEMPTS = 10;

type Opening = Extract<ToGenerator, { type: 'open' }>;

const clients: CrowdClient[] = [];
const due: number[] = [];
let lateness = new Latencies();
let sent = 0;
let cuts = 0;
let cpu = process.cpuUsage();

function say(message: FromGenerator): void {
  process.send?.(message);
}

async function open({ url, key, count, concurrency, deployment }: Opening): Promise<void> {
  const started = machineNow();
  const line = new RestLine(url, { authorization: `Bearer ${key}` }, concurrency);
  let left = count;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      const { session, ...door } = Attachment.parse(await line.post('/v1/sessions', { deployment }));
      const client = new CrowdClient(session.id, soundOf(clients.length));
      client.onClose = () => {
        cuts += 1;
        void attachAgain(line, client);
      };
      await client.attach(door);
      clients.push(client);
      // Spread over the tick as callers are in life; the golden ratio spreads any number of them evenly.
      due.push(machineNow() + ((clients.length * 0.618) % 1) * TICK_MS);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  say({ type: 'opened', sessions: clients.slice(-count).map(({ session }) => session), tookMs: machineNow() - started });
}

/** A client that was cut off while an order landed comes back, as a good client does. */
async function attachAgain(line: RestLine, client: CrowdClient): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100 * attempt));
    try {
      await client.attach(Attachment.parse(await line.post(`/v1/sessions/${client.session}/ticket`)));
      return;
    } catch (error) {
      // A server that has just lost a client may still take it for attached.
      if (attempt === MOST_ATTEMPTS) client.refusals.push(`not attached again: ${String(error).slice(0, 200)}`);
      if (attempt === MOST_ATTEMPTS) return;
    }
  }
}

function soundOf(seed: number): Int16Array {
  return Int16Array.from({ length: TICK_SAMPLES }, (_, i) => Math.round(6000 * Math.sin(i / (7 + (seed % 13))) * Math.sin(i / 511)));
}

/** Sends what is due. Latenesses are against the schedule; a session that is a whole second behind starts a new schedule, as the server takes no more than a second at once. */
function beat(): void {
  const now = machineNow();
  for (const [i, client] of clients.entries()) {
    let at = due[i] ?? now;
    if (now - at > 1000) at = now;
    for (; at <= now; at += TICK_MS) {
      lateness.addMs(now - at);
      client.send(at);
      sent += 1;
    }
    due[i] = at;
  }
}

function tell(): void {
  const spent = process.cpuUsage(cpu);
  say({
    type: 'told',
    lasts: clients.map(({ lastSequence }) => lastSequence),
    lastAt: clients.map(({ lastAt }) => lastAt),
    sent,
    received: clients.reduce((sum, { received }) => sum + received, 0),
    disordered: clients.reduce((sum, { disordered }) => sum + disordered, 0),
    cuts,
    refusals: clients.flatMap(({ refusals }) => refusals).slice(0, 20),
    lateMs: { p50: lateness.at(50, 'ms'), p99: lateness.at(99, 'ms'), max: lateness.max('ms') },
    cpuMs: (spent.user + spent.system) / 1000,
  });
  cpu = process.cpuUsage();
  lateness = new Latencies();
  sent = 0;
  for (const client of clients) {
    client.received = 0;
  }
}

async function obey(message: ToGenerator): Promise<void> {
  switch (message.type) {
    case 'open':
      await open(message);
      return;
    case 'tell':
      tell();
      return;
    case 'flushes':
      say({ type: 'flushes', at: clients.flatMap(({ flushes }) => flushes.get(message.order) ?? []) });
      return;
    case 'end':
      for (const client of clients) client.close();
      say({ type: 'ended' });
      process.disconnect();
      setTimeout(() => process.exit(0), 300);
  }
}

process.on('message', (message) => {
  obey(ToGenerator.parse(message)).catch((error: unknown) => {
    say({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  });
});
process.on('disconnect', () => setTimeout(() => process.exit(0), 300));
setInterval(beat, 2);
