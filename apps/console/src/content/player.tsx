import { useQueryClient } from '@tanstack/react-query';
import { Track } from '@wheelhouse/protocol/content';
import { type RefObject, useEffect, useState } from 'react';
import { z } from 'zod';
import { ProblemNote } from '../shell/problem-note.tsx';

const Which = z.union([z.literal('both'), Track]);
const TRACKS: Readonly<Record<z.infer<typeof Which>, string>> = {
  both: 'Both: client left, engine right',
  in: 'What the client sent',
  out: 'What the client heard',
};

/** How often it is said where the sound is: at least once in the 200 ms of a tick. */
const TOLD_EVERY_MS = 100;

/**
 * Plays a session as it streams in. Nothing is fetched before somebody presses play: fetching is listening, and is recorded. `onMoment`: where the sound
 * is, in milliseconds of the session, told while it plays.
 */
export function Player({
  session,
  sound,
  onMoment,
}: {
  session: string;
  sound: RefObject<HTMLAudioElement | null>;
  onMoment: (atMs: number) => void;
}) {
  const queries = useQueryClient();
  const [which, setWhich] = useState<z.infer<typeof Which>>('both');
  const [failed, setFailed] = useState<string | null>(null);
  const [isPlaying, setPlaying] = useState(false);
  useEffect(() => {
    if (!isPlaying) return;
    const timer = setInterval(() => {
      if (sound.current !== null) onMoment(sound.current.currentTime * 1000);
    }, TOLD_EVERY_MS);
    return () => {
      clearInterval(timer);
    };
  }, [isPlaying, onMoment, sound]);
  return (
    <div className="player">
      <select
        aria-label="Track"
        data-testid="recording-track"
        value={which}
        onChange={(event) => {
          setFailed(null);
          setPlaying(false);
          setWhich(Which.parse(event.currentTarget.value));
        }}
      >
        {(['both', ...Track.options] as const).map((track) => (
          <option key={track} value={track}>
            {TRACKS[track]}
          </option>
        ))}
      </select>
      <audio
        key={which}
        ref={sound}
        onPlay={() => {
          setPlaying(true);
        }}
        onPause={() => {
          setPlaying(false);
        }}
        onSeeked={({ currentTarget }) => {
          onMoment(currentTarget.currentTime * 1000);
        }}
        controls
        preload="none"
        aria-label="Sound of the session"
        data-testid="recording-audio"
        src={`/v1/sessions/${session}/recording.wav?track=${which}`}
        onError={() => {
          setFailed('This cannot be played: it was altered, it is gone, or the ledger cannot take down that you listen.');
          void queries.invalidateQueries({ queryKey: ['content', session] });
        }}
      />
      <ProblemNote error={failed} />
    </div>
  );
}
