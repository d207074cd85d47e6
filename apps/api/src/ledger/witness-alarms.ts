import type { Bulletin } from '../operator/bulletin.ts';
import type { WitnessAlarms } from './witness-desk.ts';

/** Consoles that connect later have not heard an alarm; it is repeated as long as it is raised. */
const REPEAT_MS = 5000;
const CLEARED = {
  witness_missing: 'Enough witnesses cosign again.',
  fork_suspected: 'Every witness that suspected a fork of the ledger has cosigned it again.',
} as const;

/** Pins the witnesses' alarms to the bulletin: when raised, again every few seconds, and once when cleared. */
export function witnessAlarms(bulletin: Bulletin, now: () => number): WitnessAlarms {
  const saidAt = new Map<keyof typeof CLEARED, number>();
  return (alarms) => {
    for (const code of ['witness_missing', 'fork_suspected'] as const) {
      const message = alarms[code];
      const last = saidAt.get(code);
      if (message === null) {
        if (saidAt.delete(code)) bulletin.post({ event: 'alarm', data: { code, message: CLEARED[code], raised: false } }, null);
      } else if (last === undefined || now() - last > REPEAT_MS) {
        saidAt.set(code, now());
        bulletin.post({ event: 'alarm', data: { code, message, raised: true } }, null);
      }
    }
  };
}
