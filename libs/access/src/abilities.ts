import { createMongoAbility, type ForcedSubject, type MongoAbility, type RawRuleOf } from '@casl/ability';
import { HOUSE_TENANT, type KeyScope, type Principal, type Role } from '@wheelhouse/protocol/identity';

type Owned = { readonly tenant: string };
type InTenant<Name extends string> = Name | (Owned & ForcedSubject<Name>);
type KeySubject = 'Key' | (Owned & { readonly owner: string } & ForcedSubject<'Key'>);

type Permission =
  | readonly ['open' | 'read' | 'end', 'Session']
  | readonly ['give' | 'read', 'Order']
  | readonly ['ask' | 'confirm', 'Release']
  | readonly ['read', 'Ledger']
  | readonly ['invite' | 'read', 'Person']
  | readonly ['issue' | 'revoke' | 'read', 'Key'];

export type AppAbility = MongoAbility<
  | ['open' | 'read' | 'end', InTenant<'Session'>]
  | ['give' | 'read', InTenant<'Order'>]
  | ['ask' | 'confirm', InTenant<'Release'>]
  | ['read', 'Ledger']
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
  ['give', 'Order'],
  ['read', 'Order'],
  ['ask', 'Release'],
  ['confirm', 'Release'],
  ['read', 'Ledger'],
];

const BY_ROLE: Readonly<Record<Role, readonly Permission[]>> = {
  operator: WATCH,
  reviewer: [
    ['read', 'Session'],
    ['read', 'Order'],
    ['read', 'Ledger'],
    ['read', 'Person'],
  ],
  // Giving orders is theirs too: any single person on watch can stop (law 1). Undoing one is not.
  developer: [
    ['open', 'Session'],
    ['read', 'Session'],
    ['end', 'Session'],
    ['give', 'Order'],
    ['read', 'Order'],
    ['read', 'Key'],
    ['issue', 'Key'],
    ['revoke', 'Key'],
  ],
  administrator: [...WATCH, ['invite', 'Person'], ['read', 'Person'], ['read', 'Key'], ['issue', 'Key'], ['revoke', 'Key']],
};

/** What each key scope lets through of its role. No scope names `confirm Release`, `invite Person` or `issue Key`: a key never can. */
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
  'ledger:read': [['read', 'Ledger']],
};

/** What `principal` may do. Whatever is not granted here is denied; the API and the console ask the same function. */
export function abilitiesOf(principal: Principal): AppAbility {
  const granted = BY_ROLE[principal.role].filter((permission) => passesKey(principal, permission));
  return createMongoAbility<AppAbility>(granted.map((permission) => ruleOf(principal, permission)));
}

/** A key without scopes may do nothing: a missing list must never read as "everything". */
function passesKey(principal: Principal, [action, subject]: Permission): boolean {
  if (principal.kind === 'person') return true;
  return (principal.keyScopes ?? []).some((scope) =>
    BY_KEY_SCOPE[scope].some((through) => through[0] === action && through[1] === subject),
  );
}

function ruleOf(principal: Principal, permission: Permission): RawRuleOf<AppAbility> {
  const own = isOfTheHouse(principal) ? {} : { conditions: { tenant: principal.tenant } };
  switch (permission[1]) {
    case 'Session':
      return { action: permission[0], subject: permission[1], ...own };
    case 'Order':
      return { action: permission[0], subject: permission[1], ...own };
    case 'Release':
      return { action: permission[0], subject: permission[1], ...own };
    case 'Person':
      return { action: permission[0], subject: permission[1], ...own };
    case 'Ledger':
      return { action: permission[0], subject: permission[1] };
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
