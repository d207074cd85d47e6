import { useQuery } from '@tanstack/react-query';
import type { OverseerView } from '@wheelhouse/protocol/charter-view';
import { useState } from 'react';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { useNow } from '../shell/use-now.ts';
import { TimeFrom } from '../approvals/time-shown.tsx';
import { overseersQuery } from './charter-queries.ts';
import { percent, secondsInWords } from './oversight-words.ts';
import { PracticeDialog } from './practice-dialog.tsx';
import { TrainingDialog } from './training-dialog.tsx';

/** How people vote, and whether it looks like a rubber stamp; and until when each is trained. */
export function OversightPage() {
  const { ability } = useMe();
  const mayRead = ability.can('read', 'Oversight');
  const { data: overseers, error } = useQuery({ ...overseersQuery, enabled: mayRead });
  return (
    <div className="charter-page">
      <h1>Oversight</h1>
      <p className="soft">
        How the people who decide decide. Signs of rubber-stamping are grounds for a talk, not for a judgement. Where a power asks for
        training, only votes of people whose training is valid count.
      </p>
      {ability.can('train', 'Oversight') && <Practice />}
      {!mayRead && <ProblemNote error="This is for reviewers and administrators." />}
      <ProblemNote error={error} />
      {overseers?.length === 0 && <p>Nobody has voted yet, and no training is recorded.</p>}
      {overseers !== undefined && overseers.length > 0 && <Overseers overseers={overseers} />}
    </div>
  );
}

/** Proposals that must be rejected, seeded among the real ones. */
function Practice() {
  const [open, setOpen] = useState(false);
  return (
    <p>
      <button
        type="button"
        data-testid="practice"
        onClick={() => {
          setOpen(true);
        }}
      >
        Propose for practice
      </button>
      {open && (
        <PracticeDialog
          onClose={() => {
            setOpen(false);
          }}
        />
      )}
    </p>
  );
}

function Overseers({ overseers }: { overseers: readonly OverseerView[] }) {
  const { me, ability } = useMe();
  const [trained, setTrained] = useState<OverseerView | null>(null);
  return (
    <section className="charter-card">
      <div className="charter-scroll">
        <table className="charter-table" data-testid="overseers">
          <thead>
            <tr>
              <th scope="col">Person</th>
              <th scope="col">Votes</th>
              <th scope="col">Yes</th>
              <th scope="col">Time to decide</th>
              <th scope="col">Saw evidence</th>
              <th scope="col">Practice caught</th>
              <th scope="col">Signs</th>
              <th scope="col">Trained until</th>
            </tr>
          </thead>
          <tbody>
            {overseers.map((overseer) => (
              <tr key={overseer.person} data-testid={`overseer-${overseer.person}`}>
                <th scope="row">{overseer.name}</th>
                <Votes overseer={overseer} />
                <td>
                  {overseer.signs.length === 0 ? (
                    <span className="soft">none</span>
                  ) : (
                    <ul className="charter-list">
                      {overseer.signs.map((sign) => (
                        <li key={sign}>{sign}</li>
                      ))}
                    </ul>
                  )}
                </td>
                <td>
                  <Trained overseer={overseer} />
                  {ability.can('train', 'Oversight') &&
                    (overseer.person === me.principal.person ? (
                      <small>somebody else records yours</small>
                    ) : (
                      <button
                        type="button"
                        aria-label={`Record training of ${overseer.name}`}
                        data-testid={`train-${overseer.person}`}
                        onClick={() => {
                          setTrained(overseer);
                        }}
                      >
                        Record training
                      </button>
                    ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {trained !== null && (
        <TrainingDialog
          overseer={trained}
          onClose={() => {
            setTrained(null);
          }}
        />
      )}
    </section>
  );
}

function Votes({ overseer: { votes, yesShare, medianSeconds, evidenceShare, practice } }: { overseer: OverseerView }) {
  const none = <span className="soft">none</span>;
  const caught = practice.seen === 0 ? <span className="soft">none seen</span> : `${practice.rejected} of ${practice.seen}`;
  if (votes === 0)
    return (
      <>
        <td>{none}</td>
        <td />
        <td />
        <td />
        <td>{caught}</td>
      </>
    );
  return (
    <>
      <td>{votes}</td>
      <td>{percent(yesShare)}</td>
      <td>{secondsInWords(medianSeconds)}, median</td>
      <td>{percent(evidenceShare)}</td>
      <td>{caught}</td>
    </>
  );
}

function Trained({ overseer: { trainings, lacks } }: { overseer: OverseerView }) {
  const now = useNow();
  return (
    <>
      {trainings.length === 0 && <p className="soft">not recorded</p>}
      {trainings.map(({ role, until }) => (
        <p key={role} className={Date.parse(until) <= now ? 'charter-mark' : ''}>
          {role}: {Date.parse(until) <= now && 'ran out '}
          <TimeFrom iso={until} />
        </p>
      ))}
      {lacks.map((lack) => (
        <p key={lack} className="charter-mark">
          {lack}
        </p>
      ))}
    </>
  );
}
