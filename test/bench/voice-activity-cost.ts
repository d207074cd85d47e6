import path from 'node:path';
import { createVoiceActivity, WINDOW_SAMPLES } from '@wheelhouse/engine/voice-activity';
import { loadWeights } from '@wheelhouse/engine/weights-store';
import { SAMPLE_RATE, TICK_SAMPLES } from '@wheelhouse/protocol/tick';
import { recording } from '../harness/speech.ts';
import { Latencies, type Row } from './measure.ts';

const MODELS = path.resolve(import.meta.dirname, '../../.wheelhouse/models');
const PART = 'vad';
const WINDOWS_A_SECOND = SAMPLE_RATE / WINDOW_SAMPLES;

/** What batched voice activity costs: so many sessions hand in their tick in the same turn, as sessions of one phase of the wheel do. */
export async function voiceActivityRows(quick: boolean): Promise<Row[]> {
  const activity = await createVoiceActivity(await loadWeights(MODELS, 'silero-vad')).catch((error: unknown) => String(error));
  if (typeof activity === 'string') return [{ part: PART, kind: 'absent', name: 'voice activity', why: activity }];
  const speech = recording('refund.wav');
  const rows: Row[] = [];
  for (const size of [1, 32]) {
    const streams = Array.from({ length: size }, () => activity.open());
    const perWindow = new Latencies();
    let cpuUs = 0;
    let windows = 0;
    let turn = 0;
    const end = performance.now() + (quick ? 2500 : 10_000);
    while (performance.now() < end) {
      const from = (turn * TICK_SAMPLES) % (speech.length - TICK_SAMPLES);
      turn += 1;
      const before = process.cpuUsage();
      const found = await Promise.all(
        streams.map((stream, i) =>
          stream.push(speech.subarray((from + i * 160) % (speech.length - TICK_SAMPLES)).subarray(0, TICK_SAMPLES)),
        ),
      );
      const { user, system } = process.cpuUsage(before);
      const some = found.reduce((sum, { length }) => sum + length, 0);
      if (turn <= 5) continue;
      perWindow.addMs((user + system) / some / 1000);
      cpuUs += user + system;
      windows += some;
    }
    rows.push({
      part: PART,
      kind: 'spread',
      name: `CPU for a window of 32 ms, ${size === 1 ? 'one session' : `${size} sessions in a batch`}`,
      unit: 'us',
      latencies: perWindow,
    });
    if (size > 1)
      rows.push({
        part: PART,
        kind: 'figure',
        name: 'sessions one core carries with batched voice activity',
        unit: 'sessions',
        value: Math.round(1e6 / ((cpuUs / windows) * WINDOWS_A_SECOND)),
        n: windows,
        goals: { least: 300 },
        note: 'extrapolated from CPU time a window; voice activity alone',
      });
  }
  return rows;
}
