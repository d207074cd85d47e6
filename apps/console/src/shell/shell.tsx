import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { Link, Navigate, Outlet } from '@tanstack/react-router';
import { abilitiesOf } from '@wheelhouse/access/abilities';
import { useEffect, useMemo, useState } from 'react';
import { ActionsCount } from '../actions/actions-count.tsx';
import { actionsChanged } from '../actions/actions-queries.ts';
import { proposalsChanged } from '../approvals/approvals-queries.ts';
import { WaitingCount } from '../approvals/waiting-count.tsx';
import { gathered } from '../live/gathered.ts';
import { LiveContext, openLive, useLive } from '../live/live.ts';
import { useCell } from '../live/use-cell.ts';
import { Bell } from '../notices/bell.tsx';
import { noticesChanged } from '../notices/notice-queries.ts';
import { meQuery } from '../rest/me.ts';
import { Voice } from '../talk/voice.ts';
import { VoiceContext } from '../talk/use-voice.ts';
import { AccountMenu } from './account-menu.tsx';
import { StopEverything } from './stop-everything.tsx';
import { MeContext, useMe, type SignedIn } from './use-me.ts';

/** Votes come in bursts; what is shown of them is read again at most this often. */
const GATHER_MS = 400;

/** The frame of the signed-in pages. The live channel and a running talk belong to it, so that changing the page cuts neither. */
export function Shell() {
  const { data: me } = useSuspenseQuery(meQuery);
  const queries = useQueryClient();
  const signedIn = useMemo<SignedIn | null>(() => (me === null ? null : { me, ability: abilitiesOf(me.principal) }), [me]);
  const [live] = useState(() =>
    openLive({
      onRefused: () => void queries.invalidateQueries({ queryKey: meQuery.queryKey }),
      onProposals: gathered(() => void proposalsChanged(queries), GATHER_MS),
      onActions: gathered(() => void actionsChanged(queries), GATHER_MS),
      onNotices: gathered(() => void noticesChanged(queries), GATHER_MS),
    }),
  );
  const [voice] = useState(() => new Voice());
  const isSignedIn = signedIn !== null;

  useEffect(() => {
    if (!isSignedIn) return undefined;
    live.channel.start();
    live.desk.start();
    return () => {
      live.channel.stop();
      live.desk.stop();
      void voice.end();
    };
  }, [live, voice, isSignedIn]);

  if (signedIn === null) return <Navigate to="/sign-in" />;
  return (
    <MeContext value={signedIn}>
      <LiveContext value={live}>
        <VoiceContext value={voice}>
          <div className="shell">
            <Header />
            <main id="page">
              <Outlet />
            </main>
          </div>
        </VoiceContext>
      </LiveContext>
    </MeContext>
  );
}

function Header() {
  const { store } = useLive();
  const { ability } = useMe();
  const channel = useCell(store.channel);
  return (
    <header className="top">
      <a className="skip" href="#page">
        To the page
      </a>
      <span className="brand">
        <img src="/wheel.svg" alt="" width={20} height={20} />
        Wheelhouse
      </span>
      <nav aria-label="Pages">
        <Link to="/sessions">Sessions</Link>
        <Link to="/talk">Talk</Link>
        {ability.can('read', 'Action') && (
          <Link to="/actions">
            Actions
            <ActionsCount />
          </Link>
        )}
        {ability.can('read', 'Proposal') && (
          <Link to="/approvals" activeOptions={{ includeSearch: false }}>
            Approvals
            <WaitingCount />
          </Link>
        )}
        {ability.can('read', 'Charter') && <Link to="/charter">Charter</Link>}
        {ability.can('read', 'Policy') && <Link to="/policy">Policy</Link>}
        {ability.can('read', 'Hold') && <Link to="/content">Content</Link>}
        {ability.can('read', 'Ledger') && <Link to="/ledger">Ledger</Link>}
        {(ability.can('read', 'Key') || ability.can('ask', 'Action')) && <Link to="/developers">Developers</Link>}
      </nav>
      <span className={`channel channel-${channel}`} data-testid="channel" role="status">
        {channel === 'open' ? 'live' : channel === 'down' ? 'not connected' : 'connecting'}
      </span>
      <Bell />
      <AccountMenu />
      <StopEverything />
    </header>
  );
}
