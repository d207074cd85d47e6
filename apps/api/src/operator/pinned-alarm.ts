import type { Bulletin } from './bulletin.ts';

/** Consoles that connect later have not heard an alarm; it is repeated as long as it is raised. */
const REPEAT_MS = 5000;

/** Raises an alarm that stays until the server ends: what it names cannot be mended while it runs. */
export function pinAlarm(bulletin: Bulletin, code: string, message: string): void {
  const post = () => {
    bulletin.post({ event: 'alarm', data: { code, message, raised: true } }, null);
  };
  post();
  setInterval(post, REPEAT_MS).unref();
}
