import { useQueryClient } from '@tanstack/react-query';
import { Track } from '@wheelhouse/protocol/content';
import { useState } from 'react';
import { z } from 'zod';
import { ProblemNote } from '../shell/problem-note.tsx';

const Which = z.union([z.literal('both'), Track]);
const TRACKS: Readonly<Record<z.infer<typeof Which>, string>> = {
  both: 'Both: client left, engine right',
  in: 'What the client sent',
  out: 'What the client heard',
};

/** Plays a session as it streams in. Nothing is fetched before somebody presses play: fetching is listening, and is recorded. */
export function Player({ session }: { session: string }) {
  const queries = useQueryClient();
  const [which, setWhich] = useState<z.infer<typeof Which>>('both');
  const [failed, setFailed] = useState<string | null>(null);
  return (
    <div className="player">
      <select
        aria-label="Track"
        data-testid="recording-track"
        value={which}
        onChange={(event) => {
          setFailed(null);
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
