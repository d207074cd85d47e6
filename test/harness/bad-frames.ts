import { randomUUID } from 'node:crypto';
import { encodeFrame, FRAME_MAX_BYTES, type FrameHeader } from '@wheelhouse/protocol/frame';
import type { StreamErrorCode } from '@wheelhouse/protocol/stream-event';

const audio = new Uint8Array(640);
const head = (session: string, change: Partial<FrameHeader> = {}): FrameHeader => ({
  kind: 'audio',
  source: 'client',
  sampleRate: 16_000,
  tick: 0,
  sequence: 1,
  timestamp: 0,
  session,
  ...change,
});
const spoilt = (session: string, at: number, value: number) => {
  const bytes = encodeFrame(head(session), audio);
  bytes[at] = value;
  return bytes;
};
type Bad = (session: string) => Uint8Array<ArrayBuffer> | string;
/** Every way in which a client's first frame can be wrong, and the code that it gets. The frame is made for the session that it goes to. */
export const badFrames: readonly [StreamErrorCode, string, Bad][] = [
  ['not_binary', 'text where binary belongs', () => 'hello'],
  ['frame_too_short', 'half a header', () => new Uint8Array(20)],
  ['frame_too_short', 'nothing', () => new Uint8Array(0)],
  ['frame_too_large', 'more than a frame holds', () => new Uint8Array(FRAME_MAX_BYTES + 1)],
  ['frame_version', 'another version', (session) => spoilt(session, 0, 2)],
  ['frame_kind', 'an unknown kind', (session) => spoilt(session, 1, 9)],
  ['frame_source', 'an unknown source', (session) => spoilt(session, 2, 9)],
  ['frame_source', 'the engine itself', (session) => encodeFrame(head(session, { source: 'engine' }), audio)],
  ['frame_timestamp', 'no time', (session) => encodeFrame(head(session, { timestamp: Number.NaN }), audio)],
  ['wrong_session', 'another session', () => encodeFrame(head(randomUUID()), audio)],
  ['wrong_session', 'the end of another session', () => encodeFrame(head(randomUUID(), { kind: 'event' }), Buffer.from('{"type":"end"}'))],
  ['out_of_order', 'a frame too far ahead', (session) => encodeFrame(head(session, { sequence: 5 }), audio)],
  ['replayed', 'a frame of before', (session) => encodeFrame(head(session, { sequence: 0 }), audio)],
  ['sample_rate', '48 kHz', (session) => encodeFrame(head(session, { sampleRate: 48_000 }), audio)],
  ['odd_audio', 'half a sample', (session) => encodeFrame(head(session), new Uint8Array(641))],
  ['bad_text', 'broken UTF-8', (session) => encodeFrame(head(session, { kind: 'text' }), Uint8Array.of(0xc3, 0x28))],
  ['bad_event', 'an unknown event', (session) => encodeFrame(head(session, { kind: 'event' }), Buffer.from('{"type":"reboot"}'))],
  ['bad_event', 'an event that is not JSON', (session) => encodeFrame(head(session, { kind: 'event' }), Buffer.from('{{{'))],
  [
    'bad_event',
    'an event with more in it',
    (session) => encodeFrame(head(session, { kind: 'event' }), Buffer.from('{"type":"end","force":1}')),
  ],
  ['bad_image', 'a GIF', (session) => encodeFrame(head(session, { kind: 'video' }), Buffer.from('GIF89a'))],
  ['too_much_audio', 'two seconds at once', (session) => encodeFrame(head(session), new Uint8Array(64_000))],
];
