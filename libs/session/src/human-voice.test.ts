import { createHash } from 'node:crypto';
import { Gate } from '@wheelhouse/gate/gate';
import { ENDED, gateWord } from '@wheelhouse/gate/gate-word';
import { LatchTable } from '@wheelhouse/gate/latch-table';
import { genesisHead } from '@wheelhouse/ledger/tick-chain';
import type { TickInput } from '@wheelhouse/protocol/engine-tick';
import { TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { framesDigest } from './evidence.ts';
import { beginVoice, humanVoice, mixInto, speakTick } from './human-voice.ts';
import { admitAudio } from './inbox.ts';
import { startTicks } from './tick-state.ts';

const SESSION = '018f3c1e-0000-7000-8000-000000000001';
const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());
const bytes = (samples: Int16Array) => new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
const sound = (value: number) => new Int16Array(TICK_SAMPLES).fill(value);

function session(word = gateWord([], 3)) {
  const table = LatchTable.create(1);
  table.reset(0, word, 0, 7);
  const gate = new Gate(table, 0);
  const ticks = startTicks(SESSION, gate, { tick: 0, head: genesisHead(SESSION, sha256) });
  ticks.record = {
    ...{ tick: 0, input: sha256(bytes(sound(1))), produced: [], left: [], gateWord: word, flags: 0, withheld: 0 },
    ...{ inputVerdict: 'allow', outputVerdict: 'allow' },
  };
  const sent: { readonly sequence: number; readonly payload: Uint8Array }[] = [];
  const way = {
    sha256,
    sink: (_kind: unknown, payload: Uint8Array) => (sequence: number) => {
      sent.push({ sequence, payload: payload.slice() });
      return true;
    },
  };
  return { table, gate, ticks, sent, way };
}
const input = (audio: Int16Array): TickInput => ({ tick: 0, audio, texts: [], whispers: [] });

describe("a human's voice", () => {
  it('is added to what the engine hears sample by sample, clipped and never wrapped', () => {
    const sample = fc.integer({ min: -32_768, max: 32_767 });
    fc.assert(
      fc.property(fc.array(fc.tuple(sample, sample), { minLength: 1, maxLength: 50 }), (pairs) => {
        const mixed = mixInto(
          new Int16Array(pairs.length),
          Int16Array.from(pairs, ([one]) => one),
          Int16Array.from(pairs, ([, other]) => other),
        );
        expect([...mixed]).toEqual(pairs.map(([one, other]) => Math.max(-32_768, Math.min(32_767, one + other))));
      }),
    );
  });

  it('reaches the engine only where it is to, and the evidence of the input says so', () => {
    for (const engineHears of [true, false]) {
      const { ticks } = session();
      const voice = humanVoice(engineHears);
      admitAudio(voice.inbox, bytes(sound(5)));
      const person = sound(1);
      const heard = beginVoice(voice, input(person), { state: ticks, sha256 });
      expect(heard.audio[0]).toBe(engineHears ? 6 : 1);
      expect(person[0]).toBe(1);
      const own = sha256(bytes(person));
      const both = sha256(new Uint8Array([...own, ...sha256(bytes(sound(5)))]));
      expect(ticks.record?.input).toEqual(engineHears ? both : own);
    }
  });

  it("leaves under every latch, numbered apart, and counts as nothing of the engine's", () => {
    const { table, gate, ticks, sent, way } = session(gateWord(['stop', 'hold', 'mute', 'take_over'], 1));
    const voice = humanVoice(false);
    for (let i = 1; i <= 3; i += 1) {
      admitAudio(voice.inbox, bytes(sound(i)));
      beginVoice(voice, input(sound(0)), { state: ticks, sha256 });
      expect(speakTick(voice, ticks, 0, way)?.[0]).toBe(i);
    }
    expect(sent.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(gate.lastSequence).toBe(7);
    expect(table.out(0)).toEqual({ sequence: 7, underWay: false });
    expect(ticks.record?.produced).toEqual([]);
    const left = ticks.record?.left ?? [];
    expect(left).toHaveLength(3);
    // The same bytes from the engine are other evidence.
    const engines = left.map(({ kind, digest }) => ({ kind, digest }));
    expect(framesDigest(left, sha256)).not.toEqual(framesDigest(engines, sha256));
  });

  it('is not heard in a session that is over, nor behind a frame that the client has not taken', () => {
    const over = session(ENDED);
    const voice = humanVoice(false);
    admitAudio(voice.inbox, bytes(sound(1)));
    beginVoice(voice, input(sound(0)), { state: over.ticks, sha256 });
    expect(speakTick(voice, over.ticks, 0, over.way)).toBeNull();
    expect(over.ticks.record?.left).toEqual([]);

    const slow = session();
    slow.table.renewLease(1000);
    slow.gate.pass('engine', 'audio', 0, () => false);
    expect([slow.gate.underWay, slow.gate.engineUnderWay]).toEqual([true, true]);
    expect(speakTick(voice, slow.ticks, 0, slow.way)).toBeNull();
    slow.gate.drained();
    expect(speakTick(voice, slow.ticks, 0, { ...slow.way, sink: () => () => false })).not.toBeNull();
    // A human's frame that waits holds up no acknowledgement, and an order does not cut it off.
    expect([slow.gate.underWay, slow.gate.engineUnderWay, slow.table.out(0).underWay]).toEqual([true, false, false]);
    expect(slow.gate.pass('engine', 'audio', 0, () => true)).toEqual({ left: false, why: 'busy' });
  });
});
