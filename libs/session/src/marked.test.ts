import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import { detectMark } from '@wheelhouse/watermark/detect-mark';
import { type MarkKey, markSequence } from '@wheelhouse/watermark/mark-sequence';
import { Marker } from '@wheelhouse/watermark/marker';
import { describe, expect, it } from 'vitest';
import { CheckpointLine, now } from './checkpoint-line.fixture.ts';
import { playWords } from './draft.ts';
import { framesDigest } from './evidence.ts';
import { beginVoice, humanVoice, speakTick } from './human-voice.ts';
import { admitAudio } from './inbox.ts';
import { settleDraft } from './tick.ts';

const KEY: MarkKey = { key: new Uint8Array(32).fill(5), hmac: (key, message) => createHmac('sha256', key).update(message).digest() };
const SEQUENCE = markSequence(KEY);
const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest());

const speech = recording();
const TICKS = 25;
const tickOf = (i: number) => speech.slice((i + 5) * TICK_SAMPLES, (i + 6) * TICK_SAMPLES);
const original = join(Array.from({ length: TICKS }, (_, i) => tickOf(i)));

function recording(): Int16Array {
  const file = readFileSync(new URL('../../../test/fixtures/long.wav', import.meta.url));
  return new Int16Array(file.buffer.slice(file.byteOffset + 44, file.byteOffset + file.length));
}

function join(parts: readonly Int16Array[]): Int16Array {
  return Int16Array.from(parts.flatMap((part) => [...part]));
}

/** Whether two sounds are one, sample by sample. A matcher would take minutes to print how long ones differ. */
function same(one: Int16Array, other: Int16Array): boolean {
  return one.length === other.length && one.every((sample, i) => sample === other[i]);
}

/** A session whose policy wants the mark, or does not; and something to mark with. */
function session(watermark: boolean, level: 1 | 3 = 3): CheckpointLine {
  const line = new CheckpointLine({ watermark }, level);
  line.ticks.marker = new Marker(SEQUENCE);
  return line;
}

/** The engine speaks for five seconds, each tick with this word. */
function speak(line: CheckpointLine, word = 'word'): void {
  for (let i = 0; i < TICKS; i += 1) {
    line.open();
    line.say(word, { audio: tickOf(i), extra: { turnEnded: i === TICKS - 1 } });
    line.scanned();
  }
}

const sent = (line: CheckpointLine, gate = false) =>
  join(line.sent.filter((one) => one.kind === 'audio' && one.gate === gate).map(({ samples }) => samples));

describe('sound that leaves', () => {
  it('carries the mark where policy asks for it, and is what the engine made where it does not', () => {
    const [marked, plain] = [session(true), session(false)];
    for (const line of [marked, plain]) speak(line);
    expect(sent(marked)).toHaveLength(original.length);
    expect(detectMark(sent(marked), KEY).found).toBe(true);
    expect(same(sent(plain), original)).toBe(true);
    expect(detectMark(sent(plain), KEY).found).toBe(false);
  });

  it('is evidenced, and recorded, as it left; what the engine produced, as it was produced', () => {
    const line = session(true);
    line.open();
    line.say('', { audio: tickOf(3) });
    line.scanned();
    const [payload] = line.sent.filter(({ kind }) => kind === 'audio').map(({ samples }) => new Uint8Array(samples.buffer));
    const digests = (bytes: Uint8Array | undefined) =>
      framesDigest([{ kind: 'audio', digest: sha256(bytes ?? new Uint8Array(0)) }], sha256);
    const { produced = [], left = [] } = line.ticks.record ?? {};
    expect(framesDigest(left, sha256)).toEqual(digests(payload));
    expect(framesDigest(produced, sha256)).toEqual(digests(new Uint8Array(tickOf(3).buffer)));
    const [told] = line.outcomes.flatMap((outcome) => outcome.left);
    expect(new Uint8Array(told?.output.audio?.slice().buffer ?? new ArrayBuffer(0))).toEqual(payload);
    expect(payload).not.toEqual(new Uint8Array(tickOf(3).buffer));
  });

  it('is marked after what is masked in it was silenced', () => {
    const line = session(true);
    line.open();
    line.say('SECRET', { audio: tickOf(3) });
    line.scanned();
    expect(same(sent(line), new Int16Array(TICK_SAMPLES))).toBe(true);
  });

  it('carries it when a human let a draft go, or had other words spoken in its place', () => {
    for (const own of [false, true]) {
      const line = session(true);
      speak(line, 'INJECT');
      expect(sent(line)).toHaveLength(0);
      line.open();
      line.say('');
      const [ask] = line.asks;
      if (ask?.what !== 'output') throw new Error('nobody was asked about a draft');
      settleDraft(line.ticks, ask.draft, !own);
      if (own) playWords(line.ticks.drafts, 'quite another thing', original);
      for (let i = 0; i <= TICKS; i += 1) {
        line.open();
        line.say('');
      }
      expect(sent(line)).toHaveLength(original.length);
      expect(detectMark(sent(line), KEY).found).toBe(true);
    }
  });

  it("carries it when it is the gate's own voice, which a machine makes too", () => {
    for (const watermark of [true, false]) {
      const line = session(watermark);
      line.ticks.safe = { text: 'Sorry.', audio: original };
      line.open();
      line.say('TOXIC');
      line.scanned();
      for (let i = 0; i <= TICKS; i += 1) {
        line.open();
        line.say('');
      }
      expect(sent(line, true)).toHaveLength(original.length);
      expect(detectMark(sent(line, true), KEY).found).toBe(watermark);
      // What is said to the next client is not marked twice.
      expect(same(line.ticks.safe.audio, join(Array.from({ length: TICKS }, (_, i) => tickOf(i))))).toBe(true);
    }
  });

  it("never carries it when it is a human's own voice", () => {
    const line = session(true);
    const voice = humanVoice(false);
    const said: Int16Array[] = [];
    for (let i = 0; i < TICKS; i += 1) {
      const input = line.open();
      admitAudio(voice.inbox, new Uint8Array(tickOf(i).buffer));
      beginVoice(voice, input, { state: line.ticks, sha256 });
      said.push(speakTick(voice, line.ticks, now.clock, line.way)?.slice() ?? new Int16Array(0));
      line.say('');
    }
    expect(same(sent(line), original)).toBe(true);
    expect(same(join(said), original)).toBe(true);
  });

  it('does not leave unmarked where there is nothing to mark it with', () => {
    const line = session(true);
    line.ticks.marker = null;
    speak(line);
    expect(same(sent(line), new Int16Array(original.length))).toBe(true);
  });
});
