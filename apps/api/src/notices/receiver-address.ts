import { BlockList, isIP } from 'node:net';

/**
 * How far a request to an address that somebody named may go. `public`: to the internet alone; for addresses that anybody who signs in may name.
 * `anywhere`: into the house's own network too; for administrators, whose receivers often stand there.
 */
export type Reach = 'public' | 'anywhere';

/** Where nobody's receiver is: this network, link-local (a cloud's metadata), multicast, reserved. */
const NOWHERE = listOf(['0.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '240.0.0.0/4', '::/128', 'fe80::/10', 'ff00::/8']);
const LOOPBACK = listOf(['127.0.0.0/8', '::1/128']);
/** Behind the front door: this machine, private networks, carriers' networks, and what leads to them in other words. */
const INSIDE = listOf([
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '198.18.0.0/15',
  '::1/128',
  'fc00::/7',
  '64:ff9b::/96',
  '2002::/16',
]);

function listOf(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [net = '', bits = ''] = subnet.split('/');
    list.addSubnet(net, Number(bits), familyOf(net));
  }
  return list;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

/** Whether a request may go to this IP address. */
export function mayReach(address: string, reach: Reach): boolean {
  const family = familyOf(address);
  if (NOWHERE.check(address, family)) return false;
  return reach === 'anywhere' || !INSIDE.check(address, family);
}

/** Why an address may not be posted to, in words for whoever named it; null when it may, as far as can be told without looking its name up. */
export function whyNot(text: string, reach: Reach): string | null {
  if (!URL.canParse(text)) return 'is no address';
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return 'has a name or password in it, which this does not send';
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (protocol === 'http:' && !(reach === 'anywhere' && isLoopback(host)))
    return 'has to begin with https:// (http:// only to this machine, by its loopback address)';
  if (protocol !== 'https:' && protocol !== 'http:') return 'has to begin with https://';
  if (isIP(host) !== 0 && !mayReach(host, reach)) return 'names a network that notices are not sent to';
  if (reach === 'public' && isLoopback(host)) return 'names this machine, which notices are not sent to';
  return null;
}

function isLoopback(host: string): boolean {
  return isIP(host) === 0 ? host === 'localhost' || host.endsWith('.localhost') : LOOPBACK.check(host, familyOf(host));
}
