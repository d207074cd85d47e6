import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '@wheelhouse/sdk/api-client';
import { Listener } from './listener.ts';
import { speak, tone } from './speech.ts';
import { until } from './until.ts';

export type Member = { readonly id: string; readonly listener: Awaited<ReturnType<typeof Listener.attach>>; readonly hush: () => void };

/** Made once: a sine of some minutes takes long enough to starve a crowd's sockets. */
const HUM = tone(180_000);

/** A session on the echo engine that hears a tone for minutes, and so sends sound in every tick. */
export async function humming(api: ApiClient, request: { deployment?: string; level?: 1 | 2 | 3 | 4 | 5 } = {}): Promise<Member> {
  const attachment = await api.openSession({ deployment: 'echo', ...request });
  const listener = await Listener.attach(attachment);
  const speech = speak(listener.client, HUM, 200);
  return { id: attachment.session.id, listener, hush: speech.stop };
}

/** Waits until sound comes back. */
export function hums({ listener }: Member, from = listener.lastSequence): Promise<number> {
  return until('sound from the engine', () => (listener.lastSequence > from + 1 ? listener.lastSequence : null));
}

/** Watches for `ms` that no engine frame arrives beyond `last`. */
export async function staysSilent({ listener }: Member, last: number, ms = 1200): Promise<void> {
  await pause(ms);
  if (listener.lastSequence > last) throw new Error(`frame ${listener.lastSequence} arrived after ${last} was the last`);
}
