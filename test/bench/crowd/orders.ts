import { randomUUID } from 'node:crypto';
import { OrderAck, Release } from '@wheelhouse/protocol/order';
import type { Scope } from '@wheelhouse/protocol/scope';
import { Latencies } from '../measure.ts';
import type { Told } from './generator-messages.ts';
import type { HouseUnderLoad } from './house-under-load.ts';
import { machineNow } from './machine-clock.ts';
import type { Acknowledged } from './operator-line.ts';

export type Way = 'channel' | 'rest';

/** What orders of one kind showed, over all rounds. */
export class OrderFigures {
  /** Arrival at the server until the last covered gate word was closed, as the server says. */
  readonly closed = new Latencies();
  /** From the intended sending to the acknowledgement in our hands. */
  readonly roundTrip = new Latencies();
  /** From the intended sending until the last engine frame reached any client in scope; 0 where none came after it. */
  readonly silence = new Latencies();
  framesAfter = 0;
  /** Sessions that were letting frames out when the order landed: silence of a session that said nothing would prove nothing. */
  sessionsChecked = 0;
  unsettled = 0;
}

type Given = Acknowledged & { readonly intended: number };

/** One more than a tick: in this time every session would have let a frame out, were its gate open. */
const LOOK_MS = 260;

/** A session whose last frame is not older than this when the order is sent was speaking. */
const STILL_SPEAKING_MS = 600;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

/** Waits for a point in time without the timers' own lateness: the last millisecond is spun. */
export async function at(when: number): Promise<void> {
  await pause(when - machineNow() - 1.5);
  while (machineNow() < when) await new Promise((resolve) => setImmediate(resolve));
}

async function give(house: HouseUnderLoad, way: Way, scope: Scope, intended: number): Promise<Given> {
  const order = { id: randomUUID(), kind: 'stop', scope, reason: 'bench' } as const;
  if (way === 'channel') return { ...(await house.operator.order(order)), intended };
  const answer = await house.first.post('/v1/orders', order);
  const arrived = machineNow();
  return { ack: OrderAck.parse(answer), at: arrived, intended };
}

/** Two people release what was stopped. */
async function release(house: HouseUnderLoad, latch: string): Promise<void> {
  const asked = Release.parse(await house.first.post('/v1/orders', { id: randomUUID(), kind: 'release', latch, reason: 'bench' }));
  await house.second.post(`/v1/releases/${asked.id}/confirm`);
}

/** Orders with a wide scope, one after the other: stop, look at every client, release, let it flow again. */
export async function wideRounds(
  house: HouseUnderLoad,
  plan: { rounds: number; way: Way; scope: Scope },
  into: OrderFigures,
): Promise<void> {
  for (let round = 0; round < plan.rounds; round += 1) {
    // Not always at the same phase of the tick.
    const intended = machineNow() + 30 + Math.random() * 200;
    await stopAndLook(house, { ...plan, intended, lookMs: LOOK_MS }, into);
  }
}

/** One stop at its time, a look at every client after `lookMs`, the release, and a moment for everything to flow again. Returns the order's id. */
export async function stopAndLook(
  house: HouseUnderLoad,
  plan: { way: Way; scope: Scope; intended: number; lookMs: number },
  into: OrderFigures,
): Promise<string> {
  await at(plan.intended);
  const given = await give(house, plan.way, plan.scope, plan.intended);
  await pause(plan.lookMs);
  judge(house, [given], await house.crowd.tell(), into);
  await release(house, given.ack.order);
  await pause(LOOK_MS);
  return given.ack.order;
}

/** Orders about single sessions, on an open schedule: each is sent at its time, whether or not the one before was answered. */
export async function narrowRounds(
  house: HouseUnderLoad,
  plan: { rounds: number; way: Way; each: number; everyMs: number },
  into: OrderFigures,
): Promise<void> {
  const { sessions } = house.crowd;
  for (let round = 0; round < plan.rounds; round += 1) {
    const start = machineNow() + 20;
    const chosen = pick(sessions, plan.each);
    const answers: Promise<Given>[] = [];
    for (const [i, session] of chosen.entries()) {
      const intended = start + i * plan.everyMs;
      await at(intended);
      answers.push(give(house, plan.way, { type: 'session', session }, intended));
    }
    const given = await Promise.all(answers);
    await pause(LOOK_MS);
    judge(house, given, await house.crowd.tell(), into);
    await Promise.all(given.map(({ ack }) => release(house, ack.order)));
    await pause(LOOK_MS);
  }
}

function pick(sessions: readonly string[], count: number): string[] {
  const from = Math.floor(Math.random() * sessions.length);
  return Array.from({ length: Math.min(count, sessions.length) }, (_, i) => sessions[(from + i * 7) % sessions.length] ?? '').filter(
    (id, i, all) => all.indexOf(id) === i,
  );
}

/** Holds what reached the clients against what the acknowledgements said was the last frame. */
function judge(house: HouseUnderLoad, given: readonly Given[], told: Told, into: OrderFigures): void {
  const index = new Map(house.crowd.sessions.map((session, i) => [session, i]));
  for (const { ack, at: arrived, intended } of given) {
    // The later of the two: the gate is closed, and the last engine byte has been handed to its socket.
    into.closed.addMs(Math.max(ack.gateClosedUs, ack.lastByteUs ?? 0) / 1000);
    into.roundTrip.addMs(arrived - intended);
    let last = 0;
    for (const { session, lastSequence, settled } of ack.sessions) {
      const i = index.get(session);
      if (i === undefined) continue;
      if (!settled) into.unsettled += 1;
      const allowed = settled ? lastSequence : Math.max(lastSequence, house.operator.settled.get(session) ?? lastSequence);
      into.framesAfter += Math.max(0, (told.lasts[i] ?? 0) - allowed);
      if (intended - (told.lastAt[i] ?? 0) < STILL_SPEAKING_MS) into.sessionsChecked += 1;
      last = Math.max(last, told.lastAt[i] ?? 0);
    }
    into.silence.addMs(last - intended);
  }
}
