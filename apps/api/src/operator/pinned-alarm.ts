import type { Bulletin } from './bulletin.ts';

/** Consoles that connect later have not heard an alarm; it is repeated as long as it is raised. */
const REPEAT_MS = 5000;

/** Raises an alarm that stays until what is returned is called, which says that it is over. */
export function pinAlarm(bulletin: Bulletin, code: string, message: string): (cleared: string) => void {
  const post = () => {
    bulletin.post({ event: 'alarm', data: { code, message, raised: true } }, null);
  };
  post();
  const timer = setInterval(post, REPEAT_MS).unref();
  return (cleared) => {
    clearInterval(timer);
    bulletin.post({ event: 'alarm', data: { code, message: cleared, raised: false } }, null);
  };
}
