const BARS = 24;

/** A level as a row of bars: bare shapes with a number for those who cannot see them, and no inline style (content security policy). */
export function LevelMeter({ name, level }: { name: string; level: number }) {
  const lit = Math.round(Math.sqrt(Math.min(1, level)) * BARS);
  return (
    <div
      className="level-meter"
      role="meter"
      aria-label={`Level ${name.toLowerCase()}`}
      aria-valuemin={0}
      aria-valuemax={BARS}
      aria-valuenow={lit}
    >
      <span>{name}</span>
      <svg viewBox={`0 0 ${BARS * 8} 14`} preserveAspectRatio="none" aria-hidden="true">
        {Array.from({ length: BARS }, (_, i) => (
          <rect key={i} x={i * 8} width={6} height={14} rx={1} className={i < lit ? 'lit' : ''} />
        ))}
      </svg>
    </div>
  );
}
