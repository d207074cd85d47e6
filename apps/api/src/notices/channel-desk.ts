import { randomUUID } from 'node:crypto';
import { subject } from '@casl/ability';
import { abilitiesOf } from '@wheelhouse/access/abilities';
import { HOUSE_TENANT, type Principal } from '@wheelhouse/protocol/identity';
import type { Deliveries, Delivery, HouseChannel, HouseChannelRequest, MadeHouseChannel } from '@wheelhouse/protocol/notice';
import { Refusal } from '../problem/refusal.ts';
import type { ChannelSecrets } from './channel-secrets.ts';
import type { Outbox } from './outbox.ts';
import { removed } from './own-channel-desk.ts';
import { placeAfter, placeOf } from './place.ts';
import { whyNot } from './receiver-address.ts';
import type { ChannelRecords, ChannelRow, DeliveryRecords, DeliveryRow, NoticeRow } from './records.ts';

export type ChannelDeskParts = {
  readonly channels: ChannelRecords;
  readonly deliveries: Pick<DeliveryRecords, 'page'>;
  readonly outbox: Outbox;
  readonly secrets: ChannelSecrets;
  readonly nameOf: (person: string) => string;
  readonly now: () => Date;
};

const MOST_CHANNELS = 50;
const TEST_TITLE = 'This is a test: notices arrive here.';

/** The house's channels (Slack, webhooks), tests of channels, and what became of deliveries. */
export class ChannelDesk {
  readonly #parts: ChannelDeskParts;

  constructor(parts: ChannelDeskParts) {
    this.#parts = parts;
  }

  async list(by: Principal): Promise<HouseChannel[]> {
    requireManage(by);
    return (await this.#house()).map((channel) => this.#view(channel));
  }

  /** Makes a channel. The answer has the secret that a webhook is signed with; no other does. */
  async make(by: Principal, { kind, url, kinds }: HouseChannelRequest): Promise<MadeHouseChannel> {
    requireManage(by);
    const refused = whyNot(url, 'anywhere');
    if (refused !== null) throw new Refusal('malformed', `The address ${refused}.`, [{ path: 'url', message: refused }]);
    const { channels, secrets, now } = this.#parts;
    if ((await this.#house()).length >= MOST_CHANNELS)
      throw new Refusal('conflict', `There are ${MOST_CHANNELS} channels already. Remove one that is not needed.`);
    const id = randomUUID();
    const rest = { enabled: true, createdBy: by.person, createdAt: now(), removedAt: null };
    const channel: ChannelRow = { id, kind, person: null, endpoint: secrets.seal(id, url), kinds: [...new Set(kinds)], ...rest };
    await channels.put(channel);
    return { ...this.#view(channel), secret: kind === 'webhook' ? secrets.signingSecret(id) : null };
  }

  async remove(by: Principal, id: string): Promise<void> {
    requireManage(by);
    const channel = (await this.#house()).find((one) => one.id === id);
    if (channel === undefined) throw new Refusal('not_found', `The house has no channel ${id}.`);
    await this.#parts.channels.put(removed(channel, this.#parts.now()));
  }

  /** What left by a channel, newest first: of one of the house's, everything; of one's own, one's own. */
  async deliveries(by: Principal, id: string, { cursor, limit }: { cursor: string | null; limit: number }): Promise<Deliveries> {
    const { person } = await this.#reachable(by, id);
    const rows = await this.#parts.deliveries.page(id, { person, before: placeOf(cursor), limit: limit + 1 });
    const items = rows.slice(0, limit);
    return { items: items.map(deliveryView), next: placeAfter(items, rows.length > limit) };
  }

  /** Sends a notice to whoever asks, through this channel alone. Returns the delivery as it begins. */
  async test(by: Principal, id: string): Promise<Delivery> {
    const channel = await this.#reachable(by, id);
    if (channel.removedAt !== null || !channel.enabled) throw new Refusal('conflict', 'This channel was removed or is switched off.');
    const notice: NoticeRow = {
      id: randomUUID(),
      key: `test:${randomUUID()}`,
      kind: 'test',
      title: TEST_TITLE,
      path: '/sessions',
      urgent: false,
      person: by.person,
      createdAt: this.#parts.now(),
      readAt: null,
    };
    await this.#parts.outbox.put([notice], [channel]);
    const [delivery] = await this.#parts.deliveries.page(id, { person: by.person, before: null, limit: 1 });
    if (delivery === undefined) throw new Error('a test was stored without its delivery');
    return deliveryView(delivery);
  }

  /** A channel of one's own, or for those who manage them, of the house. */
  async #reachable(by: Principal, id: string): Promise<ChannelRow> {
    const channel = await this.#parts.channels.get(id);
    if (channel !== null && (channel.person === null ? mayManage(by) : channel.person === by.person)) return channel;
    throw new Refusal('not_found', `There is no channel ${id} of yours.`);
  }

  async #house(): Promise<ChannelRow[]> {
    return (await this.#parts.channels.of([])).filter(({ person }) => person === null);
  }

  #view({ id, kind, endpoint, kinds, enabled, createdBy, createdAt }: ChannelRow): HouseChannel {
    const made = { createdBy, createdByName: this.#parts.nameOf(createdBy), createdAt: createdAt.toISOString() };
    const isSlack = kind === 'slack';
    const url = shownAddress(this.#parts.secrets.openOrNull(id, endpoint), isSlack);
    return { id, kind: isSlack ? 'slack' : 'webhook', url, kinds: [...kinds], enabled, ...made };
  }
}

/** Of Slack's address the path is the secret; of others, what is in the query may be. */
function shownAddress(opened: string | null, isSlack: boolean): string {
  if (opened === null) return 'not readable with the secret of this data folder: remove the channel and make it anew';
  const { origin, pathname, search } = new URL(opened);
  return isSlack ? `${origin}/…` : `${origin}${pathname}${search === '' ? '' : '?…'}`;
}

function mayManage(by: Principal): boolean {
  return abilitiesOf(by).can('manage', subject('NoticeChannel', { tenant: HOUSE_TENANT }));
}

function requireManage(by: Principal): void {
  if (!mayManage(by)) throw new Refusal('forbidden', 'The channels of the house are for its administrators.');
}

function deliveryView({ id, notice, state, attempts, createdAt, lastError, ...row }: DeliveryRow & { kind: Delivery['kind'] }): Delivery {
  const times = {
    createdAt: createdAt.toISOString(),
    lastAt: row.lastAt?.toISOString() ?? null,
    nextAt: row.nextAt?.toISOString() ?? null,
  };
  return { id, notice, kind: row.kind, state, attempts, lastError, ...times };
}
