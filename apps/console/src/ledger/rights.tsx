import { subject } from '@casl/ability';
import { ACROSS_TENANTS, type AppAbility } from '@wheelhouse/access/abilities';

/** Exports are of the whole record, so they are for those who may see all of it. */
export function mayExport(ability: AppAbility, act: 'ask' | 'confirm' | 'read'): boolean {
  return ability.can(act, subject('Export', { tenant: ACROSS_TENANTS }));
}

/** In place of a page that this person may not see. */
export function Forbidden({ what }: { what: string }) {
  return (
    <div className="ledger-page">
      <h1>Not for your role</h1>
      <p>You may not {what}. Ask an administrator if you should.</p>
    </div>
  );
}
