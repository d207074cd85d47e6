import { z } from 'zod';
import { plainText } from './text.ts';

export const ROLES = ['operator', 'reviewer', 'developer', 'administrator'] as const;
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;

/** What an API key may be used for. A key never confirms a release and never votes. */
export const KEY_SCOPES = [
  'sessions:open',
  'sessions:read',
  'orders:give',
  'ledger:read',
  'proposals:open',
  'actions:ask',
  'policy:read',
] as const;
export const KeyScope = z.enum(KEY_SCOPES);
export type KeyScope = z.infer<typeof KeyScope>;

/** Who acts: a person who signed in, an API key, or Wheelhouse itself. `person` names the person who holds the key. */
export const Actor = z.strictObject({
  kind: z.enum(['person', 'key', 'system']),
  id: z.string().min(1).max(200),
  role: z.string().min(1).max(40),
  person: z.string().min(1).max(200).optional(),
  /** The seat that a vote, a handover or a break glass was for. */
  seat: z.string().min(1).max(100).optional(),
});
export type Actor = z.infer<typeof Actor>;

/** An authenticated caller. `keyScopes` is present for API keys only and narrows what the role allows. */
export const Principal = z.strictObject({
  kind: z.enum(['person', 'key']),
  id: z.string(),
  name: z.string(),
  role: Role,
  tenant: z.string(),
  /** The person who acts: oneself, or the holder of the key. */
  person: z.string(),
  keyScopes: z.array(KeyScope).optional(),
});
export type Principal = z.infer<typeof Principal>;

/** The tenant of the house: those who run this installation. Its people may give orders that cover every tenant. */
export const HOUSE_TENANT = 'house';

/** `GET /v1/me`. `streamUrl`: where sessions are attached to, as clients reach it; the other protocols are beside it on the same port. */
export const Me = z.object({ principal: Principal, hasPassword: z.boolean(), passkeys: z.number().int(), streamUrl: z.url() });
export type Me = z.infer<typeof Me>;

/** `POST /v1/people`: invites a person; the answer carries a one-time link to hand over. */
export const InviteRequest = z.strictObject({
  name: plainText(120).min(1),
  email: z.email().max(200),
  role: Role,
  tenant: plainText(80).min(1).optional(),
});
export type InviteRequest = z.infer<typeof InviteRequest>;
export const Invite = z.object({ person: z.string(), link: z.url(), expiresAt: z.iso.datetime() });
export type Invite = z.infer<typeof Invite>;

export const Person = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: Role,
  tenant: z.string(),
  createdAt: z.iso.datetime(),
});
export type Person = z.infer<typeof Person>;

/** `POST /v1/keys`: issues an API key; `key` is shown this once. */
export const KeyRequest = z.strictObject({
  name: plainText(120).min(1),
  scopes: z.array(KeyScope).min(1),
  expiresInDays: z.number().int().min(1).max(365).default(90),
});
export type KeyRequest = z.infer<typeof KeyRequest>;
/** `replaced`: another key has taken its place, and it ends when the overlap is over (`expiresAt`). */
export const ApiKey = z.object({
  id: z.string(),
  name: z.string(),
  start: z.string().nullable(),
  scopes: z.array(KeyScope),
  expiresAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
  replaced: z.boolean(),
});
export type ApiKey = z.infer<typeof ApiKey>;
export const IssuedKey = ApiKey.extend({ key: z.string() });
export type IssuedKey = z.infer<typeof IssuedKey>;

/** The longest that a key may go on beside the one that takes its place: a week, in seconds. */
export const LONGEST_OVERLAP = 604_800;

/**
 * `POST /v1/keys/:id/rotate`: a new key with the name and scopes of one's old one, which goes on for so long. Without `expiresInDays` the new
 * one lasts as long as the old one was made for.
 */
export const KeyRotation = z.strictObject({
  overlapSeconds: z.number().int().min(0).max(LONGEST_OVERLAP).default(86_400),
  expiresInDays: KeyRequest.shape.expiresInDays.unwrap().optional(),
});
export type KeyRotation = z.infer<typeof KeyRotation>;
/** `replaces`: the old key, and when it ends. */
export const RotatedKey = IssuedKey.extend({ replaces: z.object({ id: z.string(), endsAt: z.iso.datetime() }) });
export type RotatedKey = z.infer<typeof RotatedKey>;
