import { SAMPLE_RATE } from '@wheelhouse/protocol/tick';
import { Listener } from '../harness/listener.ts';
import { TestServer } from '../harness/server.ts';
import { recording, speak } from '../harness/speech.ts';
import { until } from '../harness/until.ts';
import { Latencies, type Row } from './measure.ts';

const PART = 'relay';
/** A fiftieth of full scale: well above a recording's floor, below any spoken sound. */
const VOICE = 650;
const TRAILING_MS = 6000;

/** The relay engine end to end: from the last spoken sound on the wire until the first sound of the answer arrives. */
export async function relayRows(quick: boolean): Promise<Row[]> {
  const server = await TestServer.start({ WHEELHOUSE_LOG: 'warn' });
  const latencies = new Latencies();
  const words = new Latencies();
  try {
    const person = await server.firstOperator();
    for (let turn = 0; turn < (quick ? 3 : 20); turn += 1) {
      const listener = await Listener.attach(await person.api.openSession({ deployment: 'relay' }));
      const speech = recording('short.wav');
      const ends = lastSound(speech);
      const withSilence = new Int16Array(speech.length + (SAMPLE_RATE * TRAILING_MS) / 1000);
      withSilence.set(speech);
      const endedAt = performance.now() + (ends / SAMPLE_RATE) * 1000;
      const speaking = speak(listener.client, withSilence, 20);
      const audio = await until(
        'sound in reply',
        () => listener.fromEngine.find(({ frame }) => frame.header.kind === 'audio' && isSound(frame.payload)),
        20_000,
      );
      const text = listener.fromEngine.find(({ frame }) => frame.header.kind === 'text');
      latencies.addMs(audio.at - endedAt);
      if (text !== undefined) words.addMs(text.at - endedAt);
      speaking.stop();
      listener.client.end();
      await until('the end', () => listener.closed);
    }
  } finally {
    await server.dispose();
  }
  return [
    {
      part: PART,
      kind: 'spread',
      name: 'end of speech to first sound of the answer',
      unit: 'ms',
      latencies,
      note: 'hearing, deciding that the speaker is done, recognition, synthesis, gate; no goal is set',
    },
    { part: PART, kind: 'spread', name: 'end of speech to first words of the answer', unit: 'ms', latencies: words },
  ];
}

function lastSound(samples: Int16Array): number {
  return samples.findLastIndex((sample) => Math.abs(sample) > VOICE);
}

function isSound(payload: Uint8Array): boolean {
  return new Int16Array(payload.slice().buffer).some((sample) => Math.abs(sample) > VOICE);
}
