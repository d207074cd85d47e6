import { TICK_MS } from '@wheelhouse/protocol/tick';
import { useEffect, useState } from 'react';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useVideo } from './use-video.ts';
import { clockOf, isStale, sightInWords } from './video-pages.ts';

/** How the video is moved: to where the sound is, or by hand. */
type Moved = { readonly atMs: number; readonly onSeek: (atMs: number) => void };
type Shown = Moved & { readonly session: string; readonly lengthMs: number; readonly hasSound: boolean };

/** What the client showed to the engine, at the moment that is played. Nothing is fetched before somebody asks to look: looking is recorded. */
export function Video(props: Shown) {
  const [isOpen, setOpen] = useState(false);
  const { session, lengthMs, hasSound, atMs, onSeek } = props;
  if (!isOpen)
    return (
      <button
        type="button"
        data-testid="look-at-video"
        onClick={() => {
          setOpen(true);
        }}
      >
        Look at the video
      </button>
    );
  return (
    <div className="video">
      <Picture session={session} atMs={atMs} lengthMs={lengthMs} />
      <div className="video-line">
        {!hasSound && <PlayWithoutSound atMs={atMs} lengthMs={lengthMs} onSeek={onSeek} />}
        <input
          type="range"
          aria-label="Moment of the video"
          aria-valuetext={clockOf(atMs)}
          data-testid="video-moment"
          min={0}
          max={Math.max(0, lengthMs - TICK_MS)}
          step={TICK_MS}
          value={atMs}
          onChange={(event) => {
            onSeek(event.currentTarget.valueAsNumber);
          }}
        />
        <span className="soft">{clockOf(atMs)}</span>
        <a href={`/v1/sessions/${session}/video.mkv`} download>
          Download
        </a>
      </div>
    </div>
  );
}

function Picture({ session, atMs, lengthMs }: { session: string; atMs: number; lengthMs: number }) {
  const { sight, error } = useVideo({ session, atMs, lengthMs, isOpen: true });
  const { seen } = sight;
  const words = sightInWords(sight, atMs);
  return (
    <figure>
      {seen !== null && (
        <img
          src={`data:image/jpeg;base64,${seen.jpeg ?? ''}`}
          alt={words}
          className={isStale(seen, atMs) ? 'stale' : ''}
          data-testid="video-picture"
          data-at={seen.atMs}
        />
      )}
      <figcaption className="soft" data-testid="video-words">
        {words}
      </figcaption>
      <ProblemNote error={error} />
    </figure>
  );
}

/** Of a session without sound, the video runs by itself, a tick at a time. */
function PlayWithoutSound({ atMs, lengthMs, onSeek }: Moved & { lengthMs: number }) {
  const [isOn, setOn] = useState(false);
  const next = atMs + TICK_MS;
  const isOver = next >= lengthMs;
  useEffect(() => {
    if (!isOn || isOver) return;
    const timer = setTimeout(() => {
      onSeek(next);
    }, TICK_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [isOn, isOver, next, onSeek]);
  return (
    <button
      type="button"
      data-testid="video-play"
      onClick={() => {
        setOn(!isOn);
      }}
    >
      {isOn && !isOver ? 'Pause' : 'Play'}
    </button>
  );
}
