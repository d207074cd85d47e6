import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Gate } from '@wheelhouse/gate/gate';
import { gateWord } from '@wheelhouse/gate/gate-word';
import { LatchTable } from '@wheelhouse/gate/latch-table';
import { sha256 } from '@wheelhouse/installation/node-crypto';
import { genesisHead } from '@wheelhouse/ledger/tick-chain';
import { decodeFrame, encodeFrameWithId, FRAME_HEADER_BYTES, isRefusal, uuidBytes } from '@wheelhouse/protocol/frame';
import type { PolicyBundle } from '@wheelhouse/protocol/policy';
import { SAMPLE_RATE, TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import { admitAudio } from '@wheelhouse/session/inbox';
import { answerTick, openTick } from '@wheelhouse/session/tick';
import { type SessionTicks, startTicks, type Way } from '@wheelhouse/session/tick-state';
import { bundleIn } from '../../apps/api/src/policy/shipped-bundle.ts';
import { TickRules } from '../../apps/api/src/stream/tick-rules.ts';
import { Latencies, type Row } from './measure.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');

/** As many sessions take turns, so that no session's words and buffers stay in the first cache by being alone. */
const SESSIONS = 500;
const SOUNDS = 13;
const PART = 'gate';

/**
 * CPU time of `work`, in batches: one turn is far below any clock's resolution. Each batch gives one sample, the mean cost of a turn in it.
 * CPU time rather than time, of the whole process, so that garbage collection counts and a busy machine's other processes do not.
 */
function timed(work: (turn: number) => void, { batch, forMs }: { batch: number; forMs: number }): Latencies {
  const latencies = new Latencies();
  let turn = 0;
  const run = () => {
    const start = process.cpuUsage();
    for (let i = 0; i < batch; i += 1, turn += 1) work(turn);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / batch;
  };
  const spent = () => process.cpuUsage().user / 1000;
  const warm = spent() + forMs / 2;
  while (spent() < warm) run();
  const end = spent() + forMs;
  while (spent() < end) latencies.addMs(run() / 1000);
  return latencies;
}

function uuidOf(i: number): string {
  return `00000000-0000-4000-8000-${i.toString(16).padStart(12, '0')}`;
}

/** Speech-like sound: noise under an envelope, another for each session, so that nothing about it can be learnt. */
function soundOf(seed: number): Int16Array {
  return Int16Array.from({ length: TICK_SAMPLES }, (_, i) => Math.round(6000 * Math.sin(i / (7 + (seed % 13))) * Math.sin(i / 511)));
}

/** What governing costs, without sockets, engines and other processes: the gate alone, a whole tick, and what a tick's cost is made of. */
export function gateRows(quick: boolean): Row[] {
  const forMs = quick ? 600 : 4000;
  const table = LatchTable.create(SESSIONS);
  table.renewLease(1e9);
  const gates = Array.from({ length: SESSIONS }, (_, slot) => {
    table.reset(slot, gateWord([], 3), 0, 0);
    return new Gate(table, slot);
  });
  const taken = () => true;
  const pass = timed((turn) => void gates[turn % SESSIONS]?.pass('engine', 'audio', 1000, taken), { batch: 2000, forMs });
  const bytes = new Uint8Array(soundOf(1).buffer);
  const hash = timed(() => void sha256(bytes), { batch: 100, forMs: forMs / 4 });
  const tick = timed(tickWork(gates), { batch: 100, forMs });
  const wire = timed(wireWork(bytes), { batch: 100, forMs: forMs / 4 });
  return [
    {
      part: PART,
      kind: 'spread',
      name: 'gate, one frame',
      unit: 'ns',
      latencies: pass,
      goals: { p50: 1000, p99: 1000 },
      note: 'Gate.pass with a hand-over that does nothing; samples are means of 2,000 passes over 500 sessions',
    },
    {
      part: PART,
      kind: 'spread',
      name: 'governance, one tick, 6.4 KB in and out',
      unit: 'us',
      latencies: tick,
      goals: { p50: 10 },
      note: 'intake, openTick, answerTick, gate, evidence, a segment each fifth tick; samples are means of 100 ticks',
    },
    { part: PART, kind: 'spread', name: '  of it: one SHA-256 of 6.4 KB (a tick has two)', unit: 'us', latencies: hash },
    { part: PART, kind: 'spread', name: 'beside it: frame decoded and encoded', unit: 'us', latencies: wire },
  ];
}

function tickWork(gates: readonly Gate[]): (turn: number) => void {
  const rules = new TickRules(shippedPolicies());
  const sessions: SessionTicks[] = gates.map((gate, slot) => {
    const id = uuidOf(slot);
    const state = startTicks(id, gate, { tick: 0, head: genesisHead(id, sha256) });
    state.policy = rules.of({ session: id, tenant: 'house', deployment: 'echo', model: 'loopback' });
    return state;
  });
  // Few sounds for many sessions: in life a frame has just come off a socket and lies in the cache, where 500 at once would not.
  const payloads = sessions.slice(0, SOUNDS).map((_, i) => new Uint8Array(soundOf(i).buffer));
  const answers = sessions.slice(0, SOUNDS).map((_, i) => soundOf(i + 5));
  const way: Way = { sink: () => () => true, say: () => undefined, scan: () => 0, sha256, newAction: randomUUID };
  const now = { clock: 1000, leased: true };
  return (turn) => {
    const slot = turn % SESSIONS;
    const state = sessions[slot];
    const payload = payloads[slot % SOUNDS];
    if (state === undefined || payload === undefined) return;
    admitAudio(state.inbox, payload);
    const { input } = openTick(state, now, way);
    const outcome = answerTick(
      state,
      { tick: input.tick, audio: answers[slot % SOUNDS] ?? null, said: '', heard: [], yielded: false },
      now,
      way,
    );
    if (outcome.left[0]?.frames[0]?.left !== true) throw new Error('the bench measured a tick that did not pass');
  };
}

function shippedPolicies(): PolicyBundle {
  const read = bundleIn(path.join(ROOT, 'policies'));
  if (!read.ok) throw new Error('the folder policies is no bundle');
  return read.bundle;
}

function wireWork(payload: Uint8Array): (turn: number) => void {
  const id = uuidBytes(uuidOf(1));
  const header = { kind: 'audio', source: 'client', sampleRate: SAMPLE_RATE, tick: 1, sequence: 1, timestamp: 1 } as const;
  const frame = encodeFrameWithId(header, id, payload);
  return () => {
    const decoded = decodeFrame(frame);
    if (isRefusal(decoded)) throw new Error(decoded.message);
    if (encodeFrameWithId(header, id, decoded.payload).length !== payload.length + FRAME_HEADER_BYTES)
      throw new Error('a frame of another size');
  };
}
