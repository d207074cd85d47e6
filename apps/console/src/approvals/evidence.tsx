import { Link } from '@tanstack/react-router';
import { canonicalJson } from '@wheelhouse/ledger/canonical';
import type { Preview } from '@wheelhouse/protocol/proposed-act';
import type { ProposalView } from '@wheelhouse/protocol/proposal';
import { EntryLink } from '../charter/record-links.tsx';
import { useLive } from '../live/live.ts';
import { useCell } from '../live/use-cell.ts';
import { short } from '../ledger/plain-words.ts';
import { latchInWords } from '../release/order-words.ts';
import { scopeInWords } from '@wheelhouse/protocol/scope';
import type { Attention } from './attention.ts';
import { AskedEvidence } from './asked-evidence.tsx';
import { AmendmentEvidence } from './amendment-evidence.tsx';
import { Disclosure } from './disclosure.tsx';
import { RotationEvidence } from './rotation-evidence.tsx';
import { TimeWhole } from './time-shown.tsx';

/** What a proposal rests on, to be opened before one votes; that it was is kept with the vote. */
export function Evidence({ view, attention }: { view: ProposalView; attention: Attention }) {
  const opened = () => {
    attention.openedEvidence();
  };
  return (
    <section className="part" aria-labelledby="evidence" data-testid="evidence">
      <h2 id="evidence">Evidence</h2>
      <OfAct view={view} onOpen={opened} />
      <Reach preview={view.preview} onOpen={opened} />
      <Disclosure title="The exact act, as it is signed and carried out" testId="exact-act" onOpen={opened}>
        <pre className="exact" tabIndex={0}>
          {canonicalJson(view.act)}
        </pre>
        <dl className="bound">
          <dt>Charter</dt>
          <dd>
            <code>{view.charter}</code>
          </dd>
          <dt>Policy</dt>
          <dd>
            <code>{view.policy}</code>
          </dd>
          <dt>What it is about</dt>
          <dd>
            <code>{view.about}</code>
          </dd>
        </dl>
      </Disclosure>
    </section>
  );
}

function OfAct({ view, onOpen }: { view: ProposalView; onOpen: () => void }) {
  const { act, entry, charter } = view;
  switch (act.power) {
    case 'charter.amend':
      return <AmendmentEvidence text={act.text} charter={charter} onOpen={onOpen} />;
    case 'latch.release':
    case 'level.raise':
      return (
        <Disclosure title={`The order that would be released: ${short(act.latch)}`} testId="evidence-latch" onOpen={onOpen}>
          <LatchEvidence order={act.latch} />
          <Trail entry={entry} />
        </Disclosure>
      );
    case 'record.export':
      return (
        <Disclosure title="What the export covers" testId="evidence-export" onOpen={onOpen}>
          <p>
            {act.report === null ? 'Entries' : `Report ${act.report}`} as {act.format}, showing profile “{act.profile}”.
          </p>
          <pre className="exact">{JSON.stringify(act.filter, null, 2)}</pre>
        </Disclosure>
      );
    case 'policy.change':
      return (
        <Disclosure title="The policy bundle as it would be" testId="evidence-policy" onOpen={onOpen}>
          <pre className="exact">{act.text}</pre>
        </Disclosure>
      );
    case 'finetune.create':
    case 'deployment.promote':
      return (
        <Disclosure title="What somebody asked to do, with which arguments" testId="evidence-action" onOpen={onOpen}>
          <AskedEvidence asked={view.asked} act={act} />
        </Disclosure>
      );
    case 'record.erase':
      return (
        <Disclosure title="Whose content becomes unreadable" testId="evidence-erase" onOpen={onOpen}>
          <p>
            Data subject <code>{act.subject}</code>. Their key is destroyed; nobody can undo it. <Link to="/content">Content</Link> has
            holds and erasures.
          </p>
        </Disclosure>
      );
    case 'break_glass.review':
      return (
        <Disclosure title={`The emergency that was: ${short(act.glass)}`} testId="evidence-glass" onOpen={onOpen}>
          <p>
            Who broke the glass, when and what for stands under <Link to="/approvals">Break glass</Link>.
          </p>
          <Trail entry={entry} />
        </Disclosure>
      );
    case 'key.rotate':
      return (
        <Disclosure title="What another master key reaches" testId="evidence-rotation" onOpen={onOpen}>
          <RotationEvidence />
        </Disclosure>
      );
    case 'seat.change':
    case 'seat.recall':
    case 'access.grant':
      // The preview says all there is.
      return null;
  }
}

function Trail({ entry }: { entry: number }) {
  return (
    <p>
      What led to it stands beside <EntryLink entry={entry} />.
    </p>
  );
}

function LatchEvidence({ order }: { order: string }) {
  const { latches } = useCell(useLive().store.state);
  const latch = latches.get(order);
  if (latch === undefined) return <p>It is not in force any more, or not yours to see. The ledger has the order.</p>;
  const { scope } = latch;
  return (
    <dl className="bound">
      <dt>Order</dt>
      <dd>{latchInWords(latch)}</dd>
      <dt>Over</dt>
      <dd>
        {scope.type === 'session' ? (
          <Link to="/sessions/$id" params={{ id: scope.session }}>
            session {short(scope.session)}
          </Link>
        ) : (
          scopeInWords(scope)
        )}
      </dd>
      <dt>Given by</dt>
      <dd>
        {latch.authorName}, <TimeWhole iso={latch.givenAt} />
      </dd>
      <dt>Because</dt>
      <dd>{latch.reason === '' ? <span className="soft">no reason was given</span> : latch.reason}</dd>
    </dl>
  );
}

/** The sessions and deployments that it reaches. */
function Reach({ preview: { sessions, deployments }, onOpen }: { preview: Preview; onOpen: () => void }) {
  if (sessions.count === 0 && deployments.count === 0) return null;
  return (
    <Disclosure title="Which sessions and deployments" testId="evidence-reach" onOpen={onOpen}>
      {deployments.count > 0 && (
        <p>
          {deployments.first.join(', ')}
          {more(deployments.count, deployments.first.length)}
        </p>
      )}
      <ul className="reached">
        {sessions.first.map((id) => (
          <li key={id}>
            <Link to="/sessions/$id" params={{ id }}>
              <code>{short(id)}</code>
            </Link>
          </li>
        ))}
      </ul>
      {more(sessions.count, sessions.first.length)}
    </Disclosure>
  );
}

function more(count: number, shown: number): string {
  return count > shown ? ` and ${(count - shown).toLocaleString('en')} more` : '';
}
