import { useMutation } from '@tanstack/react-query';
import { type AbsenceView, CharterView } from '@wheelhouse/protocol/charter-view';
import { useState } from 'react';
import { call } from '../rest/call.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { useNow } from '../shell/use-now.ts';
import { TimeFrom } from '../approvals/time-shown.tsx';
import { AbsenceDialog } from './absence-dialog.tsx';
import { useAdoptCharter } from './charter-queries.ts';
import { PersonName } from './seats-table.tsx';

/** Who is away, and who will be: their alternates stand in meanwhile. */
export function Absences({ view }: { view: CharterView }) {
  const { me } = useMe();
  const [isDeclaring, setDeclaring] = useState(false);
  const now = useNow();
  const adopt = useAdoptCharter();
  const end = useMutation({
    mutationFn: (id: string) => call(CharterView, 'POST', `/v1/charter/absences/${id}/end`),
    onSuccess: adopt,
  });
  const absences = view.absences.filter(({ until }) => Date.parse(until) > now);
  return (
    <section className="charter-card" aria-labelledby="absences" data-testid="absences">
      <header className="charter-head">
        <h2 id="absences">Absences</h2>
        {view.yours.length > 0 && (
          <button
            type="button"
            data-testid="declare-absence"
            onClick={() => {
              setDeclaring(true);
            }}
          >
            Declare an absence
          </button>
        )}
      </header>
      {absences.length === 0 && <p className="soft">Nobody has declared an absence.</p>}
      <ProblemNote error={end.error} />
      <ul className="charter-items">
        {absences.map((absence) => (
          <li key={absence.id} data-testid={`absence-of-${absence.person}`}>
            <span>
              <PersonName view={view} person={absence.person} />: <Away absence={absence} now={now} />
            </span>
            {absence.person === me.principal.person && (
              <button
                type="button"
                data-testid="end-absence"
                disabled={end.isPending}
                onClick={() => {
                  end.mutate(absence.id);
                }}
              >
                {Date.parse(absence.from) <= now ? 'I am back' : 'Call it off'}
              </button>
            )}
          </li>
        ))}
      </ul>
      {isDeclaring && (
        <AbsenceDialog
          onClose={() => {
            setDeclaring(false);
          }}
        />
      )}
    </section>
  );
}

function Away({ absence, now }: { absence: AbsenceView; now: number }) {
  const isAway = Date.parse(absence.from) <= now;
  return (
    <>
      {isAway ? <b>away now</b> : 'away '}
      {isAway ? ', back ' : <TimeFrom iso={absence.from} />}
      {isAway ? '' : ', back '}
      <TimeFrom iso={absence.until} />
    </>
  );
}
