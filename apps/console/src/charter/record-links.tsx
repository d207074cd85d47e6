import { Link } from '@tanstack/react-router';
import { useMe } from '../shell/use-me.ts';

/** Where it stands in the ledger, for those who may read that. */
export function EntryLink({ entry }: { entry: number }) {
  const { ability } = useMe();
  if (!ability.can('read', 'Ledger')) return <span>ledger entry {entry}</span>;
  return (
    <Link to="/ledger/$index" params={{ index: String(entry) }}>
      ledger entry {entry}
    </Link>
  );
}

export function ProposalLink({ id, children }: { id: string; children: string }) {
  return (
    <Link to="/approvals/$id" params={{ id }}>
      {children}
    </Link>
  );
}
