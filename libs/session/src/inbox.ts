import type { FrameHeader } from '@wheelhouse/protocol/frame';
import type { StreamErrorCode } from '@wheelhouse/protocol/stream-event';
import { SAMPLE_RATE, TICK_SAMPLES } from '@wheelhouse/protocol/tick';

/** A client may be ahead of real time by this much; what comes on top is refused. */
const MOST_SAMPLES = SAMPLE_RATE;
/** Kept in hand when a client sends slices shorter than a tick, so that their jitter leaves no holes in speech. */
const CUSHION_SAMPLES = 640;
const MOST_TEXT_BYTES = 4000;
const MOST_TEXTS = 8;

export type IntakeRefusal = { readonly code: StreamErrorCode; readonly message: string };

/** What reached a session and has not entered a tick yet. `sequence` is the last frame number of this connection. */
export type Inbox = {
  sequence: number;
  chunks: Uint8Array[];
  samples: number;
  /** Whether audio is flowing: a tick's worth and the cushion had gathered, and no tick found too little since. */
  flowing: boolean;
  slice: number;
  texts: string[];
  images: Uint8Array[];
};

export function emptyInbox(): Inbox {
  return { sequence: 0, chunks: [], samples: 0, flowing: false, slice: 0, texts: [], images: [] };
}

/**
 * Intake: checks a client's frame and puts it into the inbox. Null when it is in; nothing is kept of a frame that is refused. An event is
 * checked like any other frame (it has to be this session's, and the next), and then the caller's to read.
 */
export function admit(inbox: Inbox, session: string, header: FrameHeader, payload: Uint8Array): IntakeRefusal | null {
  if (header.source !== 'client') return { code: 'frame_source', message: 'A client sends frames with source 0 (client).' };
  if (header.session !== session)
    return { code: 'wrong_session', message: `This connection is attached to session ${session}, not to ${header.session}.` };
  const expected = inbox.sequence + 1;
  if (header.sequence < expected)
    return { code: 'replayed', message: `Frame ${header.sequence} was here already; the next is ${expected}.` };
  if (header.sequence > expected)
    return {
      code: 'out_of_order',
      message: `Frame ${header.sequence} came where ${expected} was expected; frames are numbered without gaps.`,
    };
  // Numbered before it is judged further: a refused frame has been received, and the next one is the next number.
  inbox.sequence = header.sequence;
  switch (header.kind) {
    case 'audio':
      return admitAudio(inbox, header, payload);
    case 'text':
      return admitText(inbox, payload);
    case 'video':
      return admitImage(inbox, payload);
    case 'event':
      return null;
  }
}

function admitAudio(inbox: Inbox, header: FrameHeader, payload: Uint8Array): IntakeRefusal | null {
  if (header.sampleRate !== SAMPLE_RATE)
    return { code: 'sample_rate', message: `Audio at ${header.sampleRate} Hz can't be used; resample it to ${SAMPLE_RATE} Hz mono PCM16.` };
  if (payload.length === 0 || payload.length % 2 !== 0)
    return { code: 'odd_audio', message: `PCM16 audio has an even number of bytes, at least 2; this frame has ${payload.length}.` };
  const samples = payload.length / 2;
  if (inbox.samples + samples > MOST_SAMPLES) {
    return {
      code: 'too_much_audio',
      message: 'More than one second of audio is waiting: send it at the speed of speech. This frame was dropped.',
    };
  }
  inbox.chunks.push(payload);
  inbox.samples += samples;
  inbox.slice = samples;
  return null;
}

function admitText(inbox: Inbox, payload: Uint8Array): IntakeRefusal | null {
  if (payload.length === 0 || payload.length > MOST_TEXT_BYTES)
    return { code: 'bad_text', message: `A text frame has 1 to ${MOST_TEXT_BYTES} bytes; this one has ${payload.length}.` };
  if (inbox.texts.length >= MOST_TEXTS)
    return { code: 'bad_text', message: `More than ${MOST_TEXTS} text frames in a tick; this one was dropped.` };
  try {
    inbox.texts.push(new TextDecoder('utf-8', { fatal: true }).decode(payload));
    return null;
  } catch {
    return { code: 'bad_text', message: 'The text is not valid UTF-8.' };
  }
}

function admitImage(inbox: Inbox, payload: Uint8Array): IntakeRefusal | null {
  const isJpeg = payload.length > 4 && payload[0] === 0xff && payload[1] === 0xd8 && payload[2] === 0xff;
  if (!isJpeg) return { code: 'bad_image', message: 'A video frame is one JPEG image.' };
  // One image a tick is what an engine looks at; the latest wins.
  inbox.images = [payload];
  return null;
}

/** Takes one tick's audio out of the inbox into `into` (TICK_SAMPLES long, padded with silence). Returns how many samples were the client's. */
export function takeAudio(inbox: Inbox, into: Int16Array): number {
  const enough = TICK_SAMPLES + (inbox.slice < TICK_SAMPLES ? CUSHION_SAMPLES : 0);
  const arrived = inbox.slice > 0;
  inbox.slice = 0;
  // Unless audio flows, wait for the cushion; a remainder that nothing follows is let go, with silence behind it.
  if (!inbox.flowing && arrived && inbox.samples < enough) {
    into.fill(0);
    return 0;
  }
  const taken = drain(inbox, into);
  inbox.flowing = taken === TICK_SAMPLES;
  into.fill(0, taken);
  return taken;
}

function drain(inbox: Inbox, into: Int16Array): number {
  let taken = 0;
  while (taken < TICK_SAMPLES) {
    const chunk = inbox.chunks[0];
    if (chunk === undefined) break;
    const count = Math.min(chunk.length / 2, TICK_SAMPLES - taken);
    const bytes = new Uint8Array(into.buffer, into.byteOffset + taken * 2, count * 2);
    bytes.set(chunk.subarray(0, count * 2));
    taken += count;
    if (count * 2 === chunk.length) inbox.chunks.shift();
    else inbox.chunks[0] = chunk.subarray(count * 2);
  }
  inbox.samples -= taken;
  return taken;
}
