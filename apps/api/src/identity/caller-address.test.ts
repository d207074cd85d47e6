import { describe, expect, it } from 'vitest';
import { addressBehind, parseProxies } from './caller-address.ts';

function behind(socket: string, forwardedFor: string, trusted = ''): string {
  const proxies = parseProxies(trusted);
  if (!proxies.ok) throw new Error(proxies.message);
  return addressBehind(socket, forwardedFor, proxies.value);
}

describe("the caller's address", () => {
  it("is the socket's, whatever the caller says of itself", () => {
    expect(behind('203.0.113.9', '')).toBe('203.0.113.9');
    expect(behind('203.0.113.9', '198.51.100.1')).toBe('203.0.113.9');
    expect(behind('::ffff:203.0.113.9', '198.51.100.1')).toBe('203.0.113.9');
    expect(behind('203.0.113.9', '198.51.100.1', '10.0.0.0/8')).toBe('203.0.113.9');
  });

  it('is the last one that no trusted proxy has', () => {
    expect(behind('10.0.0.7', '198.51.100.1', '10.0.0.0/8')).toBe('198.51.100.1');
    expect(behind('10.0.0.7', '1.1.1.1, 198.51.100.1', '10.0.0.0/8')).toBe('198.51.100.1');
    expect(behind('10.0.0.7', '1.1.1.1, 198.51.100.1, 10.0.0.8', '10.0.0.0/8')).toBe('198.51.100.1');
    expect(behind('::ffff:10.0.0.7', '2001:db8::1', '10.0.0.7')).toBe('2001:db8::1');
    expect(behind('fd00::1', '198.51.100.1', '10.0.0.7, fd00::/8')).toBe('198.51.100.1');
  });

  it("is the proxy's where it names nobody, or no address", () => {
    expect(behind('10.0.0.7', '', '10.0.0.7')).toBe('10.0.0.7');
    expect(behind('10.0.0.7', '198.51.100.1, unknown', '10.0.0.7')).toBe('10.0.0.7');
    expect(behind('', '198.51.100.1', '10.0.0.7')).toBe('');
  });

  it.each(['somewhere', '10.0.0.0/33', '10.0.0.0/', 'fd00::/129', '10.0.0.0/8/8', '10.0.0.1 10.0.0.2'])(
    'takes no proxy called %s',
    (text) => {
      const proxies = parseProxies(text);
      expect(proxies.ok ? '' : proxies.message).toContain(text);
    },
  );
});
