import { createHmac, timingSafeEqual } from 'node:crypto';
import { Recordable } from '@wheelhouse/protocol/content';
import { EngineKind } from '@wheelhouse/protocol/session';
import { z } from 'zod';

export const TICKET_VALID_MS = 30_000;

/** What a stream thread needs to take a session up, sealed by the control thread. `number` makes the ticket good for one connection. */
export const Ticket = z.strictObject({
  session: z.uuid(),
  slot: z.number().int(),
  number: z.number().int(),
  engine: EngineKind,
  tenant: z.string(),
  deployment: z.string(),
  model: z.string(),
  fromTick: z.number().int(),
  /** What of it is recorded. */
  recorded: z.array(Recordable),
  /** Head of the session's tick chain, base64. */
  head: z.string(),
  /** Milliseconds of the shared clock. */
  until: z.number(),
});
export type Ticket = z.infer<typeof Ticket>;

export function sealTicket(ticket: Ticket, key: Uint8Array): string {
  return seal(ticket, key);
}

/** The ticket in `sealed`, or null when it was not sealed by this server or has run out. */
export function openTicket(sealed: string, key: Uint8Array, now: number): Ticket | null {
  const parsed = Ticket.safeParse(unseal(sealed, key));
  return parsed.success && now < parsed.data.until ? parsed.data : null;
}

/** Anything that a stream thread has to believe, with the mark of this server's key. */
export function seal(ticket: object, key: Uint8Array): string {
  const body = Buffer.from(JSON.stringify(ticket)).toString('base64url');
  return `${body}.${mac(body, key).toString('base64url')}`;
}

/** What was sealed with this key; null for anything else. */
export function unseal(sealed: string, key: Uint8Array): unknown {
  const [body, mark] = sealed.split('.');
  if (body === undefined || mark === undefined) return null;
  const given = Buffer.from(mark, 'base64url');
  const right = mac(body, key);
  if (given.length !== right.length || !timingSafeEqual(given, right)) return null;
  return JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
}

function mac(body: string, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(body).digest();
}
