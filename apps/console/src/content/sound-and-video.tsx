import { TICK_MS } from '@wheelhouse/protocol/tick';
import { useCallback, useRef, useState } from 'react';
import { Player } from './player.tsx';
import { Video } from './video.tsx';

type Of = { readonly session: string; readonly lengthMs: number; readonly has: { readonly sound: boolean; readonly video: boolean } };

/** The sound of a session and its video, both on the session's clock: the video goes where the sound is. */
export function SoundAndVideo({ session, lengthMs, has }: Of) {
  const sound = useRef<HTMLAudioElement | null>(null);
  const [atMs, setAtMs] = useState(0);
  const onMoment = useCallback((ms: number) => {
    // Browsers count in fractions of a second: a moment that was sought for comes back as a hair less.
    setAtMs(Math.floor((ms + 1) / TICK_MS) * TICK_MS);
  }, []);
  const onSeek = useCallback(
    (ms: number) => {
      setAtMs(ms);
      if (sound.current !== null) follow(sound.current, ms / 1000);
    },
    [sound],
  );
  return (
    <>
      {has.sound && <Player session={session} sound={sound} onMoment={onMoment} />}
      {has.video && <Video session={session} lengthMs={lengthMs} hasSound={has.sound} atMs={atMs} onSeek={onSeek} />}
    </>
  );
}

/** The sound follows where it can be sought in. Elsewhere it stays where it is and waits: most browsers can't seek in what came without ranges. */
function follow(sound: HTMLAudioElement, seconds: number): void {
  const { seekable } = sound;
  const isSeekable = Array.from({ length: seekable.length }, (_, i) => i).some(
    (i) => seekable.start(i) <= seconds && seconds < seekable.end(i),
  );
  if (isSeekable) sound.currentTime = seconds;
  else sound.pause();
}
