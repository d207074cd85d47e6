import { createHash, randomUUID } from 'node:crypto';
import { Gate } from '@wheelhouse/gate/gate';
import { gateWord } from '@wheelhouse/gate/gate-word';
import { LatchTable } from '@wheelhouse/gate/latch-table';
import { genesisHead } from '@wheelhouse/ledger/tick-chain';
import type { AnswerExtra, TickAnswer } from '@wheelhouse/protocol/engine-tick';
import type { FrameKind } from '@wheelhouse/protocol/frame';
import type { Level } from '@wheelhouse/protocol/level';
import type { Obligations } from '@wheelhouse/protocol/policy';
import { type FoundSpan, NO_SIGNALS, type Signals } from '@wheelhouse/protocol/signals';
import { TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import { answerTick, openTick, takeScan } from './tick.ts';
import { decision } from './tick-policy.fixture.ts';
import type { TickPolicy } from './tick-policy.ts';
import { type HumanAsk, startTicks, type TickOutcome, type Way } from './tick-state.ts';

const SESSION = '0f8fad5b-d9cb-469f-a165-70867728950e';
const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
export const now = { clock: 0, leased: true };

type Sent = { readonly kind: FrameKind; readonly text: string; readonly samples: Int16Array; readonly at: number; readonly gate: boolean };
type Asked = { readonly id: number; readonly text: string; readonly tick: number; readonly way: 'in' | 'out' };

/** Denies what is toxic, masks secrets, asks a human about injections. */
function policyWith(obligations: Partial<Obligations>): TickPolicy {
  const judge = ({ toxicity, found, injection }: Signals) => {
    if (toxicity === 'high') return decision('deny', obligations);
    if (injection === 'high') return decision('hold', obligations);
    return decision(found.length > 0 ? 'redact' : 'allow', obligations);
  };
  const call = ({ name }: { name: string }, level: Level) => decision(level === 2 ? 'hold' : name === 'forbidden' ? 'deny' : 'allow');
  return { input: judge, output: judge, call, listens: false };
}

/** What a detector would say of a text: words in capitals are what it is about. */
function looksAt(text: string, tick: number): { signals: Signals; spans: FoundSpan[] } {
  const at = text.indexOf('SECRET');
  const spans: FoundSpan[] = at < 0 ? [] : [{ tick, from: at, to: at + 6, what: 'password' }];
  return {
    signals: {
      ...NO_SIGNALS,
      toxicity: text.includes('TOXIC') ? 'high' : 'none',
      injection: text.includes('INJECT') ? 'high' : 'none',
      found: at < 0 ? [] : ['password'],
    },
    spans,
  };
}

/** One session with a client that takes everything down, and detectors that answer when they are told to. */
export class CheckpointLine {
  readonly table = LatchTable.create(1);
  readonly sent: Sent[] = [];
  readonly asked: Asked[] = [];
  readonly outcomes: TickOutcome[] = [];
  readonly ticks;
  #ids = 0;

  constructor(obligations: Partial<Obligations>, level: Level = 3) {
    this.table.reset(0, gateWord([], level), 0, 0);
    this.table.renewLease(1e6);
    this.ticks = startTicks(SESSION, new Gate(this.table, 0), { tick: 0, head: genesisHead(SESSION, sha256) });
    this.ticks.policy = policyWith(obligations);
    this.ticks.safe = { text: 'I can not go on with that.', audio: new Int16Array(2 * TICK_SAMPLES).fill(7) };
  }

  readonly way: Way = {
    sink: (kind, payload) => () => {
      this.#take(kind, payload, false);
      return true;
    },
    say: (kind, payload) => {
      this.#take(kind, payload, true);
    },
    scan: ({ text, tick, way }) => {
      this.asked.push({ id: (this.#ids += 1), text, tick, way });
      return this.#ids;
    },
    sha256,
    newAction: randomUUID,
  };

  #take(kind: FrameKind, payload: Uint8Array, gate: boolean): void {
    const copy = payload.slice();
    const samples = kind === 'audio' ? new Int16Array(copy.buffer) : new Int16Array(0);
    const text = kind === 'audio' ? '' : Buffer.from(copy).toString('utf8');
    this.sent.push({ kind, text, samples, at: this.ticks.record?.tick ?? -1, gate });
  }

  open() {
    const { input, outcome } = openTick(this.ticks, now, this.way);
    this.outcomes.push(outcome);
    return input;
  }

  say(said: string, more: Omit<Partial<TickAnswer>, 'extra'> & { extra?: Partial<AnswerExtra> } = {}): void {
    const tick = this.ticks.record?.tick ?? 0;
    const audio = said === '' ? null : new Int16Array(TICK_SAMPLES).fill(1);
    const { extra, ...rest } = more;
    const whole = extra === undefined ? {} : { extra: { calls: [], turnEnded: false, ...extra } };
    this.outcomes.push(answerTick(this.ticks, { tick, audio, said, heard: [], yielded: false, ...rest, ...whole }, now, this.way));
  }

  /** Detectors answer on what was asked in ticks up to this one. */
  scanned(upTo = Number.POSITIVE_INFINITY, late = false): void {
    for (const one of this.asked.filter(({ tick }) => tick <= upTo)) {
      if (!late) this.asked.splice(this.asked.indexOf(one), 1);
      this.outcomes.push(takeScan(this.ticks, { id: one.id, ...looksAt(one.text, one.tick) }, late, { now, way: this.way }));
    }
  }

  get words(): string[] {
    return this.sent.filter(({ kind, gate }) => kind === 'text' && !gate).map(({ text }) => text);
  }
  get asks(): HumanAsk[] {
    return this.outcomes.flatMap(({ asks }) => asks);
  }
  get notices() {
    return this.outcomes.flatMap(({ notices }) => notices.map(({ type }) => type));
  }
}
