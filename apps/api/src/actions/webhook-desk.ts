import { randomUUID } from 'node:crypto';
import { subject } from '@casl/ability';
import { abilitiesOf } from '@wheelhouse/access/abilities';
import { HOUSE_TENANT, type Principal } from '@wheelhouse/protocol/identity';
import {
  OLD_SECRET_HOURS,
  type Webhook,
  type WebhookChange,
  type WebhookDeliveries,
  type WebhookDelivery,
  WebhookEvent,
  type WebhookRequest,
  type WebhookWithSecret,
} from '@wheelhouse/protocol/webhook';
import type { ChannelSecrets } from '../notices/channel-secrets.ts';
import { placeAfter, placeOf } from '../notices/place.ts';
import { whyNot } from '../notices/receiver-address.ts';
import { Refusal } from '../problem/refusal.ts';
import { requireAsk } from './action-rights.ts';
import type { WebhookDeliveryRow, WebhookRecords, WebhookRow } from './webhook-records.ts';

type Parts = {
  readonly records: WebhookRecords;
  readonly secrets: ChannelSecrets;
  /** Has a delivery carried out. */
  readonly enqueue: (delivery: string) => void;
  readonly now: () => Date;
};

const MOST_WEBHOOKS = 20;

/** Addresses that people have decisions sent to, each their own. Keys act for the person who holds them. */
export class WebhookDesk {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async list(by: Principal): Promise<Webhook[]> {
    requireAsk(by, by.tenant);
    return (await this.#parts.records.of(by.person)).map((row) => this.#view(row));
  }

  async make(by: Principal, { url, description }: WebhookRequest): Promise<WebhookWithSecret> {
    requireAsk(by, by.tenant);
    const { records, secrets, now } = this.#parts;
    const inside = mayReachInside(by);
    requireAddress(url, inside);
    if ((await records.of(by.person)).length >= MOST_WEBHOOKS)
      throw new Refusal('conflict', `You have ${MOST_WEBHOOKS} webhooks already. Remove one that is not needed.`);
    const id = randomUUID();
    const made = { createdAt: now(), rotatedAt: null, removedAt: null };
    const endpoint = secrets.seal(id, url);
    const row: WebhookRow = { id, person: by.person, tenant: by.tenant, endpoint, inside, description, enabled: true, secret: 1, ...made };
    await records.put(row);
    return { ...this.#view(row), secret: secretsOf(row, secrets, now())[0] };
  }

  async change(by: Principal, id: string, { url, description, enabled }: WebhookChange): Promise<Webhook> {
    const row = await this.#own(by, id);
    const inside = mayReachInside(by);
    if (url !== undefined) requireAddress(url, inside);
    const changed: WebhookRow = {
      ...row,
      ...(url === undefined ? {} : { endpoint: this.#parts.secrets.seal(id, url), inside }),
      description: description ?? row.description,
      enabled: enabled ?? row.enabled,
    };
    await this.#parts.records.put(changed);
    return this.#view(changed);
  }

  /** Makes its secret anew. For a day deliveries are signed with the old one as well. */
  async rotate(by: Principal, id: string): Promise<WebhookWithSecret> {
    const { records, secrets, now } = this.#parts;
    const row = await this.#own(by, id);
    const rotated: WebhookRow = { ...row, secret: row.secret + 1, rotatedAt: now() };
    await records.put(rotated);
    return { ...this.#view(rotated), secret: secretsOf(rotated, secrets, now())[0] };
  }

  async remove(by: Principal, id: string): Promise<void> {
    const row = await this.#own(by, id);
    await this.#parts.records.put({ ...row, endpoint: '', enabled: false, removedAt: this.#parts.now() });
  }

  /** Sends an event that says that it is a test. Returns the delivery as it begins. */
  async test(by: Principal, id: string): Promise<WebhookDelivery> {
    const row = await this.#own(by, id);
    if (!row.enabled) throw new Refusal('conflict', 'This webhook is switched off.');
    const event: WebhookEvent = { type: 'webhook.test', timestamp: this.#parts.now().toISOString(), data: { id: randomUUID() } };
    return deliveryView(await this.send(id, { id: event.data.id, action: null, event }));
  }

  async deliveries(by: Principal, id: string, { cursor, limit }: { cursor: string | null; limit: number }): Promise<WebhookDeliveries> {
    await this.#own(by, id);
    const rows = await this.#parts.records.deliveries(id, { before: placeOf(cursor), limit: limit + 1 });
    const items = rows.slice(0, limit);
    return { items: items.map(deliveryView), next: placeAfter(items, rows.length > limit) };
  }

  /** Refuses for an id that is no webhook of this caller's. */
  readonly requireOwn = async (by: Principal, id: string): Promise<void> => {
    await this.#own(by, id);
  };

  /** Sends an event to a webhook. The same delivery id again sends nothing. */
  async send(
    webhook: string,
    { id, action, event }: { id: string; action: string | null; event: WebhookEvent },
  ): Promise<WebhookDeliveryRow> {
    const at = this.#parts.now();
    const untried = { state: 'waiting', attempts: 0, lastAt: null, lastError: null } as const;
    const body = JSON.stringify(WebhookEvent.parse(event));
    const delivery: WebhookDeliveryRow = { id, webhook, action, body, ...untried, createdAt: at, nextAt: at };
    if (await this.#parts.records.addDelivery(delivery)) this.#parts.enqueue(id);
    return delivery;
  }

  async #own(by: Principal, id: string): Promise<WebhookRow> {
    requireAsk(by, by.tenant);
    const row = await this.#parts.records.get(id);
    if (row === null || row.removedAt !== null || row.person !== by.person || row.tenant !== by.tenant)
      throw new Refusal('not_found', `You have no webhook ${id}. GET /v1/webhooks lists yours.`);
    return row;
  }

  #view({ id, endpoint, description, enabled, createdAt, rotatedAt }: WebhookRow): Webhook {
    const opened = this.#parts.secrets.openOrNull(id, endpoint);
    const times = { createdAt: createdAt.toISOString(), rotatedAt: rotatedAt?.toISOString() ?? null };
    return { id, url: shownAddress(opened), description, enabled, ...times };
  }
}

/** The secrets that a delivery is signed with at this time: the one in use, and for a day after it was made anew the one before. */
export function secretsOf({ id, secret, rotatedAt }: WebhookRow, secrets: ChannelSecrets, now: Date): [string, ...string[]] {
  const named = (number: number) => secrets.signingSecret(`webhook ${id} ${number}`);
  const isFresh = rotatedAt !== null && now.getTime() - rotatedAt.getTime() < OLD_SECRET_HOURS * 3_600_000;
  return isFresh ? [named(secret), named(secret - 1)] : [named(secret)];
}

/** The house's own network is for its administrators, who sign in as themselves: a key that leaks must not be a way in. */
function mayReachInside(by: Principal): boolean {
  return by.kind === 'person' && abilitiesOf(by).can('manage', subject('NoticeChannel', { tenant: HOUSE_TENANT }));
}

function requireAddress(url: string, inside: boolean): void {
  const refused = whyNot(url, inside ? 'anywhere' : 'public');
  if (refused !== null) throw new Refusal('malformed', `The address ${refused}.`, [{ path: 'url', message: refused }]);
}

function shownAddress(opened: string | null): string {
  if (opened === null) return 'not readable with the secret of this data folder: set it anew';
  const { origin, pathname, search } = new URL(opened);
  return `${origin}${pathname}${search === '' ? '' : '?…'}`;
}

function deliveryView({ id, action, state, attempts, lastError, ...row }: WebhookDeliveryRow): WebhookDelivery {
  const times = {
    createdAt: row.createdAt.toISOString(),
    lastAt: row.lastAt?.toISOString() ?? null,
    nextAt: row.nextAt?.toISOString() ?? null,
  };
  return { id, type: action === null ? 'webhook.test' : 'action.decided', action, state, attempts, lastError, ...times };
}
