import { z } from 'zod';

/** Where the upstream is and how it is spoken to. The key goes to the upstream in the handshake and nowhere else. */
export const UpstreamSettings = z.strictObject({
  /** ws: or wss:, with the path, such as wss://host/v1/realtime. */
  url: z.url({ protocol: /^wss?$/ }),
  model: z.string().min(1).max(200),
  /** Null: none is asked for, as with a server of one's own. */
  key: z.string().min(1).max(4096).nullable(),
  /** Certificates (PEM) that are trusted besides none other; null: those that Node trusts. */
  ca: z.string().max(200_000).nullable(),
  /** The model that writes down what the person says; null asks for none. */
  transcription: z.string().min(1).max(200).nullable(),
});
export type UpstreamSettings = z.infer<typeof UpstreamSettings>;

/** The upstream's words for an operator: without the key (or anything that looks like one), on one line, and short. */
export function plainWords(words: string, { key, url }: Pick<UpstreamSettings, 'key' | 'url'>): string {
  const query = new URL(url).search;
  let text = words;
  for (const secret of [key, query.length > 1 ? query.slice(1) : null]) if (secret !== null) text = text.replaceAll(secret, '[secret]');
  return text
    .replaceAll(/\b(?:sk|ek|wh)[-_][\w-]{8,}/g, '[secret]')
    .replaceAll(/\bbearer\s+\S+/gi, 'Bearer [secret]')
    .replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .slice(0, 500);
}
