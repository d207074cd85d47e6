import { describe, expect, it } from 'vitest';
import { mayReach, whyNot } from './receiver-address.ts';

describe('an address that an administrator names', () => {
  it.each([
    'https://hooks.example.org/services/1',
    'https://10.1.2.3/hook',
    'http://localhost:9000/hook',
    'http://127.0.0.1:9000',
    'http://[::1]:9000/',
  ])('%s may be posted to', (url) => {
    expect(whyNot(url, 'anywhere')).toBeNull();
  });

  it.each([
    'http://hooks.example.org/',
    'http://10.1.2.3/',
    'http://169.254.169.254/latest/meta-data',
    'https://169.254.169.254/',
    'https://[fe80::1]/',
    'https://0.0.0.0/',
    'https://[::ffff:169.254.169.254]/',
    'http://127.0.0.1.example.org/',
    'http://2130706434.example.org',
    'https://user:password@hooks.example.org/',
    'ftp://hooks.example.org/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'not an address',
  ])('%s may not', (url) => {
    expect(whyNot(url, 'anywhere')).not.toBeNull();
  });
});

describe('an address that anybody names', () => {
  it('is on the internet, by https', () => {
    expect(whyNot('https://push.example.org/send/1', 'public')).toBeNull();
    for (const url of [
      'http://localhost/',
      'https://localhost/',
      'https://x.localhost/',
      'https://127.0.0.1/',
      'https://2130706433/',
      'https://0x7f.1/',
      'https://[::1]/',
      'https://[::ffff:127.0.0.1]/',
      'https://10.0.0.1/',
      'https://192.168.1.1/',
      'https://172.31.0.1/',
      'https://100.64.0.1/',
      'https://[fd00::1]/',
    ])
      expect(whyNot(url, 'public'), url).not.toBeNull();
  });

  it('is judged by what its name stands for', () => {
    expect(mayReach('93.184.216.34', 'public')).toBe(true);
    expect(mayReach('2606:2800:220:1::1', 'public')).toBe(true);
    expect(mayReach('10.0.0.1', 'public')).toBe(false);
    expect(mayReach('::ffff:10.0.0.1', 'public')).toBe(false);
    expect(mayReach('64:ff9b::a00:1', 'public')).toBe(false);
    expect(mayReach('10.0.0.1', 'anywhere')).toBe(true);
    expect(mayReach('169.254.169.254', 'anywhere')).toBe(false);
    expect(mayReach('::ffff:169.254.169.254', 'anywhere')).toBe(false);
  });
});
