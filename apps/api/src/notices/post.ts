import { lookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { codeOf, DeliveryError } from './delivery-error.ts';
import { mayReach, type Reach, whyNot } from './receiver-address.ts';

export type PostRequest = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  readonly reach: Reach;
  /** Ends the request: the server is stopping. */
  readonly signal: AbortSignal;
};

/**
 * Posts to an address that somebody named, and returns the status of the answer; what else it says is not read. Redirects are not followed: they
 * could lead where the address itself may not. Throws `DeliveryError` where there is no answer, and the signal's reason.
 */
export type Post = (request: PostRequest) => Promise<number>;

/** The `Post` of the server, with a limit of time for each. */
export function postWithin(withinMs: number): Post {
  return async ({ signal, ...request }) => {
    const refused = whyNot(request.url, request.reach);
    if (refused !== null) throw new DeliveryError(`not sent: the address ${refused}`, { gone: true });
    const timeout = AbortSignal.timeout(withinMs);
    try {
      return await statusOf({ ...request, signal: AbortSignal.any([signal, timeout]) });
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof DeliveryError) throw error;
      if (timeout.aborted) throw new DeliveryError(`no answer within ${withinMs / 1000} seconds`, { cause: error });
      throw new DeliveryError(`not reached (${codeOf(error) ?? 'no connection'})`, { cause: error });
    }
  };
}

/** Any 2xx is a thank-you. */
export function requireTaken(status: number): void {
  if (status < 200 || status > 299) throw new DeliveryError(`answered ${status}`);
}

function statusOf({ url, headers, body, reach, signal }: PostRequest): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const module = url.startsWith('https:') ? https : http;
  const length = String(Buffer.byteLength(body));
  // A connection of its own: one that was kept open could have been made under another reach.
  const options = { method: 'POST', headers: { ...headers, 'content-length': length }, lookup: guardedLookup(reach), agent: false, signal };
  const request = module.request(url, options, (answer) => {
    // The status has been told; a body that breaks off or never ends (the signal ends it) changes nothing.
    answer.on('error', () => undefined);
    answer.resume();
    resolve(answer.statusCode ?? 0);
  });
  request.on('error', reject);
  request.end(body);
  return promise;
}

/** The system's way to look a name up. */
export type Resolve = (
  name: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void;

/** Looks a name up when the connection is made and judges what it stands for then: a name can be made to point inside after it was allowed. */
export function guardedLookup(reach: Reach, resolve: Resolve = lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) {
        callback(error, '', 0);
        return;
      }
      const [first] = found;
      if (first === undefined) callback(new DeliveryError('not reached (the name is unknown)'), '', 0);
      else if (!found.every(({ address }) => mayReach(address, reach)))
        callback(new DeliveryError('not sent: the name stands for a network that notices are not sent to'), '', 0);
      else if (options.all === true) callback(null, found);
      else callback(null, first.address, first.family);
    });
  };
}
