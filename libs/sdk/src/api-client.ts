import { type ApiKey, Invite, type InviteRequest, IssuedKey, type KeyRequest, Me } from '@wheelhouse/protocol/identity';
import { ConsistencyProof, InclusionProof, StoredEntry } from '@wheelhouse/protocol/ledger-entry';
import { Latch, OrderAck, OrderRecord, Release, type ReleaseOrder, type RestrictiveOrder } from '@wheelhouse/protocol/order';
import { pageOf } from '@wheelhouse/protocol/page';
import { Problem } from '@wheelhouse/protocol/problem';
import { Attachment, Session, type SessionRequest } from '@wheelhouse/protocol/session';
import { z } from 'zod';

/** A refused request: `problem` is the server's RFC 9457 document. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.title}: ${problem.detail}`);
    this.problem = problem;
  }
}

/** How a client says who it is: an API key, or the cookie of a person who signed in. */
export type Credential = { readonly key: string } | { readonly cookie: string };

const SessionPage = pageOf(Session);
const OrderPage = pageOf(OrderRecord);
const Latches = z.object({ items: z.array(Latch) });
const Releases = z.object({ items: z.array(Release) });

/** The REST interface under `/v1`. Every method rejects with `ApiError` when the server refuses. */
export class ApiClient {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: string, credential: Credential) {
    this.#url = url.replace(/\/$/, '');
    this.#headers = 'key' in credential ? { authorization: `Bearer ${credential.key}` } : { cookie: credential.cookie };
  }

  me(): Promise<Me> {
    return this.#call('GET', '/v1/me', Me);
  }

  invite(request: InviteRequest): Promise<Invite> {
    return this.#call('POST', '/v1/people', Invite, request);
  }

  issueKey(request: KeyRequest): Promise<IssuedKey> {
    return this.#call('POST', '/v1/keys', IssuedKey, request);
  }

  async revokeKey(id: ApiKey['id']): Promise<void> {
    await this.#send('DELETE', `/v1/keys/${id}`);
  }

  openSession(request: Partial<SessionRequest> = {}): Promise<Attachment> {
    return this.#call('POST', '/v1/sessions', Attachment, request);
  }

  /** A fresh ticket for a session whose client was cut off. */
  ticket(session: string): Promise<Attachment> {
    return this.#call('POST', `/v1/sessions/${session}/ticket`, Attachment);
  }

  session(id: string): Promise<Session> {
    return this.#call('GET', `/v1/sessions/${id}`, Session);
  }

  sessions(query = ''): Promise<z.infer<typeof SessionPage>> {
    return this.#call('GET', `/v1/sessions${query}`, SessionPage);
  }

  async endSession(id: string): Promise<void> {
    await this.#send('DELETE', `/v1/sessions/${id}`);
  }

  /** Gives a restrictive order. The answer comes when the gates are closed. */
  order(order: RestrictiveOrder): Promise<OrderAck> {
    return this.#call('POST', '/v1/orders', OrderAck, order);
  }

  askRelease(order: ReleaseOrder): Promise<Release> {
    return this.#call('POST', '/v1/orders', Release, order);
  }

  confirmRelease(release: string): Promise<Release> {
    return this.#call('POST', `/v1/releases/${release}/confirm`, Release);
  }

  withdrawRelease(release: string): Promise<Release> {
    return this.#call('POST', `/v1/releases/${release}/withdraw`, Release);
  }

  orderRecord(id: string): Promise<OrderRecord> {
    return this.#call('GET', `/v1/orders/${id}`, OrderRecord);
  }

  orders(query = ''): Promise<z.infer<typeof OrderPage>> {
    return this.#call('GET', `/v1/orders${query}`, OrderPage);
  }

  async latches(): Promise<Latch[]> {
    return (await this.#call('GET', '/v1/latches', Latches)).items;
  }

  async releases(): Promise<Release[]> {
    return (await this.#call('GET', '/v1/releases', Releases)).items;
  }

  entry(index: number): Promise<StoredEntry> {
    return this.#call('GET', `/v1/ledger/entries/${index}`, StoredEntry);
  }

  inclusion(index: number, size?: number): Promise<InclusionProof> {
    return this.#call('GET', `/v1/ledger/proof/inclusion?index=${index}${size === undefined ? '' : `&size=${size}`}`, InclusionProof);
  }

  consistency(from: number, to?: number): Promise<ConsistencyProof> {
    return this.#call('GET', `/v1/ledger/proof/consistency?from=${from}${to === undefined ? '' : `&to=${to}`}`, ConsistencyProof);
  }

  /** The latest signed tree head, a C2SP checkpoint. */
  async checkpoint(): Promise<string> {
    return (await this.#send('GET', '/v1/ledger/checkpoint')).text();
  }

  /** The log's verifier key. */
  async ledgerKey(): Promise<string> {
    return (await this.#send('GET', '/v1/ledger/key')).text();
  }

  async #call<T extends z.ZodType>(method: string, path: string, schema: T, body?: unknown): Promise<z.infer<T>> {
    return schema.parse(await (await this.#send(method, path, body)).json());
  }

  async #send(method: string, path: string, body?: unknown): Promise<Response> {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = body === undefined ? this.#headers : { ...this.#headers, 'content-type': 'application/json' };
    const response = await fetch(`${this.#url}${path}`, { method, headers, ...json });
    if (response.ok) return response;
    const text = await response.text();
    throw new ApiError(
      problemIn(text) ?? {
        type: 'about:blank',
        title: response.statusText,
        status: response.status,
        detail: text.slice(0, 500),
        code: 'internal',
      },
    );
  }
}

function problemIn(text: string): Problem | null {
  try {
    const parsed = Problem.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
