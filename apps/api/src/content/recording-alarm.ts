import type { Bulletin } from '../operator/bulletin.ts';
import { pinAlarm } from '../operator/pinned-alarm.ts';

/** Tells operators that recordings have holes from now on, and when they have no more. */
export function recordingAlarm(bulletin: Bulletin): (isBehind: boolean) => void {
  let clear: ((message: string) => void) | null = null;
  return (isBehind) => {
    if (isBehind) {
      clear ??= pinAlarm(
        bulletin,
        'recording_behind',
        'The database does not keep up with what is recorded: pieces are left out, and their holes are named in the recordings. Sessions go on.',
      );
    } else {
      clear?.('What is recorded is stored again as it comes.');
      clear = null;
    }
  };
}
