import { decodeFrame, encodeFrameWithId, FRAME_MAX_BYTES, isRefusal, uuidBytes } from '@wheelhouse/protocol/frame';
import { ClientEvent } from '@wheelhouse/protocol/stream-event';
import { SAMPLE_RATE } from '@wheelhouse/protocol/tick';
import { FrameCounter } from '@wheelhouse/session/frame-counter';
import type { RawData } from 'ws';
import type { ClientSession, ClientWire, OutFrame } from './client-wire.ts';

/** The binary tick protocol of `/v1/stream`: a frame a message, as `frame.ts` says. */
export function binaryWire(session: ClientSession): ClientWire {
  const id = uuidBytes(session.session);
  const counter = new FrameCounter(session.session);
  const write = ({ kind, source, tick, sequence, payload }: OutFrame): void => {
    const sampleRate = kind === 'audio' ? SAMPLE_RATE : 0;
    session.send(encodeFrameWithId({ kind, source, sampleRate, tick, sequence, timestamp: session.elapsed() }, id, payload));
  };
  return {
    write,
    notify: (event, at) => {
      write({ kind: 'event', source: 'gate', ...at, payload: Buffer.from(JSON.stringify(event)) });
    },
    tickEnded: () => undefined,
    receive: (data, isBinary) => {
      receive(session, counter, data, isBinary);
    },
  };
}

function receive(session: ClientSession, counter: FrameCounter, data: RawData, isBinary: boolean): void {
  if (!isBinary || !Buffer.isBuffer(data)) {
    session.refuse('not_binary', 'Frames are binary WebSocket messages with a 40-byte header; this was a text message.');
    return;
  }
  const frame = decodeFrame(data);
  if (isRefusal(frame)) {
    const tooLarge = data.length > FRAME_MAX_BYTES;
    session.refuse(tooLarge ? 'frame_too_large' : frame.code, frame.message, tooLarge);
    return;
  }
  const { header, payload } = frame;
  const refusal = counter.check(header) ?? take(session, header, payload);
  if (refusal !== null) session.refuse(refusal.code, refusal.message);
}

function take(session: ClientSession, header: Parameters<FrameCounter['check']>[0], payload: Uint8Array) {
  switch (header.kind) {
    case 'audio':
      if (header.sampleRate !== SAMPLE_RATE) {
        const message = `Audio at ${header.sampleRate} Hz can't be used; resample it to ${SAMPLE_RATE} Hz mono PCM16.`;
        return { code: 'sample_rate', message } as const;
      }
      return session.audio(payload);
    case 'text':
      return takeText(session, payload);
    case 'video':
      return session.image(payload);
    case 'event':
      return takeEvent(session, payload);
  }
}

function takeText(session: ClientSession, payload: Uint8Array) {
  const text = textOf(payload);
  return text === null ? ({ code: 'bad_text', message: 'The text is not valid UTF-8.' } as const) : session.text(text);
}

function takeEvent(session: ClientSession, payload: Uint8Array) {
  const event = ClientEvent.safeParse(jsonOf(payload));
  if (!event.success) {
    const message = 'The event is not JSON of a known type; stream-event.ts lists what a client may send: {"type":"end"}, for example.';
    return { code: 'bad_event', message } as const;
  }
  switch (event.data.type) {
    case 'end':
      session.end('ended by the client');
      return null;
    case 'config':
      return session.extra({ config: event.data.config });
    case 'result':
      return session.extra({ results: [event.data.result] });
    case 'hush':
      return session.extra({ hush: true });
  }
}

function textOf(payload: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch {
    return null;
  }
}

function jsonOf(payload: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(payload) ?? '');
  } catch {
    return null;
  }
}
