import { Webhook } from 'standardwebhooks';

/** What a signed webhook carries besides its body, as Standard Webhooks says: signed with each of the secrets, of which the receiver knows one. */
export function signedHeaders(parts: {
  readonly id: string;
  readonly at: Date;
  readonly body: string;
  readonly secrets: readonly string[];
}): Record<string, string> {
  const { id, at, body, secrets } = parts;
  return {
    'content-type': 'application/json',
    'user-agent': 'Wheelhouse',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  };
}
