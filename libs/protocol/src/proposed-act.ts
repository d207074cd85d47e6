import { z } from 'zod';
import { CharterId, Digest } from './charter.ts';
import { LONGEST_BUNDLE } from './policy.ts';
import { plainText } from './text.ts';

/** A charter's text is kept in one entry of the ledger, which holds 65,535 bytes. */
export const LONGEST_CHARTER = 40_000;

const Latch = z.uuid();

/** An action that somebody asked for and that takes votes: its id, the name of the fine-tune or deployment, and the digest of exactly what would be done. */
const asked = { action: z.uuid(), name: z.string().min(1).max(200), digest: Digest };

/** What a proposal would do, exactly: `power` is the power that it takes, the rest is what it is done to. No typed words but a charter's. */
export const ProposedAct = z.discriminatedUnion('power', [
  /** Releases the latch that order `latch` left. */
  z.strictObject({ power: z.literal('latch.release'), latch: Latch }),
  /** Releases a latch of kind `level`, so that sessions may run at a higher level again. */
  z.strictObject({ power: z.literal('level.raise'), latch: Latch }),
  /** Puts another charter in force: its whole text. */
  z.strictObject({ power: z.literal('charter.amend'), text: plainText(LONGEST_CHARTER).min(1) }),
  /** Gives a seat to somebody, with these alternates and this term (ISO 8601 UTC; null: no end), until the charter is amended. */
  z.strictObject({
    power: z.literal('seat.change'),
    seat: CharterId,
    holder: CharterId.nullable(),
    alternates: z.array(CharterId).max(20),
    term: z.strictObject({ from: z.iso.datetime(), until: z.iso.datetime() }).nullable(),
  }),
  /** Takes a seat from its holder. */
  z.strictObject({ power: z.literal('seat.recall'), seat: CharterId }),
  /** Closes the review that a break glass opened. */
  z.strictObject({ power: z.literal('break_glass.review'), glass: z.uuid() }),
  /**
   * `voting_key`: lets somebody who lost the passkeys that they sign votes with enrol another; the old ones stop counting. `administrator`:
   * gives somebody who is here that role.
   */
  z.strictObject({ power: z.literal('access.grant'), person: CharterId, grant: z.enum(['voting_key', 'administrator']) }),
  /** Puts a new key in the place of one of the installation's own. `master`: the key that data subjects' keys are wrapped by. */
  z.strictObject({ power: z.literal('key.rotate'), key: z.literal('master') }),
  /** Lets a fine-tune be made, or a deployment be promoted, by whoever asked: Wheelhouse itself does neither. */
  z.strictObject({ power: z.literal('finetune.create'), ...asked }),
  z.strictObject({ power: z.literal('deployment.promote'), ...asked }),
  /** Makes an export that shows everything. */
  z.strictObject({
    power: z.literal('record.export'),
    format: z.string().max(20),
    report: z.string().max(40).nullable(),
    profile: z.string().max(20),
    filter: z.record(z.string(), z.json()),
  }),
  /** Puts another policy bundle in force: the canonical rendering of a `PolicyBundle`, and its digest. */
  z.strictObject({ power: z.literal('policy.change'), bundle: z.string().max(80), text: plainText(LONGEST_BUNDLE).min(1) }),
  /** Destroys the key of a data subject, so that nothing kept about that person can be read any more. */
  z.strictObject({ power: z.literal('record.erase'), subject: plainText(200).min(1) }),
]);
export type ProposedAct = z.infer<typeof ProposedAct>;

/**
 * What the proposer and every voter were shown of what will happen, and what they sign besides the act itself. Written by the server, from
 * facts of the moment: lines in words, and the sessions and deployments that it reaches (the first 100 of each, with how many there are).
 */
export const Preview = z.strictObject({
  title: z.string().max(300),
  lines: z.array(z.string().max(500)).max(50),
  sessions: z.strictObject({ count: z.number().int().min(0), first: z.array(z.uuid()).max(100) }),
  deployments: z.strictObject({ count: z.number().int().min(0), first: z.array(z.string()).max(100) }),
});
export type Preview = z.infer<typeof Preview>;

const base64url = z.string().regex(/^[A-Za-z0-9_-]{1,8000}$/, 'base64url without padding');

/** A WebAuthn assertion, as the authenticator made it (W3C Web Authentication Level 3, section 5.2.2); each part in base64url. */
export const Signed = z.strictObject({
  /** The passkey's id. */
  credential: base64url,
  authenticatorData: base64url,
  clientData: base64url,
  signature: base64url,
});
export type Signed = z.infer<typeof Signed>;

/** Powers that a glass can be broken for, with what is done. Only acts that can be taken back when the time box ends. */
export const EmergencyAct = z.discriminatedUnion('power', [
  z.strictObject({ power: z.literal('latch.release'), latch: Latch }),
  z.strictObject({ power: z.literal('level.raise'), latch: Latch }),
]);
export type EmergencyAct = z.infer<typeof EmergencyAct>;
