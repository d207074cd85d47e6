import { describe, expect, it } from 'vitest';
import { LinkSigner } from './export-link.ts';

const CLAIMS = { export: 'one', until: 1000, to: { kind: 'person', id: 'anna', role: 'reviewer' } } as const;
const query = (text: string) => Object.fromEntries(new URLSearchParams(text));

describe('a link', () => {
  const signer = new LinkSigner('secret');
  const given = query(signer.sign(CLAIMS));

  it('opens what it was made for', () => {
    expect(signer.open('one', given)).toEqual(CLAIMS);
  });

  it('opens nothing else, under no other key, and not when a part of it is changed', () => {
    expect(signer.open('two', given)).toBeNull();
    expect(new LinkSigner('another').open('one', given)).toBeNull();
    for (const changed of [
      { until: '1001' },
      { until: '1e9' },
      { to: '' },
      { sig: '' },
      { sig: `${given['sig'] ?? ''}A` },
      { sig: ['a', 'b'] },
    ])
      expect(signer.open('one', { ...given, ...changed })).toBeNull();
    expect(signer.open('one', {})).toBeNull();
    expect(signer.open('one', null)).toBeNull();
  });
});
