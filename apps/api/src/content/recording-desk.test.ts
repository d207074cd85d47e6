import type { Principal } from '@wheelhouse/protocol/identity';
import { SessionRequest } from '@wheelhouse/protocol/session';
import { describe, expect, it } from 'vitest';
import { DEPLOYMENTS } from '../sessions/deployments.ts';
import { Refusal } from '../problem/refusal.ts';
import { termsOf } from './recording-desk.ts';

const key: Principal = {
  kind: 'key',
  id: 'key-1',
  person: 'ann',
  name: 'Key',
  role: 'developer',
  tenant: 'acme',
  keyScopes: ['sessions:open'],
};
const [relay, echo] = DEPLOYMENTS;
if (relay === undefined || echo === undefined) throw new Error('two deployments are expected');

describe('what is recorded of a session', () => {
  it('is nothing unless it was asked for, and the data is that of whoever opened it', () => {
    expect(termsOf(key, SessionRequest.parse({}), relay)).toEqual({ subject: 'ann' });
    expect(termsOf(key, SessionRequest.parse({ subject: 'bob' }), relay)).toEqual({ subject: 'acme/bob' });
  });

  it('is kept for at least six months unless another class was asked for', () => {
    const record = { what: ['audio', 'transcript'], consent: 'form 1' };
    expect(termsOf(key, SessionRequest.parse({ record }), relay).record).toEqual({ ...record, retention: 'regulated' });
  });

  it.each([{ what: ['audio'] }, { what: ['audio'], consent: '' }, { what: [], consent: 'form 1' }, { what: ['smell'], consent: 'form 1' }])(
    'is never recorded under %j',
    (record) => {
      expect(SessionRequest.safeParse({ record }).success).toBe(false);
    },
  );

  it('is not what the deployment does not allow', () => {
    const request = SessionRequest.parse({ record: { what: ['audio', 'transcript'], consent: 'form 1' } });
    expect(() => termsOf(key, request, echo)).toThrow(Refusal);
    expect(() => termsOf(key, request, { ...relay, mayRecord: [] })).toThrow(/nothing may be recorded/);
  });
});
