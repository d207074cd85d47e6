import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { guardedLookup, postWithin, requireTaken, type Resolve } from './post.ts';
import type { Reach } from './receiver-address.ts';

const servers: http.Server[] = [];
const never = new AbortController().signal;

async function listen(answer: http.RequestListener): Promise<string> {
  const server = http.createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** What a name that stands for `addresses` is looked up as. */
function found(addresses: readonly string[], reach: Reach): Promise<unknown> {
  const resolve: Resolve = (_name, _options, callback) => {
    callback(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    );
  };
  return new Promise((tell) => {
    guardedLookup(reach, resolve)('a name', { all: true }, (error, answer) => {
      tell(error === null ? answer : error.message);
    });
  });
}

const request = (url: string) => ({ url, headers: { 'content-type': 'text/plain' }, body: 'ä', reach: 'anywhere', signal: never }) as const;

describe('a post', () => {
  it('carries its body and headers, and tells the status', async () => {
    const got = Promise.withResolvers<{ body: string; type: string | undefined; method: string | undefined }>();
    const url = await listen((incoming, answer) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('end', () => {
        got.resolve({ body: Buffer.concat(parts).toString('utf8'), type: incoming.headers['content-type'], method: incoming.method });
        answer.writeHead(204).end();
      });
    });
    expect(await postWithin(1000)(request(url))).toBe(204);
    expect(await got.promise).toEqual({ body: 'ä', type: 'text/plain', method: 'POST' });
  });

  it('follows no redirect', async () => {
    let followed = false;
    const inside = await listen((_, answer) => {
      followed = true;
      answer.end();
    });
    const url = await listen((_, answer) => answer.writeHead(307, { location: inside }).end());
    const status = await postWithin(1000)(request(url));
    expect([status, followed]).toEqual([307, false]);
    expect(() => {
      requireTaken(status);
    }).toThrow('answered 307');
  });

  it('ends after its time, where nothing is answered', async () => {
    const url = await listen(() => undefined);
    await expect(postWithin(50)(request(url))).rejects.toThrow('no answer within 0.05 seconds');
  });

  it('ends by its signal with the reason of the signal', async () => {
    const url = await listen(() => undefined);
    const stop = new AbortController();
    const posted = postWithin(1000)({ ...request(url), signal: stop.signal });
    setTimeout(() => {
      stop.abort(new Error('stopping'));
    }, 20);
    await expect(posted).rejects.toThrow('stopping');
  });

  it('says in a word why nobody was reached, without the address', async () => {
    const url = await listen((incoming) => incoming.socket.destroy());
    await expect(postWithin(1000)(request(`${url}/hidden`))).rejects.toThrow(/^not reached \(ECONNRESET\)$/);
    await expect(postWithin(1000)(request('http://127.0.0.1:1/hidden'))).rejects.toThrow(/^not reached \(ECONNREFUSED\)$/);
  });

  it('goes nowhere that it may not', async () => {
    await expect(postWithin(1000)(request('http://10.0.0.1/'))).rejects.toThrow('not sent');
  });
});

describe('a name', () => {
  it('is judged by what it stands for when the connection is made, and by all of it', async () => {
    const outside = [{ address: '93.184.216.34', family: 4 }];
    expect(await found(['93.184.216.34'], 'public')).toEqual(outside);
    expect(await found(['127.0.0.1'], 'public')).toMatch(/^not sent/);
    expect(await found(['93.184.216.34', '10.0.0.1'], 'public')).toMatch(/^not sent/);
    expect(await found(['10.0.0.1'], 'anywhere')).toEqual([{ address: '10.0.0.1', family: 4 }]);
    expect(await found(['169.254.169.254'], 'anywhere')).toMatch(/^not sent/);
    expect(await found([], 'anywhere')).toMatch(/unknown/);
  });
});
