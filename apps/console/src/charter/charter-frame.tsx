import { Link, Outlet } from '@tanstack/react-router';
import { Notices } from '../shell/notices.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';
import { PublicLink } from '../transparency/public-link.tsx';
import { useMe } from '../shell/use-me.ts';
import './charter.css';
import './editor.css';
import './transitions.css';

/** The frame of the charter's pages. */
export function CharterFrame() {
  const { ability } = useMe();
  const mayRead = ability.can('read', 'Charter');
  return (
    <div className="charter">
      <Notices />
      {mayRead && (
        <nav className="charter-nav" aria-label="Charter">
          <Link to="/charter" activeOptions={{ exact: true }}>
            In force
          </Link>
          <Link to="/charter/seats">Seats and absence</Link>
          <Link to="/charter/transitions" activeOptions={{ includeSearch: false }}>
            Transitions
          </Link>
          <Link to="/charter/amend">Amend</Link>
          <Link to="/charter/history">History</Link>
          {ability.can('read', 'Oversight') && <Link to="/charter/oversight">Oversight</Link>}
          <PublicLink>Public page</PublicLink>
        </nav>
      )}
      {mayRead ? (
        <Outlet />
      ) : (
        <div className="charter-page">
          <ProblemNote error="The charter is for people of the house. Ask an administrator if you should read it." />
        </div>
      )}
    </div>
  );
}
