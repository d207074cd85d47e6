import { createMongoAbility, type ForcedSubject, type MongoAbility, type RawRuleOf } from '@casl/ability';
import { HOUSE_TENANT, type KeyScope, type Principal, type Role } from '@wheelhouse/protocol/identity';

type Owned = { readonly tenant: string };
type InTenant<Name extends string> = Name | (Owned & ForcedSubject<Name>);
type NoticeSubject = 'Notice' | ({ readonly person: string } & ForcedSubject<'Notice'>);
type KeySubject = 'Key' | (Owned & { readonly owner: string } & ForcedSubject<'Key'>);

type Permission =
  | readonly ['open' | 'read' | 'end' | 'join', 'Session']
  | readonly ['ask' | 'decide' | 'read', 'Action']
  | readonly ['read', 'Policy']
  | readonly ['rollback', 'Policy']
  | readonly ['give' | 'read', 'Order']
  | readonly ['ask' | 'confirm', 'Release']
  | readonly ['read', 'Ledger']
  | readonly ['read', 'Entry']
  | readonly ['ask' | 'confirm' | 'read', 'Export']
  | readonly ['read', 'Content']
  | readonly ['read', 'Transcript']
  | readonly ['place' | 'lift' | 'read', 'Hold']
  | readonly ['ask' | 'confirm' | 'read', 'Erasure']
  | readonly ['propose' | 'vote' | 'read', 'Proposal']
  | readonly ['read', 'Charter']
  | readonly ['train' | 'read', 'Oversight']
  | readonly ['read', 'Notice']
  | readonly ['manage', 'NoticeChannel']
  | readonly ['invite' | 'read', 'Person']
  | readonly ['issue' | 'revoke' | 'read', 'Key'];

export type AppAbility = MongoAbility<
  | ['open' | 'read' | 'end' | 'join', InTenant<'Session'>]
  | ['ask' | 'decide' | 'read', InTenant<'Action'>]
  | ['read' | 'rollback', 'Policy']
  | ['give' | 'read', InTenant<'Order'>]
  | ['ask' | 'confirm', InTenant<'Release'>]
  | ['read', 'Ledger']
  | ['read', InTenant<'Entry'>]
  | ['ask' | 'confirm' | 'read', InTenant<'Export'>]
  | ['read', InTenant<'Content'>]
  | ['read', InTenant<'Transcript'>]
  | ['place' | 'lift' | 'read', InTenant<'Hold'>]
  | ['ask' | 'confirm' | 'read', InTenant<'Erasure'>]
  | ['propose' | 'vote' | 'read', InTenant<'Proposal'>]
  | ['read', 'Charter']
  | ['train' | 'read', 'Oversight']
  | ['read', NoticeSubject]
  | ['manage', InTenant<'NoticeChannel'>]
  | ['invite' | 'read', InTenant<'Person'>]
  | ['issue' | 'revoke' | 'read', KeySubject]
>;

/**
 * The `tenant` to ask with for an order or release whose scope may reach more than one tenant (everything, a deployment, a model, a level).
 * It equals no tenant's name, so only those who are not limited by tenant pass.
 */
export const ACROSS_TENANTS = '*';

const WATCH: readonly Permission[] = [
  ['open', 'Session'],
  ['read', 'Session'],
  ['end', 'Session'],
  // Listening in, and speaking: the human at the wheel.
  ['join', 'Session'],
  ['decide', 'Action'],
  ['read', 'Action'],
  ['read', 'Policy'],
  ['rollback', 'Policy'],
  ['give', 'Order'],
  ['read', 'Order'],
  ['ask', 'Release'],
  ['confirm', 'Release'],
  ['read', 'Ledger'],
  ['read', 'Entry'],
];

/** What was recorded, and what keeps or destroys it. Placing a hold and lifting it, asking for an erasure and confirming it, take two people. */
const CUSTODY: readonly Permission[] = [
  ['read', 'Content'],
  ['read', 'Transcript'],
  ['place', 'Hold'],
  ['lift', 'Hold'],
  ['read', 'Hold'],
  ['ask', 'Erasure'],
  ['confirm', 'Erasure'],
  ['read', 'Erasure'],
];

/** Taking the record out of the house. One that shows everything takes two people. */
const EXPORTS: readonly Permission[] = [
  ['ask', 'Export'],
  ['confirm', 'Export'],
  ['read', 'Export'],
];

/** The charter says whose vote counts, not the role: whoever belongs to the house may read proposals, make them and hold a seat. */
const STRUCTURE: readonly Permission[] = [
  ['propose', 'Proposal'],
  ['vote', 'Proposal'],
  ['read', 'Proposal'],
  ['read', 'Charter'],
];

/** What everybody has who signs in: the notices for themselves. */
const OWN: readonly Permission[] = [['read', 'Notice']];

const BY_ROLE: Readonly<Record<Role, readonly Permission[]>> = {
  operator: [...OWN, ...WATCH, ...STRUCTURE, ['read', 'Transcript']],
  reviewer: [
    ...OWN,
    ...STRUCTURE,
    ['read', 'Oversight'],
    ['train', 'Oversight'],
    ['read', 'Action'],
    ['read', 'Policy'],
    ['read', 'Session'],
    ['read', 'Order'],
    ['read', 'Ledger'],
    ['read', 'Entry'],
    ['read', 'Person'],
    ...CUSTODY,
    ...EXPORTS,
  ],
  // Giving orders is theirs too: any single person on watch can stop (law 1). Undoing one is not.
  developer: [
    ...OWN,
    ...STRUCTURE,
    ['open', 'Session'],
    ['read', 'Session'],
    ['end', 'Session'],
    ['give', 'Order'],
    ['read', 'Order'],
    ['ask', 'Action'],
    ['read', 'Action'],
    ['read', 'Policy'],
    ['read', 'Key'],
    ['issue', 'Key'],
    ['revoke', 'Key'],
  ],
  administrator: [
    ...OWN,
    ...WATCH,
    ...STRUCTURE,
    ...CUSTODY,
    ...EXPORTS,
    ['read', 'Oversight'],
    ['train', 'Oversight'],
    ['ask', 'Action'],
    ['manage', 'NoticeChannel'],
    ['invite', 'Person'],
    ['read', 'Person'],
    ['read', 'Key'],
    ['issue', 'Key'],
    ['revoke', 'Key'],
  ],
};

/** What each key scope lets through of its role. No scope names `confirm Release`, `vote Proposal`, `invite Person`, `issue Key`, or
 * anything about recorded content: a key never can. */
const BY_KEY_SCOPE: Readonly<Record<KeyScope, readonly Permission[]>> = {
  'sessions:open': [
    ['open', 'Session'],
    ['end', 'Session'],
  ],
  'sessions:read': [['read', 'Session']],
  'orders:give': [
    ['give', 'Order'],
    ['read', 'Order'],
    ['ask', 'Release'],
  ],
  'ledger:read': [
    ['read', 'Ledger'],
    ['read', 'Entry'],
    ['ask', 'Export'],
    ['read', 'Export'],
  ],
  'proposals:open': [
    ['propose', 'Proposal'],
    ['read', 'Proposal'],
  ],
  // Asking is a key's; deciding never is.
  'actions:ask': [
    ['ask', 'Action'],
    ['read', 'Action'],
  ],
  'policy:read': [['read', 'Policy']],
};

/** What `principal` may do. Whatever is not granted here is denied; the API and the console ask the same function. */
export function abilitiesOf(principal: Principal): AppAbility {
  const granted = BY_ROLE[principal.role].filter((permission) => passesKey(principal, permission) && passesHouse(principal, permission));
  return createMongoAbility<AppAbility>(granted.map((permission) => ruleOf(principal, permission)));
}

/** A key without scopes may do nothing: a missing list must never read as "everything". */
function passesKey(principal: Principal, [action, subject]: Permission): boolean {
  if (principal.kind === 'person') return true;
  return (principal.keyScopes ?? []).some((scope) =>
    BY_KEY_SCOPE[scope].some((through) => through[0] === action && through[1] === subject),
  );
}

/** The charter and how its people vote are the house's own. */
function passesHouse({ tenant }: Principal, [, subject]: Permission): boolean {
  return tenant === HOUSE_TENANT || (subject !== 'Charter' && subject !== 'Oversight');
}

function ruleOf(principal: Principal, permission: Permission): RawRuleOf<AppAbility> {
  const own = isOfTheHouse(principal) ? {} : { conditions: { tenant: principal.tenant } };
  switch (permission[1]) {
    case 'Session':
      return { action: permission[0], subject: permission[1], ...own };
    case 'Order':
      return { action: permission[0], subject: permission[1], ...own };
    case 'Action':
      return { action: permission[0], subject: permission[1], ...own };
    case 'Policy':
      return { action: permission[0], subject: permission[1] };
    case 'Release':
      return { action: permission[0], subject: permission[1], ...own };
    case 'Person':
      return { action: permission[0], subject: permission[1], ...own };
    case 'Content':
      return { action: permission[0], subject: permission[1], ...own };
    case 'Transcript':
      return { action: permission[0], subject: permission[1], ...own };
    case 'Hold':
      return { action: permission[0], subject: permission[1], ...own };
    case 'Erasure':
      return { action: permission[0], subject: permission[1], ...own };
    // Proposals are the house's; people of a tenant see and make those about their own.
    case 'Proposal':
      return { action: permission[0], subject: permission[1], ...(principal.tenant === HOUSE_TENANT ? {} : own) };
    case 'Charter':
      return { action: permission[0], subject: permission[1] };
    case 'Oversight':
      return { action: permission[0], subject: permission[1] };
    case 'Notice':
      return { action: permission[0], subject: permission[1], conditions: { person: principal.person } };
    case 'NoticeChannel':
      return { action: permission[0], subject: permission[1], ...own };
    case 'Ledger':
      return { action: permission[0], subject: permission[1] };
    // The record is the house's: its reviewers see every tenant's part of it.
    case 'Entry':
      return { action: permission[0], subject: permission[1], ...(principal.tenant === HOUSE_TENANT ? {} : own) };
    case 'Export':
      return { action: permission[0], subject: permission[1], ...(principal.tenant === HOUSE_TENANT ? {} : own) };
    case 'Key':
      // Developers change only their own keys; with `owner` in the condition, nobody else's id will do.
      if (principal.role === 'developer' && permission[0] !== 'read') {
        return { action: permission[0], subject: permission[1], conditions: { tenant: principal.tenant, owner: principal.person } };
      }
      return { action: permission[0], subject: permission[1], ...own };
  }
}

/** Those who run the installation see every tenant; reviewers and developers of the house do not. */
function isOfTheHouse({ tenant, role }: Principal): boolean {
  return tenant === HOUSE_TENANT && (role === 'operator' || role === 'administrator');
}
