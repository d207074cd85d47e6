import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fromBase64 } from '@wheelhouse/ledger/base64';
import { openCheckpoint } from '@wheelhouse/ledger/checkpoint';
import { parseOpening } from '@wheelhouse/ledger/disclosure';
import { entryLeafHash } from '@wheelhouse/ledger/entry';
import { checkFields, parseLeaf } from '@wheelhouse/ledger/sealed-entry';
import { utf8 } from '@wheelhouse/ledger/bytes';
import { parseVerifierKey } from '@wheelhouse/ledger/note-key';
import { verifyInclusion } from '@wheelhouse/ledger/verify-proof';
import { sha256, verifyEd25519 } from '@wheelhouse/installation/node-crypto';
import type { OrderAck } from '@wheelhouse/protocol/order';
import { ApiError } from '@wheelhouse/sdk/rest';
import { StreamClient } from '@wheelhouse/sdk/stream-client';
import { type Cast, castOfOwnSystem, castOfRunningSystem } from './cast.ts';
import { readRecording, speak } from './pcm-stream.ts';

const FIXTURES = path.resolve(import.meta.dirname, '../../../../test/fixtures');
/** The order is given when this much of the reply has been heard: in the middle of it. */
const REPLY_MS = 1000;
const QUIET_MS = 2000;

type Law = { readonly words: string; readonly held: boolean };
/** What the client saw of the engine: the time of the first and the last frame, and the last one's number. */
type Seen = { lastSequence: number; replyMs: number; lastFrameAt: number; flushedAt: number | null; heardFinal: boolean };

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { url: { type: 'string' }, key: { type: 'string' }, wav: { type: 'string' } } });
  const key = values.key ?? process.env['WHEELHOUSE_KEY'];
  say(
    key === undefined
      ? 'Starting a system of the demonstration (set WHEELHOUSE_KEY to use the one that runs) ...'
      : 'Using the system that runs.',
  );
  const cast = key === undefined ? await castOfOwnSystem() : castOfRunningSystem(values.url ?? 'http://localhost:7400', key);
  try {
    const laws = await play(cast, readRecording(values.wav ?? path.join(FIXTURES, 'refund.wav')));
    say('\nThe laws');
    for (const { words, held } of laws) say(`  ${held ? 'held  ' : 'BROKEN'}  ${words}`);
    return laws.every((law) => law.held) ? 0 : 1;
  } finally {
    await cast.leave();
  }
}

async function play(cast: Cast, recording: Int16Array): Promise<Law[]> {
  const attachment = await cast.operator.openSession({ deployment: 'relay' });
  const session = attachment.session.id;
  const seen: Seen = { lastSequence: 0, replyMs: 0, lastFrameAt: 0, flushedAt: null, heardFinal: false };
  const client = await StreamClient.attach(attachment, listenerOf(seen), () => performance.now());
  say(`\nSession ${session} is live. Speaking a recording into it.\n`);
  const speaking = speak(client, recording);
  await until('the reply', () => seen.replyMs >= REPLY_MS, 60_000);

  const order = randomUUID();
  const sentAt = performance.now();
  const ack = await cast.operator.order({ id: order, kind: 'stop', scope: { type: 'session', session }, reason: 'demonstration' });
  const ackAt = performance.now();
  say(`\n  STOP given in the middle of the reply, as order ${ack.number}.`);
  const proved = untilStored(cast, order).then(async (stored) => {
    const proof = await proveEntry(cast, stored.entry, order);
    return { ...stored, proof, provedAt: performance.now() };
  });
  await speaking;
  await sleep(QUIET_MS);
  const effect = ack.sessions[0];
  const silent = effect !== undefined && seen.lastSequence === effect.lastSequence;

  const { entry, at: storedAt, proof, provedAt } = await proved;
  printTimeline({ sentAt, ackAt, storedAt, provedAt, ack, seen, entry, proof });

  const laws: Law[] = [
    { words: '1  Stop is one act: one person, one request, answered in force', held: ack.sessions.length === 1 },
    {
      words: `3  Nothing leaves after the order: last frame out #${effect?.lastSequence ?? 0}, last one received #${seen.lastSequence}`,
      held: silent,
    },
    { words: `6  The order is in the ledger and its inclusion proof verifies: ${proof.words}`, held: proof.held },
  ];
  laws.push(...(await releaseByTwo(cast, order, seen)));
  client.end();
  await sleep(300);
  return laws;
}

/** Waits until the ledger has the order's entry: its index, and when it was seen to be durable. */
async function untilStored({ operator }: Cast, order: string): Promise<{ entry: number; at: number }> {
  const entry = await until(
    'the ledger',
    async () => {
      const { entry } = await operator.orderRecord(order);
      return entry === null ? null : { entry };
    },
    20_000,
  );
  return { ...entry, at: performance.now() };
}

/** One person alone can't release; two can; and nothing comes before the second. */
async function releaseByTwo(cast: Cast, order: string, seen: Seen): Promise<Law[]> {
  if (cast.second === null) {
    say('\n  The session stays stopped: a key can ask for a release, and two people have to release it. See the Sessions page.');
    return [];
  }
  const release = await cast.operator.askRelease({ id: randomUUID(), kind: 'release', latch: order, reason: 'end of the demonstration' });
  const alone = await cast.operator.confirmRelease(release.id).then(
    () => true,
    (error: unknown) => !(error instanceof ApiError && error.problem.code === 'same_person'),
  );
  const before = seen.lastSequence;
  await sleep(600);
  const closed = seen.lastSequence === before;
  const confirmed = await cast.second.confirmRelease(release.id);
  const inForce = (await cast.operator.latches()).some((latch) => latch.order === order);
  say('\n  One person asked for the release and could not confirm it; a second person did.');
  return [
    { words: '5  No one person: whoever asks for a release can not confirm it', held: !alone && closed },
    { words: '2  A release takes effect after it is written, by two people', held: confirmed.state === 'confirmed' && !inForce },
  ];
}

function listenerOf(seen: Seen) {
  return {
    frame: ({ header }: { header: { source: string; sequence: number } }) => {
      if (header.source !== 'engine') return;
      seen.lastSequence = header.sequence;
      seen.lastFrameAt = performance.now();
    },
    audio: (samples: Int16Array) => {
      seen.replyMs += samples.length / 16;
    },
    said: (text: string) => {
      say(`  said   ${text}`);
    },
    engine: (event: { type: string; text?: string; final?: boolean }) => {
      if (event.type !== 'heard') return;
      seen.heardFinal ||= event.final === true;
      say(`  heard  ${event.text ?? ''}${event.final === true ? '' : ' ...'}`);
    },
    gate: (event: { type: string }) => {
      if (event.type === 'flush') seen.flushedAt = performance.now();
    },
  };
}

/** Fetches the entry, a checkpoint that covers it and the proof, and checks all three with nothing but the log's public key. */
async function proveEntry({ operator }: Cast, index: number, order: string): Promise<{ held: boolean; words: string }> {
  const key = parseVerifierKey((await operator.ledgerKey()).trim(), sha256);
  if (!key.ok) return { held: false, words: key.message };
  const identity = { origin: key.value.name, keys: [key.value] };
  const head = await until(
    'a signed tree head',
    async () => {
      const opened = await openCheckpoint(await operator.checkpoint(), identity, verifyEd25519);
      return opened.ok && opened.value.checkpoint.size > index ? opened.value.checkpoint : null;
    },
    10_000,
  );
  const entry = await operator.entry(index);
  const bytes = utf8(entry.body);
  const leaf = parseLeaf(bytes);
  const opening = parseOpening(entry.opening);
  const fields = leaf.ok && opening.ok && checkFields(leaf.value, opening.value, sha256).ok;
  const { hashes } = await operator.inclusion(index, head.size);
  const proof = hashes.map((hash) => fromBase64(hash) ?? new Uint8Array());
  const verdict = verifyInclusion({ index, leafHash: entryLeafHash(bytes, sha256), proof }, head, sha256);
  const held = verdict.ok && fields && entry.opening.includes(order);
  return {
    held,
    words: held
      ? `entry ${index} in a tree of ${head.size}, ${hashes.length} hashes, signed by ${key.value.name}`
      : 'the proof does not verify',
  };
}

type Timeline = {
  sentAt: number;
  ackAt: number;
  storedAt: number;
  provedAt: number;
  ack: OrderAck;
  seen: Seen;
  entry: number;
  proof: { words: string };
};

function printTimeline({ sentAt, ackAt, storedAt, provedAt, ack, seen, entry, proof }: Timeline): void {
  const effect = ack.sessions[0];
  const row = (at: number | null, what: string) => {
    say(`  ${at === null ? '       --' : `${(at - sentAt).toFixed(1).padStart(9)} ms`}   ${what}`);
  };
  say('\nTimeline, from the moment the order was sent');
  row(sentAt, 'order sent');
  row(
    sentAt + ack.gateClosedUs / 1000,
    `gate closed: ${ack.gateClosedUs} us after the order reached the server, in tick ${effect?.tick ?? 0}; last engine byte ${ack.lastByteUs ?? 0} us from it`,
  );
  row(seen.lastFrameAt, `last frame received, #${seen.lastSequence}; the server says that #${effect?.lastSequence ?? 0} was the last out`);
  row(ackAt, 'acknowledged');
  row(seen.flushedAt, 'client told to drop what it had not played');
  row(storedAt, `entry durable in the ledger (index ${entry})`);
  row(provedAt, `proof checked: ${proof.words}`);
}

async function until<T>(what: string, condition: () => T | null | false | Promise<T | null | false>, withinMs: number): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await condition();
    if (found !== null && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`Waited ${withinMs / 1000} s in vain for ${what}.`);
    await sleep(20);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`\nThe demonstration could not be played: ${error instanceof Error ? error.message : String(error)}\n`);
  return 3;
});
