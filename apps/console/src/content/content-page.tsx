import { Notices } from '../shell/notices.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { Erasures } from './erasures.tsx';
import { Holds } from './holds.tsx';
import { MasterKey } from './master-key.tsx';

/** What keeps recorded content, and what destroys it: each takes two people. */
export function ContentPage() {
  const { ability } = useMe();
  return (
    <div className="content-page">
      <Notices />
      <header>
        <h1>Content</h1>
        <p className="soft">
          What sessions recorded is deleted when its time comes. A legal hold keeps it for longer; an erasure ends it before. Recordings are
          listened to on their session's page.
        </p>
      </header>
      {ability.can('read', 'Hold') && ability.can('read', 'Erasure') ? (
        <div className="custodies">
          <Holds />
          <Erasures />
          <MasterKey />
        </div>
      ) : (
        <ProblemNote error="Legal holds and erasures are for reviewers and administrators." />
      )}
    </div>
  );
}
