import { randomUUID } from 'node:crypto';
import type { PolicyBundle } from '@wheelhouse/protocol/policy';
import type { TenantThings } from './tenant-things.ts';

/** One try at something of another tenant's: an address, and a body that would do it. `at` has the thing's id in it. */
export type Attempt = { readonly at: string; readonly body?: unknown };

/** What attempts need besides the other tenant's things: its name, its entries in the ledger, and a policy bundle that loads. */
export type Foreign = TenantThings & { readonly tenant: string; readonly entries: readonly number[]; readonly bundle: PolicyBundle };

type Try = (thing: Foreign) => readonly Attempt[];

const time = (inHours: number) => new Date(Date.now() + inHours * 3_600_000).toISOString();
const signature = { credential: 'AA', authenticatorData: 'AA', clientData: 'AA', signature: 'AA' };
const reason = 'an attempt';

const session =
  (rest = '', body?: unknown): Try =>
  (foreign) =>
    [foreign.session, foreign.other].map((id) => ({ at: `/v1/sessions/${id}${rest}`, ...(body === undefined ? {} : { body }) }));

const one =
  (before: string, thing: keyof TenantThings, rest = '', body?: (foreign: Foreign) => unknown): Try =>
  (foreign) => [{ at: `${before}/${foreign[thing]}${rest}`, ...(body === undefined ? {} : { body: body(foreign) }) }];

/** The house's own things, which no tenant has: whatever id stands there. */
const house =
  (at: (id: string) => string, body?: unknown): Try =>
  () => [{ at: at(randomUUID()), ...(body === undefined ? {} : { body }) }];

/** Of each route with a parameter: tries at every thing that it can name. All of them must be refused. */
export const NAMED: Readonly<Record<string, Try>> = {
  'GET /v1/sessions/{id}': session(),
  'DELETE /v1/sessions/{id}': session(),
  'POST /v1/sessions/{id}/ticket': session('/ticket'),
  'POST /v1/sessions/{id}/supervise': session('/supervise'),
  'GET /v1/sessions/{id}/supervision': session('/supervision'),
  'POST /v1/sessions/{id}/hand-back': session('/hand-back', { id: randomUUID(), summary: 'nothing' }),
  'GET /v1/sessions/{id}/content': session('/content'),
  'GET /v1/sessions/{id}/recording.wav': session('/recording.wav?track=in'),
  'GET /v1/sessions/{id}/video.mkv': session('/video.mkv'),
  'GET /v1/sessions/{id}/video': session('/video'),
  'GET /v1/sessions/{id}/transcript': session('/transcript'),
  'DELETE /v1/keys/{id}': one('/v1/keys', 'key'),
  'POST /v1/keys/{id}/rotate': one('/v1/keys', 'key', '/rotate', () => ({ overlapSeconds: 0 })),
  'GET /v1/orders/{id}': (foreign) => [foreign.order, foreign.second].map((id) => ({ at: `/v1/orders/${id}` })),
  'POST /v1/releases/{id}/confirm': one('/v1/releases', 'release', '/confirm'),
  'POST /v1/releases/{id}/withdraw': one('/v1/releases', 'release', '/withdraw'),
  'GET /v1/proposals/{id}': one('/v1/proposals', 'proposal'),
  'POST /v1/proposals/{id}/votes': one('/v1/proposals', 'proposal', '/votes', () => ({
    ...{ vote: randomUUID(), seat: 'operations-1', choice: 'veto', digest: '0'.repeat(64), reason },
    ...{ signed: signature, seconds: 1, evidence: false },
  })),
  'POST /v1/proposals/{id}/withdraw': one('/v1/proposals', 'proposal', '/withdraw', () => ({ reason })),
  'POST /v1/proposals/{id}/conflict': one('/v1/proposals', 'proposal', '/conflict', () => ({ reason })),
  'GET /v1/exports/{id}': one('/v1/exports', 'export'),
  'POST /v1/exports/{id}/confirm': one('/v1/exports', 'export', '/confirm'),
  'POST /v1/exports/{id}/link': one('/v1/exports', 'export', '/link'),
  'GET /v1/exports/{id}/file': one('/v1/exports', 'export', '/file?until=9999999999999&signature=AA'),
  'POST /v1/holds/{id}/lift': one('/v1/holds', 'hold', '/lift', () => ({ reason })),
  'POST /v1/erasures/{id}/confirm': one('/v1/erasures', 'erasure', '/confirm'),
  'POST /v1/erasures/{id}/withdraw': one('/v1/erasures', 'erasure', '/withdraw'),
  'GET /v1/actions/{id}': one('/v1/actions', 'action'),
  'POST /v1/actions/{id}/decision': one('/v1/actions', 'action', '/decision', ({ digest }) => ({ outcome: 'approve', digest })),
  'POST /v1/actions/{id}/withdraw': one('/v1/actions', 'action', '/withdraw'),
  'POST /v1/actions/{id}/check': one('/v1/actions', 'action', '/check', () => ({ tool: 'refund', arguments: {} })),
  'POST /v1/webhooks/{id}': one('/v1/webhooks', 'webhook', '', () => ({ enabled: false })),
  'DELETE /v1/webhooks/{id}': one('/v1/webhooks', 'webhook'),
  'POST /v1/webhooks/{id}/rotate': one('/v1/webhooks', 'webhook', '/rotate'),
  'POST /v1/webhooks/{id}/test': one('/v1/webhooks', 'webhook', '/test'),
  'GET /v1/webhooks/{id}/deliveries': one('/v1/webhooks', 'webhook', '/deliveries'),
  'DELETE /v1/me/notice-channels/{id}': (foreign) => [foreign.own, foreign.channel].map((id) => ({ at: `/v1/me/notice-channels/${id}` })),
  'DELETE /v1/notice-channels/{id}': (foreign) => [foreign.own, foreign.channel].map((id) => ({ at: `/v1/notice-channels/${id}` })),
  'GET /v1/notice-channels/{id}/deliveries': (foreign) =>
    [foreign.own, foreign.channel].map((id) => ({ at: `/v1/notice-channels/${id}/deliveries` })),
  'POST /v1/notice-channels/{id}/test': (foreign) => [foreign.own, foreign.channel].map((id) => ({ at: `/v1/notice-channels/${id}/test` })),
  'POST /v1/glass/{id}/sign': house((id) => `/v1/glass/${id}/sign`, { seat: 'operations-1', signed: signature }),
  'POST /v1/charter/absences/{id}/end': house((id) => `/v1/charter/absences/${id}/end`),
  'POST /v1/charter/delegations/{id}/end': house((id) => `/v1/charter/delegations/${id}/end`),
  'GET /v1/charter/seats/{seat}/handover': house(() => '/v1/charter/seats/operations-1/handover'),
  'POST /v1/charter/seats/{seat}/handover': house(() => '/v1/charter/seats/operations-1/handover', { to: 'x', effectiveAt: time(1) }),
  'POST /v1/charter/seats/{seat}/handover/accept': house(() => '/v1/charter/seats/operations-1/handover/accept', { signed: signature }),
  'POST /v1/charter/seats/{seat}/handover/cancel': house(() => '/v1/charter/seats/operations-1/handover/cancel'),
  'POST /v1/charter/seats/{seat}/leave': house(() => '/v1/charter/seats/operations-1/leave'),
};

/** Entries of the ledger are for everybody whose role reads it; of another tenant's, only what is public. */
export const SHOWN_IN_PART: Readonly<Record<string, Try>> = {
  'GET /v1/ledger/entries/{index}': ({ entries }) => entries.map((index) => ({ at: `/v1/ledger/entries/${index}` })),
  'GET /v1/ledger/entries/{index}/links': ({ entries }) => entries.map((index) => ({ at: `/v1/ledger/entries/${index}/links` })),
};

const scopes = (foreign: Foreign) => [
  { type: 'session', session: foreign.session },
  { type: 'tenant', tenant: foreign.tenant },
  { type: 'everything' },
  { type: 'deployment', deployment: 'echo' },
];

/** Of routes that name things in the body: tries that would reach the other tenant. All of them must be refused. */
export const IN_BODY: Readonly<Record<string, Try>> = {
  'POST /v1/orders': (foreign) => [
    ...scopes(foreign).flatMap((scope) =>
      ['stop', 'hold', 'take_over'].map((kind) => ({ at: '/v1/orders', body: { id: randomUUID(), kind, scope } })),
    ),
    ...[foreign.order, foreign.second].map((latch) => ({ at: '/v1/orders', body: { id: randomUUID(), kind: 'release', latch, reason } })),
  ],
  'POST /v1/proposals': (foreign) =>
    [
      { power: 'latch.release', latch: foreign.order },
      { power: 'latch.release', latch: foreign.second },
      { power: 'level.raise', latch: foreign.second },
      { power: 'access.grant', person: foreign.person, grant: 'administrator' },
      { power: 'key.rotate', key: 'master' },
    ].map((act) => ({ at: '/v1/proposals', body: { id: randomUUID(), act, reason } })),
  'POST /v1/practice-proposals': ({ second }) => [
    { at: '/v1/practice-proposals', body: { id: randomUUID(), act: { power: 'latch.release', latch: second }, reason } },
  ],
  'POST /v1/exports': (foreign) => [
    { at: '/v1/exports', body: { format: 'csv', profile: 'no-people', filter: { session: foreign.session }, reason } },
  ],
  'POST /v1/holds': ({ session: id, subject, person }) =>
    [{ session: id }, { subject }, { subject: person }].map((what) => ({ at: '/v1/holds', body: { id: randomUUID(), ...what, reason } })),
  'POST /v1/erasures': ({ subject, person }) =>
    [subject, person].map((whose) => ({ at: '/v1/erasures', body: { id: randomUUID(), subject: whose, reason } })),
  'POST /v1/actions': (foreign) => [
    { at: '/v1/actions', body: { id: randomUUID(), tool: 'refund', arguments: {}, session: foreign.session } },
    { at: '/v1/actions', body: { id: randomUUID(), tool: 'refund', arguments: {}, webhook: foreign.webhook } },
    { at: '/v1/actions', body: { id: foreign.action, tool: 'refund', arguments: {} } },
  ],
  'POST /v1/people': ({ tenant }) => [
    { at: '/v1/people', body: { name: 'Spy', email: `${randomUUID()}@example.org`, role: 'operator', tenant } },
    { at: '/v1/people', body: { name: 'Spy', email: `${randomUUID()}@example.org`, role: 'operator', tenant: 'house' } },
  ],
  'POST /v1/glass': ({ second }) => [
    {
      at: '/v1/glass',
      body: { id: randomUUID(), act: { power: 'latch.release', latch: second }, reason, seat: 'operations-1', signed: signature },
    },
  ],
  'POST /v1/training': ({ person }) => [{ at: '/v1/training', body: { person, until: time(1) } }],
  'POST /v1/charter/check': () => [{ at: '/v1/charter/check', body: { text: 'name: x' } }],
  'POST /v1/charter/absences': () => [{ at: '/v1/charter/absences', body: { id: randomUUID(), from: time(1), until: time(2) } }],
  'POST /v1/charter/delegations': ({ person }) => [
    { at: '/v1/charter/delegations', body: { id: randomUUID(), seat: 'operations-1', to: person, start: time(1), end: time(2) } },
  ],
  'POST /v1/policy/rollback': () => [{ at: '/v1/policy/rollback', body: { id: randomUUID(), reason } }],
  'POST /v1/policy/shadow': ({ bundle }) => [null, bundle].map((candidate) => ({ at: '/v1/policy/shadow', body: { bundle: candidate } })),
  'POST /v1/policy/replay': ({ bundle }) => [{ at: '/v1/policy/replay', body: { bundle, since: time(-1), until: time(1) } }],
};

const evaluation = (foreign: Foreign) => ({
  subject: { type: 'person', id: foreign.person },
  action: { name: 'call' },
  resource: { type: 'tool', id: 'refund', properties: { tenant: foreign.tenant, session: foreign.session } },
  context: { session: foreign.session, tenant: foreign.tenant },
});
const decision =
  (at: string): Try =>
  (foreign) => [{ at, body: evaluation(foreign) }];
const decisions =
  (at: string): Try =>
  (foreign) => [{ at, body: { ...evaluation(foreign), evaluations: [{}, evaluation(foreign)] } }];

/** Of routes that may well answer: what they answer must have nothing of the other tenant, and change nothing there. */
export const ANSWERED: Readonly<Record<string, Try>> = {
  'GET /v1/actions': ({ session: id }) => ['', `?session=${id}`, '?state=pending'].map((query) => ({ at: `/v1/actions${query}` })),
  'GET /v1/ledger/search': (foreign) =>
    ['', `?session=${foreign.session}`, `?person=${foreign.person}`, '?limit=200'].map((query) => ({ at: `/v1/ledger/search${query}` })),
  'GET /v1/ledger/entries': () => ['', '?limit=1000'].map((query) => ({ at: `/v1/ledger/entries${query}` })),
  'GET /v1/ledger/proof/inclusion': ({ entries }) =>
    entries.slice(0, 2).map((index) => ({ at: `/v1/ledger/proof/inclusion?index=${index}` })),
  'GET /v1/ledger/proof/consistency': () => [{ at: '/v1/ledger/proof/consistency?from=1' }],
  'GET /v1/proposals': () => ['inbox', 'open', 'all'].map((list) => ({ at: `/v1/proposals?list=${list}` })),
  'GET /v1/sessions': () => ['', '?state=waiting', '?state=ended'].map((query) => ({ at: `/v1/sessions${query}` })),
  'GET /v1/charter/transitions': () => [{ at: `/v1/charter/transitions?from=${time(-1)}&until=${time(0)}` }],
  'POST /v1/notices/read': () => [{ at: '/v1/notices/read', body: { all: true } }],
  'POST /v1/decisions': decision('/v1/decisions'),
  'POST /v1/decisions/batch': decisions('/v1/decisions/batch'),
  'POST /access/v1/evaluation': decision('/access/v1/evaluation'),
  'POST /access/v1/evaluations': decisions('/access/v1/evaluations'),
  'POST /v1/policy/check': ({ bundle }) => [{ at: '/v1/policy/check', body: { bundle } }],
};

/** Routes whose body says nothing about anybody else: they are about the caller. */
export const OWN: ReadonlySet<string> = new Set([
  'POST /v1/me/password',
  'POST /v1/me/voting-keys',
  'POST /v1/me/notice-channels',
  'POST /v1/notice-channels',
  'POST /v1/webhooks',
  'POST /v1/keys',
  'POST /v1/sessions',
  'POST /v1/policy/explain',
]);
