import { Notices } from '../shell/notices.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { ApiKeys } from './api-keys.tsx';
import { Quickstart } from './quickstart.tsx';
import { WebhookList } from './webhook-list.tsx';
import '../charter/charter.css';
import './developers.css';

/** For those who build on this installation: how to begin, their keys, and where decisions are sent. */
export function DevelopersPage() {
  const { ability } = useMe();
  const [mayKeys, mayAsk] = [ability.can('read', 'Key'), ability.can('ask', 'Action')];
  return (
    <div className="charter">
      <Notices />
      <div className="charter-page">
        <header className="charter-head">
          <h1>Developers</h1>
          <p className="soft">
            Every route is described under <a href="/docs">/docs</a>; as OpenAPI under <a href="/docs/openapi.json">/docs/openapi.json</a>.
          </p>
        </header>
        {!mayKeys && !mayAsk && <ProblemNote error="This page is for developers and administrators." />}
        {(mayKeys || mayAsk) && <Quickstart />}
        {mayKeys && <ApiKeys />}
        {mayAsk && <WebhookList />}
      </div>
    </div>
  );
}
