import { z } from 'zod';
import { seal, unseal } from './ticket.ts';

/** What lets a supervisor through the door of any stream thread; the control thread then sees to it that it is used once. */
export const SupervisorPass = z.strictObject({
  supervision: z.uuid(),
  supervises: z.uuid(),
  /** Milliseconds of the shared clock. */
  until: z.number(),
});
export type SupervisorPass = z.infer<typeof SupervisorPass>;

export function sealPass(pass: SupervisorPass, key: Uint8Array): string {
  return seal(pass, key);
}

/** The pass in `sealed`, or null when it was not sealed by this server or has run out. */
export function openPass(sealed: string, key: Uint8Array, now: number): SupervisorPass | null {
  const parsed = SupervisorPass.safeParse(unseal(sealed, key));
  return parsed.success && now < parsed.data.until ? parsed.data : null;
}
