import { utf8 } from '@wheelhouse/ledger/bytes';
import type { StreamErrorCode } from '@wheelhouse/protocol/stream-event';
import { SAMPLE_RATE, TICK_SAMPLES } from '@wheelhouse/protocol/tick';

/** A client may be ahead of real time by this much; what comes on top is refused. */
const MOST_SAMPLES = SAMPLE_RATE;
/** Kept in hand when a client sends slices shorter than a tick, so that their jitter leaves no holes in speech. */
const CUSHION_SAMPLES = 640;
const MOST_TEXT_BYTES = 4000;
const MOST_TEXTS = 8;

export type IntakeRefusal = { readonly code: StreamErrorCode; readonly message: string };

/** What reached a session and has not entered a tick yet. */
export type Inbox = {
  chunks: Uint8Array[];
  samples: number;
  /** Whether audio is flowing: a tick's worth and the cushion had gathered, and no tick found too little since. */
  flowing: boolean;
  slice: number;
  texts: string[];
  images: Uint8Array[];
};

export function emptyInbox(): Inbox {
  return { chunks: [], samples: 0, flowing: false, slice: 0, texts: [], images: [] };
}

/** Audio: PCM16 little-endian, 16 kHz, mono. Null when it is in; nothing is kept of what is refused. */
export function admitAudio(inbox: Inbox, pcm: Uint8Array): IntakeRefusal | null {
  if (pcm.length === 0 || pcm.length % 2 !== 0)
    return { code: 'odd_audio', message: `PCM16 audio has an even number of bytes, at least 2; this frame has ${pcm.length}.` };
  const samples = pcm.length / 2;
  if (samples > roomIn(inbox)) {
    return {
      code: 'too_much_audio',
      message: 'More than one second of audio is waiting: send it at the speed of speech. This frame was dropped.',
    };
  }
  inbox.chunks.push(pcm);
  inbox.samples += samples;
  inbox.slice = samples;
  return null;
}

/** Samples that the inbox takes now. */
export function roomIn(inbox: Inbox): number {
  return MOST_SAMPLES - inbox.samples;
}

export function admitText(inbox: Inbox, text: string): IntakeRefusal | null {
  const bytes = utf8(text).length;
  if (bytes === 0 || bytes > MOST_TEXT_BYTES)
    return { code: 'bad_text', message: `A text frame has 1 to ${MOST_TEXT_BYTES} bytes; this one has ${bytes}.` };
  if (inbox.texts.length >= MOST_TEXTS)
    return { code: 'bad_text', message: `More than ${MOST_TEXTS} text frames in a tick; this one was dropped.` };
  inbox.texts.push(text);
  return null;
}

export function admitImage(inbox: Inbox, jpeg: Uint8Array): IntakeRefusal | null {
  const isJpeg = jpeg.length > 4 && jpeg[0] === 0xff && jpeg[1] === 0xd8 && jpeg[2] === 0xff;
  if (!isJpeg) return { code: 'bad_image', message: 'A video frame is one JPEG image.' };
  // One image a tick is what an engine looks at; the latest wins.
  inbox.images = [jpeg];
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
