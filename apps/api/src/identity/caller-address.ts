import { BlockList, isIP, isIPv4 } from 'node:net';
import type { FastifyRequest } from 'fastify';

/** Where the sign-in library finds the caller's address. Ours alone: what a caller sends under this name is thrown away. */
export const ADDRESS_HEADER = 'x-wheelhouse-address';

export type ProxyList = { readonly ok: true; readonly value: BlockList } | { readonly ok: false; readonly message: string };

/** Addresses and subnets (10.0.0.0/8) of proxies, separated by commas. */
export function parseProxies(text: string): ProxyList {
  const value = new BlockList();
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const [address = '', bits, ...more] = entry.split('/');
    const family = isIP(address);
    const prefix = bits === undefined ? null : /^\d+$/.test(bits) ? Number(bits) : Number.NaN;
    const isPrefix = prefix === null || prefix <= (family === 4 ? 32 : 128);
    if (family === 0 || !isPrefix || more.length > 0)
      return { ok: false, message: `${entry} is neither an IP address nor a subnet like 10.0.0.0/8` };
    const kind = family === 4 ? 'ipv4' : 'ipv6';
    if (prefix === null) value.addAddress(address, kind);
    else value.addSubnet(address, prefix, kind);
  }
  return { ok: true, value };
}

/**
 * Who really calls: the socket's other end. Where that is a proxy that the operator trusts, the last address in `x-forwarded-for` that is not:
 * what stands before it, the caller may have written.
 */
export function callerAddress(request: FastifyRequest, proxies: BlockList): string {
  const named = request.headers['x-forwarded-for'];
  return addressBehind(request.socket.remoteAddress ?? '', Array.isArray(named) ? named.join(',') : (named ?? ''), proxies);
}

export function addressBehind(socket: string, forwardedFor: string, proxies: BlockList): string {
  let address = plain(socket);
  const hops = forwardedFor.split(',').map((hop) => plain(hop.trim()));
  while (isTrusted(address, proxies)) {
    const hop = hops.pop();
    if (hop === undefined || isIP(hop) === 0) return address;
    address = hop;
  }
  return address;
}

function isTrusted(address: string, proxies: BlockList): boolean {
  const family = isIP(address);
  return family !== 0 && proxies.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** A socket that takes both families shows IPv4 callers as ::ffff:1.2.3.4. */
function plain(address: string): string {
  const mapped = /^::ffff:(.*)$/i.exec(address)?.[1];
  return mapped !== undefined && isIPv4(mapped) ? mapped : address;
}
