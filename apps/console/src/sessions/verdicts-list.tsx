import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Explanation, type PolicyRequest } from '@wheelhouse/protocol/policy';
import { useState } from 'react';
import { TimeFrom } from '../approvals/time-shown.tsx';
import { cedarPolicies } from '../policy/cedar-policies.ts';
import { ExplanationView } from '../policy/explanation-view.tsx';
import { policyQuery } from '../policy/policy-queries.ts';
import { VerdictMark } from '../policy/verdict-mark.tsx';
import { call } from '../rest/call.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { type RecordedVerdict, verdictsQuery } from './verdicts-query.ts';
import './verdicts.css';

/** The newest verdicts of a session's checkpoints, each with why. */
export function VerdictList({ session }: { session: string }) {
  const { data: verdicts, error } = useQuery(verdictsQuery(session));
  return (
    <>
      <ProblemNote error={error} />
      {verdicts?.length === 0 && <p className="soft">Nothing on record. Of ticks, only what was not allowed is.</p>}
      <ul className="verdict-rows">
        {verdicts?.map((verdict) => (
          <Row key={verdict.index} verdict={verdict} />
        ))}
      </ul>
      {verdicts !== undefined && verdicts.length > 0 && (
        <p>
          <Link to="/ledger" search={{ session, kind: 'checkpoint.decided' }}>
            All of them in the ledger
          </Link>
        </p>
      )}
    </>
  );
}

function Row({ verdict: recorded }: { verdict: RecordedVerdict }) {
  const [isOpen, setOpen] = useState(false);
  const { index, time, checkpoint, verdict, tick, times, policies, problems } = recorded;
  return (
    <li data-testid="verdict" data-checkpoint={checkpoint} data-verdict={verdict}>
      <p className="verdict-head">
        <VerdictMark verdict={verdict} /> <b>{checkpoint}</b>
        <span className="soft">
          {tick !== null && `tick ${tick}, `}
          {times > 1 && `${times} times, `}
          {time !== null && <TimeFrom iso={time} />}
        </span>
        <button
          type="button"
          aria-expanded={isOpen}
          aria-label={`Why ${checkpoint} said ${verdict}`}
          data-testid="verdict-why"
          onClick={() => {
            setOpen(!isOpen);
          }}
        >
          Why
        </button>
      </p>
      {policies.length > 0 && (
        <p>
          by <code>{policies.join(', ')}</code>
        </p>
      )}
      {problems.map((problem) => (
        <p key={problem} className="problem">
          {problem}
        </p>
      ))}
      {isOpen && (
        <div className="verdict-why">
          {recorded.request === null ? <Reasons recorded={recorded} /> : <Asked request={recorded.request} recorded={recorded} />}
          <Link to="/ledger/$index" params={{ index: String(index) }}>
            ledger entry {index}
          </Link>
        </div>
      )}
    </li>
  );
}

/** Asks the bundle that decided then about the request that was recorded. */
function Asked({ request, recorded }: { request: PolicyRequest; recorded: RecordedVerdict }) {
  const { bundle, verdict } = recorded;
  const { data, error } = useQuery({
    queryKey: ['policy', 'explain', bundle, request],
    staleTime: Infinity,
    retry: false,
    queryFn: () => call(Explanation, 'POST', '/v1/policy/explain', { request, ...(bundle === null ? {} : { bundle }) }),
  });
  if (error !== null)
    return (
      <>
        <ProblemNote error={error} />
        <Reasons recorded={recorded} />
      </>
    );
  if (data === undefined) return <p className="soft">Asking policy…</p>;
  return (
    <>
      {data.decision.verdict !== verdict && (
        <p className="problem">Asked again, it says {data.decision.verdict}: what went wrong then did not go wrong now.</p>
      )}
      <ExplanationView explanation={data} />
    </>
  );
}

/** Where the request can't be asked again: what the policies that decided are for, by the bundle in force. */
function Reasons({ recorded: { policies, bundle } }: { recorded: RecordedVerdict }) {
  const { data: view, error } = useQuery(policyQuery);
  if (view === undefined) return error === null ? <p className="soft">Asking policy…</p> : <ProblemNote error={error} />;
  const known = Object.values(view.bundle?.policies ?? {}).flatMap(cedarPolicies);
  return (
    <>
      {bundle !== null && bundle !== view.digest && (
        <p className="soft">Another bundle decided then; these are the reasons in the one in force.</p>
      )}
      <ul>
        {policies.map((id) => (
          <li key={id}>
            <code>{id}</code> {known.find((policy) => policy.id === id)?.reason ?? 'is not in the bundle in force.'}
          </li>
        ))}
        {policies.length === 0 && <li className="soft">No policy allowed it: what none allows is denied.</li>}
      </ul>
    </>
  );
}
