import { Link, Outlet } from '@tanstack/react-router';
import { Notices } from '../shell/notices.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import '../charter/charter.css';
import './policy.css';

/** The frame of policy's pages. */
export function PolicyFrame() {
  const { ability } = useMe();
  const mayRead = ability.can('read', 'Policy');
  return (
    <div className="charter policy">
      <Notices />
      {mayRead && (
        <nav className="charter-nav" aria-label="Policy">
          <Link to="/policy" activeOptions={{ exact: true }}>
            In force
          </Link>
          <Link to="/policy/explain">Explain</Link>
          <Link to="/policy/change">Change</Link>
          <Link to="/policy/shadow">Shadow</Link>
          <Link to="/policy/history">History</Link>
        </nav>
      )}
      {mayRead ? (
        <Outlet />
      ) : (
        <div className="charter-page">
          <ProblemNote error="Policy is for people of the house. Ask an administrator if you should read it." />
        </div>
      )}
    </div>
  );
}
