import { useQuery } from '@tanstack/react-query';
import type { OverseerView } from '@wheelhouse/protocol/charter-view';
import { dayOf } from '../content/content-words.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { oversightQuery } from './approvals-queries.ts';
import { lengthInWords } from './time-words.ts';
import { KeyChoices, useVotingKeys } from './voting-keys.tsx';

/** How the reader has voted so far, said to themselves first: oversight that nobody watches wears off. */
export function RecordPanel() {
  const { data, error } = useQuery(oversightQuery);
  const keys = useVotingKeys();
  return (
    <>
      <section className="side-card" aria-labelledby="your-record" data-testid="your-record">
        <h2 id="your-record">Your record as an overseer</h2>
        <ProblemNote error={error} />
        {data !== undefined && <OwnRecord record={data} />}
      </section>
      {keys !== null && (
        <section className="side-card" aria-labelledby="your-keys">
          <h2 id="your-keys">Your passkeys</h2>
          <KeyChoices keys={keys} />
        </section>
      )}
    </>
  );
}

function OwnRecord({ record }: { record: OverseerView }) {
  const { votes, yesShare, medianSeconds, evidenceShare, practice, trainings, lacks, signs } = record;
  return (
    <>
      <dl className="record-facts">
        <dt>Votes</dt>
        <dd>{votes === 0 ? 'none yet' : `${votes}, ${percent(yesShare)} yes`}</dd>
        {votes > 0 && (
          <>
            <dt>Median time before a vote</dt>
            <dd>{lengthInWords(medianSeconds * 1000)}</dd>
            <dt>Evidence opened</dt>
            <dd>{percent(evidenceShare)}</dd>
          </>
        )}
        <dt>Practice</dt>
        <dd>{practice.seen === 0 ? 'none yet' : `stopped ${practice.rejected} of ${practice.seen}`}</dd>
        <dt>Training</dt>
        <dd data-testid="your-training">
          {trainings.length === 0 ? 'not recorded' : trainings.map(({ role, until }) => `for ${role} until ${dayOf(until)}`).join('; ')}
        </dd>
      </dl>
      {lacks.map((lack) => (
        <p key={lack} className="problem" data-testid="your-lack">
          {`You ${lack.replace(/^lacks/, 'lack').replace('theirs is', 'yours is')}. Your vote does not count there.`}
        </p>
      ))}
      {signs.map((sign) => (
        <p key={sign} className="problem">
          {sign}
        </p>
      ))}
      {signs.length === 0 && votes > 0 && <p className="soft">No signs of waving things through.</p>}
    </>
  );
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
