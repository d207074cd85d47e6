import { memo } from 'react';
import { METER_HISTORY } from '../live/meter.ts';

const WIDTH = 78;
const HEIGHT = 18;

/** The last seconds of a level as a line. `0..1` is drawn on a root scale: speech is quiet most of the time. */
export const Sparkline = memo(function Sparkline({ past, label }: { past: readonly number[]; label: string }) {
  const step = WIDTH / (METER_HISTORY - 1);
  const from = METER_HISTORY - past.length;
  const points = past
    .map((level, i) => `${((from + i) * step).toFixed(1)},${(HEIGHT - 1 - Math.sqrt(Math.min(1, level)) * (HEIGHT - 2)).toFixed(1)}`)
    .join(' ');
  return (
    <svg className="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} role="img" aria-label={label}>
      <polyline points={points} />
    </svg>
  );
});
