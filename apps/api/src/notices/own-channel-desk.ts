import type { Principal } from '@wheelhouse/protocol/identity';
import { type OwnChannel, type OwnChannelRequest, type OwnChannels, PushSubscriptionData } from '@wheelhouse/protocol/notice';
import { Refusal } from '../problem/refusal.ts';
import type { ChannelSecrets } from './channel-secrets.ts';
import { fixedId } from './fixed-id.ts';
import { mailChannel } from './notice-desk.ts';
import { whyNot } from './receiver-address.ts';
import type { Addresses, ChannelRecords, ChannelRow } from './records.ts';

export type OwnChannelParts = {
  readonly channels: ChannelRecords;
  readonly secrets: ChannelSecrets;
  /** Null where the installation sends no mail. */
  readonly addresses: Addresses | null;
  /** The public key that browsers subscribe to. */
  readonly vapidKey: string;
  readonly now: () => Date;
};

/** Browsers of one person that are pushed to. A browser that subscribes anew leaves its old subscription behind: the oldest goes first. */
const MOST_BROWSERS = 10;

/** A person's own ways to be told: their browsers, and mail to their account's address. */
export class OwnChannelDesk {
  readonly #parts: OwnChannelParts;

  constructor(parts: OwnChannelParts) {
    this.#parts = parts;
  }

  get vapidKey(): string {
    return this.#parts.vapidKey;
  }

  async list(by: Principal): Promise<OwnChannels> {
    const own = await this.#own(by.person);
    return { items: own.map((channel) => this.#view(channel)), mail: await this.#mail(by.person, own) };
  }

  async set(by: Principal, request: OwnChannelRequest): Promise<OwnChannel> {
    return this.#view(
      request.kind === 'email' ? await this.#setMail(by.person, request.enabled) : await this.#subscribe(by.person, request.subscription),
    );
  }

  /** Removes a browser; of mail, switches it off. */
  async remove(by: Principal, id: string): Promise<void> {
    const channel = (await this.#own(by.person)).find((one) => one.id === id);
    if (channel === undefined) throw new Refusal('not_found', `You have no channel ${id}.`);
    await this.#parts.channels.put(channel.kind === 'email' ? { ...channel, enabled: false } : removed(channel, this.#parts.now()));
  }

  async #setMail(person: string, enabled: boolean): Promise<ChannelRow> {
    const { addresses, channels, now } = this.#parts;
    if (addresses === null)
      throw new Refusal('conflict', 'This installation sends no mail: its administrator has to set WHEELHOUSE_SMTP_URL.');
    if (!(await addresses.of([person])).has(person)) throw new Refusal('conflict', 'Your account has no address that mail reaches.');
    const known = await channels.get(mailChannel(person, { enabled, at: now() }).id);
    const channel = known === null ? mailChannel(person, { enabled, at: now() }) : { ...known, enabled };
    await channels.put(channel);
    return channel;
  }

  async #subscribe(person: string, subscription: PushSubscriptionData): Promise<ChannelRow> {
    const { channels, secrets, now } = this.#parts;
    const refused = whyNot(subscription.endpoint, 'public');
    if (refused !== null)
      throw new Refusal('malformed', `The push service's address ${refused}.`, [{ path: 'subscription.endpoint', message: refused }]);
    const browsers = (await this.#own(person)).filter(({ kind }) => kind === 'web_push');
    // The same for a browser whoever signs in there: a second person takes its place, and the first is no longer pushed to what is theirs.
    const id = fixedId('web_push', subscription.endpoint);
    const others = browsers.filter((one) => one.id !== id);
    for (const oldest of others.slice(0, Math.max(0, others.length - MOST_BROWSERS + 1))) await channels.put(removed(oldest, now()));
    const endpoint = secrets.seal(id, JSON.stringify(subscription));
    const rest = { kinds: [], enabled: true, createdBy: person, createdAt: now(), removedAt: null };
    const channel: ChannelRow = { id, kind: 'web_push', person, endpoint, ...rest };
    await channels.put(channel);
    return channel;
  }

  async #own(person: string): Promise<ChannelRow[]> {
    return (await this.#parts.channels.of([person])).filter((channel) => channel.person === person);
  }

  async #mail(person: string, own: readonly ChannelRow[]): Promise<OwnChannels['mail']> {
    const { addresses } = this.#parts;
    if (addresses === null || !(await addresses.of([person])).has(person)) return 'unavailable';
    return own.find(({ kind }) => kind === 'email')?.enabled === false ? 'off' : 'on';
  }

  #view({ id, kind, endpoint, enabled, createdAt }: ChannelRow): OwnChannel {
    const common = { id, enabled, createdAt: createdAt.toISOString() };
    if (kind !== 'web_push') return { ...common, kind: 'email', host: null };
    const opened = this.#parts.secrets.openOrNull(id, endpoint);
    return { ...common, kind, host: opened === null ? null : new URL(PushSubscriptionData.parse(JSON.parse(opened)).endpoint).host };
  }
}

/** What is left of a channel for the sake of its deliveries. */
export function removed(channel: ChannelRow, at: Date): ChannelRow {
  return { ...channel, endpoint: '', removedAt: at };
}
