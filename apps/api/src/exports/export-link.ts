import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Actor } from '@wheelhouse/protocol/identity';
import { Actor as ActorShape } from '@wheelhouse/protocol/identity';
import { z } from 'zod';

/** The part of a link's address that says what it opens, until when (milliseconds since 1970), and to whom it was given. */
export type LinkClaims = { readonly export: string; readonly until: number; readonly to: Actor };

export const LinkQuery = z.object({
  until: z.string().regex(/^\d{1,15}$/),
  to: z.string().max(1000),
  sig: z.string().max(100),
});

/** Signs links, and knows its own again. Whoever has one needs nothing else, so each opens one export and ends soon. */
export class LinkSigner {
  readonly #key: Buffer;

  constructor(secret: string) {
    this.#key = createHmac('sha256', secret).update('wheelhouse export links, version 1').digest();
  }

  /** The query of a link's address. */
  sign(claims: LinkClaims): string {
    const to = Buffer.from(JSON.stringify(claims.to)).toString('base64url');
    const sig = this.#mac(claims.export, String(claims.until), to).toString('base64url');
    return new URLSearchParams({ until: String(claims.until), to, sig }).toString();
  }

  /** What a link claims, when it is one of ours; null otherwise. Whether it has ended is for the caller. */
  open(id: string, query: unknown): LinkClaims | null {
    const parsed = LinkQuery.safeParse(query);
    if (!parsed.success) return null;
    const { until, to, sig } = parsed.data;
    const given = Buffer.from(sig, 'base64url');
    const own = this.#mac(id, until, to);
    if (given.length !== own.length || !timingSafeEqual(given, own)) return null;
    const actor = ActorShape.safeParse(JSON.parse(Buffer.from(to, 'base64url').toString('utf8')));
    return actor.success ? { export: id, until: Number(until), to: actor.data } : null;
  }

  /** The parts are of alphabets without a line feed, so no two links have the same text. */
  #mac(id: string, until: string, to: string): Buffer {
    return createHmac('sha256', this.#key).update(`${id}\n${until}\n${to}`).digest();
  }
}
