import { describe, expect, it } from 'vitest';
import { InviteRequest } from './identity.ts';
import { OperatorRequest } from './operator-message.ts';
import { OrderRequest } from './order.ts';
import { PROBLEM_CODES, Problem, problemOf } from './problem.ts';
import { SessionRequest } from './session.ts';

const ID = '0f8fad5b-d9cb-469f-a165-70867728950e';
const ORDER = { id: ID, kind: 'stop', scope: { type: 'everything' }, reason: '' };

describe('what people send', () => {
  it.each([
    ['no scope', { id: ID, kind: 'stop' }],
    ['an unknown kind', { ...ORDER, kind: 'pause' }],
    ['an unknown scope', { ...ORDER, scope: { type: 'galaxy' } }],
    ['a scope with more in it', { ...ORDER, scope: { type: 'everything', except: ID } }],
    ['an unknown field', { ...ORDER, force: true }],
    ['a level that is none', { ...ORDER, kind: 'level', level: 6 }],
    ['half a level', { ...ORDER, kind: 'level', level: 2.5 }],
    ['a level order without one', { ...ORDER, kind: 'level' }],
    ['an empty whisper', { ...ORDER, kind: 'whisper', text: '' }],
    ['an id that is none', { ...ORDER, id: 'stop-1' }],
    ['a reason that is too long', { ...ORDER, reason: 'x'.repeat(501) }],
    ['half a character', { ...ORDER, reason: 'oh \ud800' }],
    ['a NUL', { ...ORDER, reason: 'oh \0' }],
    ['half a character in a scope', { ...ORDER, scope: { type: 'tenant', tenant: '\udfff' } }],
    ['a release without a reason', { id: ID, kind: 'release', latch: ID, reason: '' }],
    ['nothing', null],
    ['a list', [ORDER]],
  ])('refuses an order with %s', (_, order) => {
    expect(OrderRequest.safeParse(order).success).toBe(false);
    expect(OperatorRequest.safeParse({ event: 'order', data: order }).success).toBe(false);
  });

  it('takes an order with a whole reason in any script', () => {
    expect(OrderRequest.safeParse({ ...ORDER, reason: 'arrêt 停止 🛑' }).success).toBe(true);
  });

  it('takes no role or session setting that it does not know', () => {
    const invite = { name: 'Ada', email: 'ada@example.org', role: 'operator' };
    expect(InviteRequest.safeParse(invite).success).toBe(true);
    for (const wrong of [
      { ...invite, role: 'root' },
      { ...invite, admin: true },
      { ...invite, name: '\0' },
      { ...invite, tenant: '\ud800' },
    ]) {
      expect(InviteRequest.safeParse(wrong).success).toBe(false);
    }
    for (const wrong of [{ level: 0 }, { level: '3' }, { deployment: '' }, { deployment: '\0' }, { engine: 'relay' }]) {
      expect(SessionRequest.safeParse(wrong).success).toBe(false);
    }
  });
});

describe('a problem', () => {
  it.each(PROBLEM_CODES)('%s has a status, a title and its own address', (code) => {
    const problem = Problem.parse(problemOf(code, 'what, where, and what next'));
    expect(problem.status).toBeGreaterThanOrEqual(400);
    expect(problem.type.endsWith(`/${code}`)).toBe(true);
    expect(problem.title).not.toBe('');
  });
});
