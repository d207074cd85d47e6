import 'reflect-metadata';
import type { Server } from 'node:http';
import { MessagePort, parentPort, workerData } from 'node:worker_threads';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { LatchTable } from '@wheelhouse/gate/latch-table';
import { hmacSha256 } from '@wheelhouse/installation/node-crypto';
import { PolicyBundle } from '@wheelhouse/protocol/policy';
import { markSequence } from '@wheelhouse/watermark/mark-sequence';
import { z } from 'zod';
import { CheckpointStage } from './checkpoint-stage.ts';
import { fastifyAdapter } from '../fastify-adapter.ts';
import { sharedClock } from './shared-clock.ts';
import { StreamFloor } from './stream-floor.ts';
import { ControlLine } from './control-line.ts';
import { openaiLiveSidebandDoor } from './openai-live-sideband-door.ts';
import { openaiLiveDoor } from './openai-live-door.ts';
import type { DoorParts } from './stream-door.ts';
import { realtimeDoor } from './realtime-door.ts';
import { openDoors } from './stream-server.ts';
import { SuperviseHall } from './supervise-hall.ts';
import { ticketDoor } from './ticket-door.ts';
import type { FromThread, ThreadSetup, ToThread } from './thread-messages.ts';

/** A stream thread: a small Nest application whose HTTP server carries the frames. It serves nothing else. */
@Module({})
class StreamModule {}

/** Connection owners are numbered thread * this + count, so that no two threads ever claim a slot under the same number. */
const OWNERS_A_THREAD = 1_000_000;

const Setup = z.object({
  thread: z.number(),
  host: z.string(),
  port: z.number(),
  table: z.instanceof(SharedArrayBuffer),
  clockOrigin: z.number(),
  ticketKey: z.instanceof(Uint8Array),
  engineSocket: z.string(),
  tls: z.object({ cert: z.string(), key: z.string() }).nullable(),
  watermarkKey: z.instanceof(Uint8Array),
  policy: PolicyBundle.nullable(),
  safe: z.object({ text: z.string(), audio: z.instanceof(Int16Array) }),
  guard: z.instanceof(MessagePort).nullable(),
}) satisfies z.ZodType<ThreadSetup>;

/** Sound and pictures are moved, not copied. */
function movedWith(message: FromThread): ArrayBuffer[] {
  if (message.type === 'recorded') return message.spans.map(({ samples }) => samples.buffer);
  if (message.type === 'pictured') return message.spans.flatMap(({ pictures }) => pictures.flatMap(({ jpeg }) => jpeg?.buffer ?? []));
  return [];
}

async function main(): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('stream-thread runs as a worker thread');
  const setup = Setup.parse(workerData);
  const report = (message: FromThread) => {
    port.postMessage(message, movedWith(message));
  };
  const { now } = sharedClock(setup.clockOrigin);
  const table = LatchTable.attach(setup.table);
  const stage = new CheckpointStage(
    { table, now, report, marks: markSequence({ key: setup.watermarkKey, hmac: hmacSha256 }) },
    setup.policy,
  );
  stage.setSafe(setup.safe, []);
  if (setup.guard !== null) stage.connectGuard(setup.guard);
  const floor = new StreamFloor({ stage, thread: setup.thread, table, now, engineSocket: setup.engineSocket, report });

  const app = await NestFactory.create<NestFastifyApplication>(StreamModule, fastifyAdapter(setup.tls), { logger: false });
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  const server: Server = app.getHttpServer();
  let owners = 0;
  const owner = () => {
    owners = (owners + 1) % OWNERS_A_THREAD;
    return (setup.thread + 1) * OWNERS_A_THREAD + owners;
  };
  const leave: DoorParts['leave'] = (told, reason) => {
    if (told.ok && told.session !== undefined) report({ type: 'unattended', session: told.session, reason });
  };
  const control = new ControlLine(
    (id, ask) => {
      report({ type: 'ask', id, ask });
    },
    (late) => {
      leave(late, 'it was opened too late for its client');
    },
  );
  const parts: DoorParts = { table, ticketKey: setup.ticketKey, now, floor, owner, control, leave };
  const hall = new SuperviseHall(parts, report);
  openDoors(server, [ticketDoor(parts), hall, realtimeDoor(parts), openaiLiveDoor(parts), openaiLiveSidebandDoor(parts, hall)]);

  const rooms: Rooms = {
    ...{ floor, stage, hall, control, report },
    stop: (reason) => {
      void stop(app, floor, reason).then(() => {
        report({ type: 'stopped' });
        port.close();
      });
    },
  };
  port.on('message', (message: ToThread) => {
    take(message, rooms);
  });
  listen(server, setup, report);
}

type Rooms = {
  readonly floor: StreamFloor;
  readonly stage: CheckpointStage;
  readonly hall: SuperviseHall;
  readonly control: ControlLine;
  readonly report: (message: FromThread) => void;
  readonly stop: (reason: string) => void;
};

/** Where each message of the control thread goes. */
function take(message: ToThread, rooms: Rooms): void {
  const { floor, stage, hall, control, report } = rooms;
  switch (message.type) {
    case 'notices':
      floor.notice(message.notices);
      return;
    case 'policy':
      stage.adopt(message.bundle, floor.lives());
      return;
    case 'tally': {
      const seen = stage.takeTally();
      if (!message.drop && seen.length > 0) report({ type: 'tallied', seen });
      return;
    }
    case 'guard':
      stage.connectGuard(message.port);
      return;
    case 'human':
      floor.decide(message.slot, message.session, message.decision);
      return;
    case 'whisper':
      floor.whisper(message.slot, message.session, message.text);
      return;
    case 'end':
      floor.end(message.slot, message.session, message.reason);
      return;
    case 'supervise.overhear':
    case 'supervise.speaker':
    case 'supervise.deafen':
    case 'supervise.hand_back':
      floor.supervise(message);
      return;
    case 'supervise.line':
    case 'supervise.tell':
    case 'supervise.close':
      hall.take(message);
      return;
    case 'told':
      control.told(message.id, message.told);
      return;
    case 'figures':
      report({ type: 'figures', figures: floor.figures() });
      return;
    case 'stop':
      hall.stop(message.reason);
      rooms.stop(message.reason);
  }
}

function listen(server: Server, setup: ThreadSetup, report: (message: FromThread) => void): void {
  server.once('error', (error) => {
    throw error;
  });
  // Every stream thread listens on the same port; the kernel deals connections out among them.
  server.listen({ host: setup.host, port: setup.port, reusePort: true }, () => {
    const address = server.address();
    report({ type: 'listening', port: typeof address === 'object' && address !== null ? address.port : setup.port });
  });
}

async function stop(app: NestFastifyApplication, floor: StreamFloor, reason: string): Promise<void> {
  floor.stop(reason);
  const deadline = Date.now() + 1500;
  while (floor.size > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  await app.close();
}

await main();
