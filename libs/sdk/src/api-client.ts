import {
  Erasure,
  type ErasureRequest,
  type ErasureState,
  Hold,
  type HoldRequest,
  SessionContent,
  StoredTranscript,
  StoredVideo,
  type Track,
} from '@wheelhouse/protocol/content';
import { Export, ExportLink, type ExportRequest, Exports, FoundEntries } from '@wheelhouse/protocol/export';
import {
  type ApiKey,
  Invite,
  type InviteRequest,
  IssuedKey,
  type KeyRequest,
  type KeyRotation,
  Me,
  RotatedKey,
} from '@wheelhouse/protocol/identity';
import { ConsistencyProof, InclusionProof, StoredEntry } from '@wheelhouse/protocol/ledger-entry';
import { Latch, OrderAck, OrderRecord, Release, type ReleaseOrder, type RestrictiveOrder } from '@wheelhouse/protocol/order';
import { pageOf } from '@wheelhouse/protocol/page';
import { Attachment, Session, type SessionRequest } from '@wheelhouse/protocol/session';
import { z } from 'zod';
import { type Credential, type Once, type Patience, Rest } from './rest.ts';

const SessionPage = pageOf(Session);
const OrderPage = pageOf(OrderRecord);
const Holds = z.object({ items: z.array(Hold) });
const Erasures = z.object({ items: z.array(Erasure) });
const Latches = z.object({ items: z.array(Latch) });
const Releases = z.object({ items: z.array(Release) });

/**
 * The REST interface under `/v1`. Every method rejects with `ApiError` when the server refuses. What takes `once` goes out under an `Idempotency-Key`; lists
 * are gone through with `everyItem`.
 */
export class ApiClient {
  readonly #rest: Rest;

  constructor(url: string, credential: Credential, patience?: Patience) {
    this.#rest = new Rest(url, credential, patience);
  }

  me(): Promise<Me> {
    return this.#rest.call('GET', '/v1/me', Me);
  }

  invite(request: InviteRequest, once: Once = {}): Promise<Invite> {
    return this.#rest.make('/v1/people', Invite, request, once);
  }

  issueKey(request: KeyRequest, once: Once = {}): Promise<IssuedKey> {
    return this.#rest.make('/v1/keys', IssuedKey, request, once);
  }

  /** A new key in the place of one of one's own, which ends after the overlap: a day, unless said otherwise. */
  rotateKey(id: ApiKey['id'], rotation: Partial<KeyRotation> = {}, once: Once = {}): Promise<RotatedKey> {
    return this.#rest.make(`/v1/keys/${id}/rotate`, RotatedKey, rotation, once);
  }

  async revokeKey(id: ApiKey['id']): Promise<void> {
    await this.#rest.send('DELETE', `/v1/keys/${id}`);
  }

  /** An answer that was lost and asked for again has its first ticket; `ticket` gives a fresh one. */
  openSession(request: Partial<SessionRequest> = {}, once: Once = {}): Promise<Attachment> {
    return this.#rest.make('/v1/sessions', Attachment, request, once);
  }

  /** A fresh ticket for a session whose client was cut off. */
  async ticket(session: string): Promise<Attachment> {
    // Each ticket takes the place of the one before, which nobody got.
    const answer = await this.#rest.send('POST', `/v1/sessions/${session}/ticket`, undefined, { repeatable: true });
    return Attachment.parse(await answer.json());
  }

  session(id: string): Promise<Session> {
    return this.#rest.call('GET', `/v1/sessions/${id}`, Session);
  }

  sessions(query = ''): Promise<z.infer<typeof SessionPage>> {
    return this.#rest.call('GET', `/v1/sessions${query}`, SessionPage);
  }

  async endSession(id: string): Promise<void> {
    await this.#rest.send('DELETE', `/v1/sessions/${id}`);
  }

  /** What is kept of a recorded session: its pieces and holes, without their content. */
  content(session: string): Promise<SessionContent> {
    return this.#rest.call('GET', `/v1/sessions/${session}/content`, SessionContent);
  }

  /** The stored words of a session. That they were read is recorded. */
  transcript(session: string): Promise<StoredTranscript> {
    return this.#rest.call('GET', `/v1/sessions/${session}/transcript`, StoredTranscript);
  }

  /**
   * The sound of a session as a WAV file, as it comes: 16 kHz PCM16, exactly as long as the session; `both` has the client left and the engine
   * right. That it was listened to is recorded. The stream breaks off where a piece was altered.
   */
  async recording(session: string, track: Track | 'both' = 'both'): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.#rest.send('GET', `/v1/sessions/${session}/recording.wav?track=${track}`);
    if (body === null) throw new Error('The recording came without content.');
    return body;
  }

  /**
   * The pictures that the engine was shown, as a Matroska file, as it comes: each at its time, in milliseconds. That they were looked at is recorded. The
   * stream breaks off where a piece was altered.
   */
  async videoFile(session: string): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.#rest.send('GET', `/v1/sessions/${session}/video.mkv`);
    if (body === null) throw new Error('The video came without content.');
    return body;
  }

  /** A page of the pictures of a session, from `fromMs` of it on; `nextMs` says where to go on. Each page is recorded. */
  video(session: string, fromMs = 0): Promise<StoredVideo> {
    return this.#rest.call('GET', `/v1/sessions/${session}/video?fromMs=${fromMs}`, StoredVideo);
  }

  /** Legal holds, newest first, lifted ones among them. */
  async holds(): Promise<Hold[]> {
    return (await this.#rest.call('GET', '/v1/holds', Holds)).items;
  }

  placeHold(request: HoldRequest): Promise<Hold> {
    return this.#rest.call('POST', '/v1/holds', Hold, request);
  }

  /** Lifts another person's hold. */
  liftHold(id: string, reason: string): Promise<Hold> {
    return this.#rest.call('POST', `/v1/holds/${id}/lift`, Hold, { reason });
  }

  /** Erasures that were asked for, newest first. */
  async erasures(state?: ErasureState): Promise<Erasure[]> {
    return (await this.#rest.call('GET', `/v1/erasures${state === undefined ? '' : `?state=${state}`}`, Erasures)).items;
  }

  askErasure(request: ErasureRequest): Promise<Erasure> {
    return this.#rest.call('POST', '/v1/erasures', Erasure, request);
  }

  /** Confirms another person's erasure: for good. */
  confirmErasure(id: string): Promise<Erasure> {
    return this.#rest.call('POST', `/v1/erasures/${id}/confirm`, Erasure);
  }

  withdrawErasure(id: string): Promise<Erasure> {
    return this.#rest.call('POST', `/v1/erasures/${id}/withdraw`, Erasure);
  }

  /** Gives a restrictive order. The answer comes when the gates are closed. */
  order(order: RestrictiveOrder): Promise<OrderAck> {
    return this.#rest.call('POST', '/v1/orders', OrderAck, order);
  }

  askRelease(order: ReleaseOrder): Promise<Release> {
    return this.#rest.call('POST', '/v1/orders', Release, order);
  }

  confirmRelease(release: string): Promise<Release> {
    return this.#rest.call('POST', `/v1/releases/${release}/confirm`, Release);
  }

  withdrawRelease(release: string): Promise<Release> {
    return this.#rest.call('POST', `/v1/releases/${release}/withdraw`, Release);
  }

  orderRecord(id: string): Promise<OrderRecord> {
    return this.#rest.call('GET', `/v1/orders/${id}`, OrderRecord);
  }

  orders(query = ''): Promise<z.infer<typeof OrderPage>> {
    return this.#rest.call('GET', `/v1/orders${query}`, OrderPage);
  }

  async latches(): Promise<Latch[]> {
    return (await this.#rest.call('GET', '/v1/latches', Latches)).items;
  }

  async releases(): Promise<Release[]> {
    return (await this.#rest.call('GET', '/v1/releases', Releases)).items;
  }

  entry(index: number): Promise<StoredEntry> {
    return this.#rest.call('GET', `/v1/ledger/entries/${index}`, StoredEntry);
  }

  inclusion(index: number, size?: number): Promise<InclusionProof> {
    return this.#rest.call('GET', `/v1/ledger/proof/inclusion?index=${index}${size === undefined ? '' : `&size=${size}`}`, InclusionProof);
  }

  consistency(from: number, to?: number): Promise<ConsistencyProof> {
    return this.#rest.call('GET', `/v1/ledger/proof/consistency?from=${from}${to === undefined ? '' : `&to=${to}`}`, ConsistencyProof);
  }

  /** Entries by time, session, person, kind and deployment, newest first. */
  search(query = ''): Promise<z.infer<typeof FoundEntries>> {
    return this.#rest.call('GET', `/v1/ledger/search${query}`, FoundEntries);
  }

  askExport(request: Omit<ExportRequest, 'filter'> & Partial<Pick<ExportRequest, 'filter'>>, once: Once = {}): Promise<Export> {
    return this.#rest.make('/v1/exports', Export, request, once);
  }

  /** Confirms another person's export that shows everything. */
  confirmExport(id: string): Promise<Export> {
    return this.#rest.call('POST', `/v1/exports/${id}/confirm`, Export);
  }

  export(id: string): Promise<Export> {
    return this.#rest.call('GET', `/v1/exports/${id}`, Export);
  }

  exports(query = ''): Promise<z.infer<typeof Exports>> {
    return this.#rest.call('GET', `/v1/exports${query}`, Exports);
  }

  /** An address that the export's file can be fetched from for a while. */
  exportLink(id: string): Promise<ExportLink> {
    return this.#rest.call('POST', `/v1/exports/${id}/link`, ExportLink);
  }

  /** The latest signed tree head, a C2SP checkpoint. */
  async checkpoint(): Promise<string> {
    return (await this.#rest.send('GET', '/v1/ledger/checkpoint')).text();
  }

  /** The log's verifier key. */
  async ledgerKey(): Promise<string> {
    return (await this.#rest.send('GET', '/v1/ledger/key')).text();
  }
}
