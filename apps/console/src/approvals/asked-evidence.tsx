import { Link } from '@tanstack/react-router';
import type { Action } from '@wheelhouse/protocol/action';
import { grouped, pretty } from '../actions/action-words.ts';
import { TimeWhole } from './time-shown.tsx';

type Asked = {
  /** Null for readers whose vote could not count, and who may not decide on actions. */
  readonly asked: Action | null;
  readonly act: { readonly action: string; readonly digest: string };
};

/**
 * The fine-tune or promotion that a proposal lets be made: exactly what with, and what policy said of it. The page refuses to have anything signed where the
 * arguments shown here do not have the digest that is signed (`whyNotToSign`).
 */
export function AskedEvidence({ asked, act: { action, digest } }: Asked) {
  return (
    <>
      {asked === null ? (
        <p className="soft">The arguments are shown to whoever may vote on this, to operators and administrators, and to who asked.</p>
      ) : (
        <Content asked={asked} />
      )}
      <p className="digest">
        SHA-256 <code data-testid="asked-digest">{grouped(digest)}</code>
      </p>
      <p>
        Whoever asked may do exactly that, once:{' '}
        <Link to="/actions/$id" params={{ id: action }}>
          the action
        </Link>
        .
      </p>
    </>
  );
}

function Content({ asked }: { asked: Action }) {
  const { agent, askedByName, askedAt, reason, decision, because, kind, tool } = asked;
  return (
    <>
      <dl className="bound">
        <dt>Asked by</dt>
        <dd>
          {agent !== '' && <>{agent}, by </>}
          {askedByName}, <TimeWhole iso={askedAt} />
        </dd>
        <dt>Because</dt>
        <dd>{reason === '' ? <span className="soft">no reason was given</span> : reason}</dd>
        <dt>Checkpoint</dt>
        <dd>
          <code>{kind}</code> of <code>{tool}</code>
        </dd>
        <dt>Policy said</dt>
        <dd data-testid="asked-policy">
          {decision.verdict}
          {because.map(({ policy, reason: why }) => (
            <span key={policy}>
              ; <code>{policy}</code> {why}
            </span>
          ))}
          {decision.errors.map((error) => (
            <span key={error}>; {error}</span>
          ))}
        </dd>
      </dl>
      <h3>Arguments</h3>
      {asked.arguments === null ? (
        <p>They were erased, and can not be shown any more.</p>
      ) : (
        <pre className="exact" tabIndex={0} data-testid="asked-arguments">
          {pretty(asked.arguments)}
        </pre>
      )}
    </>
  );
}
