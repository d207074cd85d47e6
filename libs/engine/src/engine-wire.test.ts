import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import { EngineWireError } from './engine-wire-error.ts';
import {
  type FromEngine,
  MOST_TEXT_BYTES,
  type ToEngine,
  clampText,
  decodeFromEngine,
  decodeToEngine,
  encodeFromEngine,
  encodeToEngine,
} from './engine-wire.ts';

const u32 = fc.integer({ min: 0, max: 0xffff_fffe });
const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const samples = (length: number): fc.Arbitrary<Int16Array> =>
  fc.integer({ min: -32_768, max: 32_767 }).map((first) => Int16Array.from({ length }, (_, i) => first + i * 7));
const input = fc.record({
  tick: u32,
  audio: samples(TICK_SAMPLES),
  texts: fc.array(text, { maxLength: 3 }),
  whispers: fc.array(text, { maxLength: 3 }),
});
const heard = fc.record({ utterance: u32, text, final: fc.boolean() });
const audio = fc.option(fc.integer({ min: 0, max: TICK_SAMPLES }).chain(samples), { nil: null });
const answer = fc.record({ tick: u32, audio, said: text, heard: fc.array(heard, { maxLength: 3 }), yielded: fc.boolean() });

const toEngine: fc.Arbitrary<ToEngine> = fc.oneof(
  fc.record({ type: fc.constant('open' as const), slot: u32, kind: fc.constantFrom('relay' as const, 'echo' as const), session: text }),
  fc.record({ type: fc.constant('close' as const), slot: u32 }),
  fc.record({ type: fc.constant('ticks' as const), ticks: fc.array(fc.record({ slot: u32, input }), { maxLength: 4 }) }),
);
const fromEngine: fc.Arbitrary<FromEngine> = fc.oneof(
  fc.record({ type: fc.constant('opened' as const), slot: u32 }),
  fc.record({ type: fc.constant('answers' as const), answers: fc.array(fc.record({ slot: u32, answer }), { maxLength: 4 }) }),
  fc.record({ type: fc.constant('failed' as const), slot: fc.option(u32, { nil: null }), message: text }),
  fc.record({ type: fc.constant('trouble' as const), slot: u32, message: text }),
);

/** The stream cut at the given places, each chunk in memory of its own that may start on an odd byte. */
function chunks(stream: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b), stream.length];
  return places.slice(1).map((end, index) => {
    const part = stream.subarray(places[index], end);
    const memory = new Uint8Array(part.length + 1);
    memory.set(part, index % 2);
    return memory.subarray(index % 2, part.length + (index % 2));
  });
}

const cuts = fc.array(fc.nat(), { maxLength: 12 });

test('every message to the engine comes through, whatever the chunks', () => {
  fc.assert(
    fc.property(fc.array(toEngine, { maxLength: 5 }), cuts, (messages, places) => {
      const decoder = decodeToEngine();
      const stream = Buffer.concat(messages.map(encodeToEngine));
      expect(chunks(stream, places).flatMap((chunk) => decoder.push(chunk))).toEqual(messages);
    }),
    { numRuns: 60 },
  );
});

test('every message from the engine comes through, whatever the chunks', () => {
  fc.assert(
    fc.property(fc.array(fromEngine, { maxLength: 5 }), cuts, (messages, places) => {
      const decoder = decodeFromEngine();
      const stream = Buffer.concat(messages.map(encodeFromEngine));
      expect(chunks(stream, places).flatMap((chunk) => decoder.push(chunk))).toEqual(messages);
    }),
    { numRuns: 60 },
  );
});

/** What the decoder makes of bytes: messages or the one error it may throw. */
function outcome(push: () => unknown): 'messages' | 'refused' {
  try {
    push();
    return 'messages';
  } catch (error) {
    if (error instanceof EngineWireError) return 'refused';
    throw error;
  }
}

test('garbage is read as messages, waited on or refused, never anything else', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }), (parts) => {
      for (const decoder of [decodeToEngine(), decodeFromEngine()]) {
        outcome(() => {
          for (const part of parts) decoder.push(part);
        });
      }
    }),
    { numRuns: 500 },
  );
});

test('a good message with bytes changed is read or refused, never anything else', () => {
  fc.assert(
    fc.property(fromEngine, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }), (message, changes) => {
      const bytes = encodeFromEngine(message);
      for (const [at, value] of changes) bytes[at % Math.min(bytes.length, 120)] = value;
      outcome(() => decodeFromEngine().push(bytes));
    }),
    { numRuns: 300 },
  );
});

/** A framed message of the given type and fields of four bytes. */
function frame(type: number, ...fields: readonly number[]): Uint8Array {
  const all = Uint32Array.of(8 + fields.length * 4, type, ...fields);
  return new Uint8Array(all.buffer);
}

const answers = 66;
const refusals: readonly [name: string, bytes: Uint8Array, code: string][] = [
  ['longer than 16 MiB', new Uint8Array(Uint32Array.of(16 * 1024 * 1024 + 4, answers).buffer), 'too_large'],
  ['shorter than its header', new Uint8Array(Uint32Array.of(4, answers).buffer), 'wrong_length'],
  ['of an unknown type', frame(99), 'unknown_type'],
  ['that only the server sends', frame(3, 0), 'unknown_type'],
  ['with bytes left over', frame(65, 1, 2), 'wrong_length'],
  ['that ends inside a field', frame(65), 'wrong_length'],
  ['with more answers than allowed', frame(answers, 1_000_000), 'bad_value'],
  ['with more samples than a tick', frame(answers, 1, 0, 0, 2, TICK_SAMPLES + 1, 0), 'bad_value'],
  ['with samples but no audio', frame(answers, 1, 0, 0, 0, 5, 0), 'bad_value'],
  ['with unknown flags', frame(answers, 1, 0, 0, 4, 0, 0), 'bad_value'],
  ['with said longer than allowed', frame(answers, 1, 0, 0, 0, 0, 0, MOST_TEXT_BYTES + 1), 'bad_value'],
  ['with text that is not UTF-8', frame(answers, 1, 0, 0, 0, 0, 0, 4, 0xffff_ffff), 'bad_value'],
];

test.each(refusals)('refuses a message %s', (_name, bytes, code) => {
  expect(() => decodeFromEngine().push(bytes)).toThrow(expect.objectContaining({ name: 'EngineWireError', code }));
});

test('audio of a message that lies whole on even memory is a view, not a copy', () => {
  const bytes = encodeFromEngine({
    type: 'answers',
    answers: [{ slot: 1, answer: { tick: 1, audio: new Int16Array(8), said: '', heard: [], yielded: false } }],
  });
  const [message] = decodeFromEngine().push(bytes);
  expect(message?.type === 'answers' ? message.answers[0]?.answer.audio?.buffer : null).toBe(bytes.buffer);
});

test('a tick of the wrong length is the caller’s error', () => {
  const wrong = { tick: 0, audio: new Int16Array(5), texts: [], whispers: [] };
  expect(() => encodeToEngine({ type: 'ticks', ticks: [{ slot: 0, input: wrong }] })).toThrow(EngineWireError);
});

test('a clamped text fits the wire and is whole characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 6000, size: 'max' }), (long) => {
      const cut = clampText(long);
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(MOST_TEXT_BYTES);
      expect(long.startsWith(cut)).toBe(true);
      expect(cut.isWellFormed()).toBe(true);
    }),
    { numRuns: 30 },
  );
});
