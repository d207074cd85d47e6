import { TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import { AnswerExtra, type Heard, type TickAnswer, TickExtra, type TickInput } from '@wheelhouse/protocol/engine-tick';
import { FRAME_MAX_BYTES } from '@wheelhouse/protocol/frame';
import type { EngineKind } from '@wheelhouse/protocol/session';
import type { z } from 'zod';
import { EngineWireError } from './engine-wire-error.ts';
import { padded, WireReader, WireWriter, textSize } from './wire-bytes.ts';
import { FRAME_HEADER, FrameDecoder, type Frame, MOST_MESSAGE_BYTES } from './wire-frames.ts';

/** Longest text on the wire, in bytes of UTF-8: each of said, heard, typed, whispered and failure words. */
export const MOST_TEXT_BYTES = 4_096;
/** Most typed texts, whispers, or heard texts, each, in one tick. */
export const MOST_TEXTS = 16;
/** Most ticks or answers in one message; senders split. The other end begins on the first while the rest is on its way. */
export const MOST_IN_MESSAGE = 64;
/** Longest session id, in bytes. */
export const MOST_ID_BYTES = 256;
/** Longest extra of a tick or an answer, in bytes of its JSON. */
export const MOST_EXTRA_BYTES = 512 * 1024;
/** The last tick that the wire can number: after 27 years. */
export const LAST_TICK = 0xffff_ffff;

/** One session's tick on its way to the engine. */
export type SlotTick = { readonly slot: number; readonly input: TickInput };
/** One session's answer on its way back. */
export type SlotAnswer = { readonly slot: number; readonly answer: TickAnswer };

/** From server to engine. A slot is a number that the client gives a session, never twice on one connection. */
export type ToEngine =
  | { readonly type: 'open'; readonly slot: number; readonly kind: EngineKind; readonly session: string }
  | { readonly type: 'close'; readonly slot: number }
  | { readonly type: 'ticks'; readonly ticks: readonly SlotTick[] };

/** From engine to server. `failed` ends the slot (null: concerns the whole connection); after `trouble` it goes on. */
export type FromEngine =
  | { readonly type: 'opened'; readonly slot: number }
  | { readonly type: 'answers'; readonly answers: readonly SlotAnswer[] }
  | { readonly type: 'failed'; readonly slot: number | null; readonly message: string }
  | { readonly type: 'trouble'; readonly slot: number; readonly message: string };

const types = { open: 1, close: 2, ticks: 3, opened: 65, answers: 66, failed: 67, trouble: 68 } as const;
const kinds: readonly EngineKind[] = ['relay', 'echo', 'realtime'];
const NO_SLOT = 0xffff_ffff;
const YIELDED = 1;
const HAS_AUDIO = 2;

const sizeOf = (texts: readonly string[]): number => texts.reduce((sum, text) => sum + textSize(text), 0);

function begin(type: number, bodySize: number): WireWriter {
  const size = FRAME_HEADER + bodySize;
  if (size > MOST_MESSAGE_BYTES) throw new EngineWireError('too_large', `a message of ${size} bytes is longer than ${MOST_MESSAGE_BYTES}`);
  const writer = new WireWriter(size);
  writer.u32(size);
  writer.u32(type);
  return writer;
}

const extraText = (extra: TickExtra | AnswerExtra | undefined): string => (extra === undefined ? '' : JSON.stringify(extra));

const tickSize = ({ texts, whispers, image }: TickInput, extra: string): number =>
  20 + TICK_SAMPLES * 2 + sizeOf(texts) + sizeOf(whispers) + textSize(extra) + padded(image?.length ?? 0);

function encodeTicks(ticks: readonly SlotTick[]): Uint8Array {
  const extras = ticks.map(({ input }) => extraText(input.extra));
  const size = ticks.reduce((sum, { input }, at) => sum + tickSize(input, extras[at] ?? ''), 4);
  const writer = begin(types.ticks, size);
  writer.u32(ticks.length);
  for (const [at, { slot, input }] of ticks.entries()) {
    if (input.audio.length !== TICK_SAMPLES)
      throw new EngineWireError('bad_value', `a tick has ${TICK_SAMPLES} samples, not ${input.audio.length}`);
    writer.u32(slot);
    writer.u32(input.tick);
    writer.u32(input.texts.length);
    writer.u32(input.whispers.length);
    writer.u32(input.image?.length ?? 0);
    writer.audio(input.audio);
    for (const text of input.texts) writer.text(text);
    for (const text of input.whispers) writer.text(text);
    writer.text(extras[at] ?? '');
    if (input.image !== undefined) writer.blob(input.image);
  }
  return writer.bytes;
}

/**
 * One message to the engine, header included.
 * @throws EngineWireError `bad_value` for audio of the wrong length, `too_large`.
 */
export function encodeToEngine(message: ToEngine): Uint8Array {
  switch (message.type) {
    case 'open': {
      const writer = begin(types.open, 8 + textSize(message.session));
      writer.u32(message.slot);
      writer.u32(kinds.indexOf(message.kind));
      writer.text(message.session);
      return writer.bytes;
    }
    case 'close': {
      const writer = begin(types.close, 4);
      writer.u32(message.slot);
      return writer.bytes;
    }
    case 'ticks':
      return encodeTicks(message.ticks);
  }
}

const answerSize = ({ said, heard, audio }: TickAnswer, extra: string): number =>
  20 + padded((audio?.length ?? 0) * 2) + textSize(said) + textSize(extra) + heard.reduce((sum, { text }) => sum + 8 + textSize(text), 0);

function encodeAnswers(answers: readonly SlotAnswer[]): Uint8Array {
  const extras = answers.map(({ answer }) => extraText(answer.extra));
  const writer = begin(
    types.answers,
    answers.reduce((sum, { answer }, at) => sum + answerSize(answer, extras[at] ?? ''), 4),
  );
  writer.u32(answers.length);
  for (const [at, { slot, answer }] of answers.entries()) {
    writer.u32(slot);
    writer.u32(answer.tick);
    writer.u32((answer.yielded ? YIELDED : 0) | (answer.audio === null ? 0 : HAS_AUDIO));
    writer.u32(answer.audio?.length ?? 0);
    writer.u32(answer.heard.length);
    if (answer.audio !== null) writer.audio(answer.audio);
    writer.text(answer.said);
    for (const { utterance, final, text } of answer.heard) {
      writer.u32(utterance);
      writer.u32(final ? 1 : 0);
      writer.text(text);
    }
    writer.text(extras[at] ?? '');
  }
  return writer.bytes;
}

/** One message from the engine, header included. @throws EngineWireError `too_large`. */
export function encodeFromEngine(message: FromEngine): Uint8Array {
  switch (message.type) {
    case 'opened': {
      const writer = begin(types.opened, 4);
      writer.u32(message.slot);
      return writer.bytes;
    }
    case 'answers':
      return encodeAnswers(message.answers);
    case 'failed':
    case 'trouble': {
      const writer = begin(types[message.type], 4 + textSize(message.message));
      writer.u32(message.slot ?? NO_SLOT);
      writer.text(message.message);
      return writer.bytes;
    }
  }
}

function readTexts(reader: WireReader, count: number): string[] {
  return Array.from({ length: count }, () => reader.text(MOST_TEXT_BYTES));
}

/** The rarer part of a tick or an answer, which is JSON on the wire. */
function readExtra<Extra>(reader: WireReader, schema: z.ZodType<Extra>): Extra | null {
  const text = reader.text(MOST_EXTRA_BYTES);
  if (text === '') return null;
  const parsed = schema.safeParse(jsonOf(text));
  if (!parsed.success) throw new EngineWireError('bad_value', 'the extra of a tick is not of its shape');
  return parsed.data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function readTick(reader: WireReader): SlotTick {
  const slot = reader.u32();
  const tick = reader.u32();
  const texts = reader.count(MOST_TEXTS, 'texts');
  const whispers = reader.count(MOST_TEXTS, 'whispers');
  const imageBytes = reader.count(FRAME_MAX_BYTES, 'bytes of an image');
  const audio = reader.audio(TICK_SAMPLES);
  const input = { tick, audio, texts: readTexts(reader, texts), whispers: readTexts(reader, whispers) };
  const extra = readExtra(reader, TickExtra);
  const image = imageBytes === 0 ? {} : { image: reader.blob(imageBytes) };
  return { slot, input: { ...input, ...image, ...(extra === null ? {} : { extra }) } };
}

function readHeard(reader: WireReader): Heard {
  return { utterance: reader.u32(), final: reader.count(1, 'finals') === 1, text: reader.text(MOST_TEXT_BYTES) };
}

function readAnswer(reader: WireReader): SlotAnswer {
  const slot = reader.u32();
  const tick = reader.u32();
  const flags = reader.count(YIELDED | HAS_AUDIO, 'flags');
  const samples = reader.count(TICK_SAMPLES, 'samples');
  const heardCount = reader.count(MOST_TEXTS, 'heard texts');
  const hasAudio = (flags & HAS_AUDIO) !== 0;
  if (!hasAudio && samples > 0) throw new EngineWireError('bad_value', 'an answer without audio has samples');
  const audio = hasAudio ? reader.audio(samples) : null;
  const said = reader.text(MOST_TEXT_BYTES);
  const heard = Array.from({ length: heardCount }, () => readHeard(reader));
  const extra = readExtra(reader, AnswerExtra);
  return { slot, answer: { tick, audio, said, heard, yielded: (flags & YIELDED) !== 0, ...(extra === null ? {} : { extra }) } };
}

function readToEngine(type: number, reader: WireReader): ToEngine {
  switch (type) {
    case types.open: {
      const slot = reader.u32();
      const kind = kinds[reader.u32()];
      if (kind === undefined) throw new EngineWireError('bad_value', 'no such kind of engine');
      return { type: 'open', slot, kind, session: reader.text(MOST_ID_BYTES) };
    }
    case types.close:
      return { type: 'close', slot: reader.u32() };
    case types.ticks: {
      const count = reader.count(MOST_IN_MESSAGE, 'ticks');
      return { type: 'ticks', ticks: Array.from({ length: count }, () => readTick(reader)) };
    }
    default:
      throw new EngineWireError('unknown_type', `an engine takes no message of type ${type}`);
  }
}

function readFromEngine(type: number, reader: WireReader): FromEngine {
  switch (type) {
    case types.opened:
      return { type: 'opened', slot: reader.u32() };
    case types.answers: {
      const count = reader.count(MOST_IN_MESSAGE, 'answers');
      return { type: 'answers', answers: Array.from({ length: count }, () => readAnswer(reader)) };
    }
    case types.failed: {
      const slot = reader.u32();
      return { type: 'failed', slot: slot === NO_SLOT ? null : slot, message: reader.text(MOST_TEXT_BYTES) };
    }
    case types.trouble:
      return { type: 'trouble', slot: reader.u32(), message: reader.text(MOST_TEXT_BYTES) };
    default:
      throw new EngineWireError('unknown_type', `an engine sends no message of type ${type}`);
  }
}

/** Reads messages of one direction off a byte stream. Audio in them is a view on the stream's memory where it lies on even bytes. */
export class MessageDecoder<Message> {
  readonly #frames = new FrameDecoder();
  readonly #read: (type: number, reader: WireReader) => Message;

  constructor(read: (type: number, reader: WireReader) => Message) {
    this.#read = read;
  }

  /** The messages that this chunk completes. @throws EngineWireError, after which the decoder must not be used again. */
  push(chunk: Uint8Array): Message[] {
    return this.#frames.push(chunk).map((frame: Frame) => {
      const reader = new WireReader(frame.body);
      const message = this.#read(frame.type, reader);
      reader.end();
      return message;
    });
  }
}

/** A decoder for what an engine receives. */
export const decodeToEngine = (): MessageDecoder<ToEngine> => new MessageDecoder(readToEngine);
/** A decoder for what an engine sends. */
export const decodeFromEngine = (): MessageDecoder<FromEngine> => new MessageDecoder(readFromEngine);

/** The text, cut to what the wire carries, at a whole character. */
export function clampText(text: string): string {
  if (text.length * 3 <= MOST_TEXT_BYTES) return text;
  const cut = text.slice(0, Math.floor(MOST_TEXT_BYTES / 3));
  return cut.toWellFormed() === cut ? cut : cut.slice(0, -1);
}
