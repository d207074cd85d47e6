import {
  Deliveries,
  Delivery,
  type HouseChannel,
  type HouseChannelRequest,
  HouseChannels,
  MadeHouseChannel,
  Notices,
  OwnChannel,
  type OwnChannelRequest,
  OwnChannels,
  type ReadRequest,
  VapidKey,
} from '@wheelhouse/protocol/notice';
import type { z } from 'zod';
import { type Credential, type Once, type Patience, Rest } from './rest.ts';

/** Notices and their channels, for people: keys have none. Every method rejects with `ApiError` when the server refuses. */
export class NoticeClient {
  readonly #rest: Rest;

  constructor(url: string, credential: Credential, patience?: Patience) {
    this.#rest = new Rest(url, credential, patience);
  }

  /** One's own, newest first; with `?unread`, those that were not read. */
  notices(query = ''): Promise<Notices> {
    return this.#rest.call('GET', `/v1/notices${query}`, Notices);
  }

  async read(request: ReadRequest): Promise<void> {
    await this.#rest.send('POST', '/v1/notices/read', request);
  }

  /** The key under which a browser subscribes to pushes, in base64url. */
  async vapidKey(): Promise<string> {
    return (await this.#rest.call('GET', '/v1/notices/vapid-key', VapidKey)).key;
  }

  ownChannels(): Promise<OwnChannels> {
    return this.#rest.call('GET', '/v1/me/notice-channels', OwnChannels);
  }

  setOwnChannel(request: OwnChannelRequest): Promise<OwnChannel> {
    return this.#rest.call('POST', '/v1/me/notice-channels', OwnChannel, request);
  }

  async removeOwnChannel(id: string): Promise<void> {
    await this.#rest.send('DELETE', `/v1/me/notice-channels/${id}`);
  }

  /** The channels of the house; for its administrators, as are the next two. */
  async channels(): Promise<HouseChannel[]> {
    return (await this.#rest.call('GET', '/v1/notice-channels', HouseChannels)).items;
  }

  /** The answer has the secret that a webhook is signed with, this once. */
  makeChannel(request: z.input<typeof HouseChannelRequest>, once: Once = {}): Promise<MadeHouseChannel> {
    return this.#rest.make('/v1/notice-channels', MadeHouseChannel, request, once);
  }

  async removeChannel(id: string): Promise<void> {
    await this.#rest.send('DELETE', `/v1/notice-channels/${id}`);
  }

  deliveries(channel: string, query = ''): Promise<Deliveries> {
    return this.#rest.call('GET', `/v1/notice-channels/${channel}/deliveries${query}`, Deliveries);
  }

  /** Sends oneself a notice through one channel alone. */
  testChannel(id: string): Promise<Delivery> {
    return this.#rest.call('POST', `/v1/notice-channels/${id}/test`, Delivery);
  }
}
