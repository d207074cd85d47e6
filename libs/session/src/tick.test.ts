import { createHash, randomUUID } from 'node:crypto';
import { Gate } from '@wheelhouse/gate/gate';
import { gateWord } from '@wheelhouse/gate/gate-word';
import { LatchTable } from '@wheelhouse/gate/latch-table';
import { concatBytes, utf8 } from '@wheelhouse/ledger/bytes';
import { chainStep, genesisHead, tickDigest, verifySegment } from '@wheelhouse/ledger/tick-chain';
import { FRAME_KINDS, type FrameKind } from '@wheelhouse/protocol/frame';
import { NO_SIGNALS } from '@wheelhouse/protocol/signals';
import { TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LATE_ANSWER, NO_ANSWER, NOT_LEASED, SEGMENT_TICKS, type Segment } from './evidence.ts';
import { admitAudio, admitText } from './inbox.ts';
import type { TickAnswer } from '@wheelhouse/protocol/engine-tick';
import { answerTick, closeTicks, openTick, takeScan } from './tick.ts';
import { receiveInput } from './tick-input.ts';
import { allowing } from './tick-policy.fixture.ts';
import { type SessionTicks, startTicks, type Way } from './tick-state.ts';

const SESSION = '0f8fad5b-d9cb-469f-a165-70867728950e';
const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());

type Sent = { readonly kind: FrameKind; readonly payload: Uint8Array; readonly tick: number; readonly sequence: number };

/** One session on a table of its own, with a client that takes everything down. */
class Line {
  readonly table = LatchTable.create(1);
  readonly gate: Gate;
  readonly ticks: SessionTicks;
  readonly sent: Sent[] = [];
  readonly segments: Segment[] = [];

  constructor(word = gateWord([], 3), at = { tick: 0, head: genesisHead(SESSION, sha256) }) {
    this.table.reset(0, word, at.tick, 0);
    this.table.renewLease(1e6);
    this.gate = new Gate(this.table, 0);
    this.ticks = startTicks(SESSION, this.gate, at);
    this.ticks.policy = allowing;
  }

  readonly way: Way = {
    sink: (kind, payload, tick) => (sequence) => {
      this.sent.push({ kind, payload: payload.slice(), tick, sequence });
      return true;
    },
    say: () => undefined,
    scan: ({ text, tick, way }) => {
      this.scanned.push({ id: this.scanned.length, text, tick, way });
      return this.scanned.length - 1;
    },
    sha256,
    newAction: randomUUID,
  };

  /** What the detectors were asked. */
  readonly scanned: { id: number; text: string; tick: number; way: 'in' | 'out' }[] = [];

  open(clock = 0) {
    const { input, outcome } = openTick(this.ticks, { clock, leased: this.table.leased(clock) }, this.way);
    if (outcome.segment !== null) this.segments.push(outcome.segment);
    return input;
  }

  /** The detectors answer everything that they were asked, and have found nothing. */
  clear(clock = 0) {
    const now = { clock, leased: this.table.leased(clock) };
    for (const { id } of this.scanned) takeScan(this.ticks, { id, signals: NO_SIGNALS, spans: [] }, false, { now, way: this.way });
    this.scanned.length = 0;
  }

  answer(answer: Partial<TickAnswer> & { tick: number }, clock = 0) {
    const whole = { audio: null, said: '', heard: [], yielded: false, ...answer };
    const outcome = answerTick(this.ticks, whole, { clock, leased: this.table.leased(clock) }, this.way);
    this.clear(clock);
    return outcome;
  }
}

const sound = (level: number) => new Int16Array(TICK_SAMPLES).fill(level);
const json = ({ payload }: Sent): unknown => JSON.parse(Buffer.from(payload).toString('utf8'));

describe('a tick', () => {
  it('lets an answer out in its order: yield, what was heard, words, sound', () => {
    const line = new Line();
    const { tick } = line.open();
    line.answer({ tick, audio: sound(3), said: 'yes', heard: [{ utterance: 1, text: 'well', final: true }], yielded: true });
    expect(line.sent.map(({ kind }) => kind)).toEqual(['event', 'event', 'text', 'audio']);
    const [first, second] = line.sent;
    expect(first && json(first)).toEqual({ type: 'yield' });
    expect(second && json(second)).toEqual({ type: 'heard', utterance: 1, text: 'well', final: true });
    expect(line.sent.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    expect(line.sent.map((frame) => frame.tick)).toEqual([0, 0, 0, 0]);
  });

  it('hands texts and whispers to the engine once, in the tick after they came', () => {
    const line = new Line();
    admitText(line.ticks.inbox, 'hello');
    receiveInput(line.ticks, line.way);
    line.clear();
    line.ticks.whispers.push('be brief');
    expect(line.open()).toMatchObject({ tick: 0, texts: ['hello'], whispers: ['be brief'] });
    expect(line.open()).toMatchObject({ tick: 1, texts: [], whispers: [] });
  });

  it('drops what comes late, twice, early or before the first tick, and sends nothing of it', () => {
    const line = new Line();
    expect(line.answer({ tick: 0, said: 'before' }).late).toBe(0);
    line.open();
    line.open();
    expect(line.answer({ tick: 0, said: 'late' }).late).toBe(1);
    expect(line.answer({ tick: 2, said: 'early' }).late).toBe(-1);
    expect(line.answer({ tick: 1, said: 'in time' }).late).toBeNull();
    expect(line.answer({ tick: 1, said: 'twice' }).late).toBe(0);
    expect(line.sent.map(({ payload }) => Buffer.from(payload).toString())).toEqual(['in time']);
    for (let i = 0; i < 4; i += 1) line.open();
    expect(line.segments[0]).toMatchObject({ fromTick: 0, toTick: 4, late: 1 });
  });

  it('withholds under a latch and without a lease, and counts it', () => {
    const stopped = new Line(gateWord(['stop'], 3));
    stopped.answer({ tick: stopped.open().tick, said: 'no', audio: sound(1) });
    const unleased = new Line();
    unleased.answer({ tick: unleased.open().tick, said: 'no' }, 2e6);
    expect(unleased.ticks.record?.flags).toBe(NOT_LEASED);
    for (const line of [stopped, unleased]) {
      expect(line.sent).toEqual([]);
      const [segment] = closeTicks(line.ticks, sha256);
      expect(segment).toMatchObject({ out: { first: 0, last: 0 }, withheld: line === stopped ? 2 : 1 });
    }
  });

  it('leaves evidence that others can compute: every digest, the chain, its segments', () => {
    const anyTick = fc.record({
      said: fc.constantFrom('', 'word'),
      level: fc.constantFrom(null, 5),
      answered: fc.constantFrom('yes', 'no', 'late'),
      stop: fc.boolean(),
      leased: fc.boolean(),
      sends: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(anyTick, { minLength: 1, maxLength: 23 }), (plan) => {
        const line = new Line();
        const digests: Uint8Array[] = [];
        const empty = sha256(new Uint8Array(0));
        let sequence = 0;
        for (const [tick, step] of plan.entries()) {
          // A verifier's own sums, from what went in and what came out, without the code under test.
          let input = empty;
          if (step.sends > 0) {
            const samples = new Int16Array(TICK_SAMPLES).fill(step.sends);
            expect(admitAudio(line.ticks.inbox, new Uint8Array(samples.buffer))).toBeNull();
            input = sha256(new Uint8Array(samples.buffer));
          }
          line.open();
          const word = gateWord(step.stop ? ['stop'] : [], 3);
          line.table.setGate(0, gateWord([], 3));
          const wordAtStart = line.ticks.record?.gateWord ?? 0;
          if (step.answered === 'late') line.answer({ tick: tick - 1, said: 'late' });
          line.table.setGate(0, word);
          const produced: Uint8Array[] = [];
          if (step.answered === 'yes') {
            if (step.said !== '') produced.push(Uint8Array.of(FRAME_KINDS.indexOf('text') + 1), sha256(utf8(step.said)));
            if (step.level !== null)
              produced.push(Uint8Array.of(FRAME_KINDS.indexOf('audio') + 1), sha256(new Uint8Array(sound(step.level).buffer)));
            line.answer({ tick, said: step.said, audio: step.level === null ? null : sound(step.level) }, step.leased ? 0 : 2e6);
          }
          const passes = step.leased && !step.stop;
          if (passes) sequence += produced.length / 2;
          const all = sha256(concatBytes(produced));
          const withheld = produced.length > 0 && !passes;
          digests.push(
            tickDigest(
              {
                tick,
                input,
                produced: all,
                left: withheld ? empty : all,
                verdict: withheld ? 'allow/allow/withheld' : 'allow/allow/passed',
                gateWord: produced.length > 0 ? word : wordAtStart,
                outSequence: sequence,
                flags:
                  (step.answered === 'late' ? LATE_ANSWER : 0) |
                  (step.answered === 'yes' ? 0 : NO_ANSWER) |
                  (step.answered === 'yes' && !step.leased ? NOT_LEASED : 0),
              },
              sha256,
            ),
          );
        }
        line.segments.push(...closeTicks(line.ticks, sha256));
        expect(line.segments.flatMap(({ ticks }) => ticks)).toEqual(digests);
        let head = genesisHead(SESSION, sha256);
        for (const [i, segment] of line.segments.entries()) {
          expect(segment.fromTick).toBe(i * SEGMENT_TICKS);
          expect(segment.previous).toEqual(head);
          expect(verifySegment({ previousHead: segment.previous, ticks: segment.ticks, head: segment.head }, sha256)).toEqual({ ok: true });
          head = segment.head;
        }
        expect(digests.reduce((at, digest) => chainStep(at, digest, sha256), genesisHead(SESSION, sha256))).toEqual(head);
        expect(line.segments.at(-1)?.out.last).toBe(line.sent.length);
      }),
      { numRuns: 200 },
    );
  });

  it('goes on where it stopped, with the same chain, after its client came back', () => {
    const line = new Line();
    for (let i = 0; i < 7; i += 1) line.answer({ tick: line.open().tick, said: `word ${i}` });
    const segments = [...line.segments, ...closeTicks(line.ticks, sha256)];
    const again = startTicks(SESSION, new Gate(line.table, 0), { tick: line.ticks.nextTick, head: line.ticks.evidence.head });
    expect(openTick(again, { clock: 0, leased: true }, line.way).input.tick).toBe(7);
    const [more] = closeTicks(again, sha256);
    expect(more).toMatchObject({ fromTick: 7, toTick: 7, previous: segments.at(-1)?.head, out: { first: 7, last: 7 } });
    expect(closeTicks(again, sha256)).toEqual([]);
  });
});
