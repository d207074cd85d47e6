import { Link, Outlet } from '@tanstack/react-router';
import { Notices } from '../shell/notices.tsx';
import { useMe } from '../shell/use-me.ts';
import { KeyWarning } from './key-warning.tsx';
import { Forbidden, mayExport } from './rights.tsx';
import './ledger.css';
import './search.css';
import './page.css';
import './verification.css';
import './exports.css';

/** The frame of the ledger's pages: what they are, and a warning where the log's key is not the one that is remembered. */
export function LedgerFrame() {
  const { ability } = useMe();
  if (!ability.can('read', 'Ledger')) {
    return (
      <div className="ledger">
        <Notices />
        <Forbidden what="read the ledger" />
      </div>
    );
  }
  return (
    <div className="ledger">
      <Notices />
      <KeyWarning />
      <nav className="ledger-nav" aria-label="Ledger">
        {ability.can('read', 'Entry') && (
          <Link to="/ledger" activeOptions={{ exact: true, includeSearch: false }}>
            Search
          </Link>
        )}
        <Link to="/ledger/heads">Tree heads</Link>
        {mayExport(ability, 'read') && (
          <Link to="/ledger/exports" activeOptions={{ includeSearch: false }}>
            Exports
          </Link>
        )}
        <Link to="/ledger/verify">Verify a file</Link>
      </nav>
      <Outlet />
    </div>
  );
}
