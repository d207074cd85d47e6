import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { TimeFrom } from '../approvals/time-shown.tsx';
import { textIn } from '../content/act-dialog.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';
import { transitionsQuery } from './charter-queries.ts';
import { PowersHeld } from './powers-held.tsx';
import { groupAlike, usualSpan } from './transition-words.ts';

const route = getRouteApi('/signed-in/shell/charter/transitions');

/** Who represented, and will represent, which seat of which power: that nobody's going leaves a power without people. */
export function TransitionsPage() {
  const asked = route.useSearch();
  const navigate = route.useNavigate();
  const [usual] = useState(() => usualSpan(Date.now()));
  const [wrong, setWrong] = useState<string | null>(null);
  const span = { from: asked.from ?? usual.from, until: asked.until ?? usual.until };
  const { data: report, error, isFetching } = useQuery(transitionsQuery(`${span.from}T00:00:00.000Z`, `${span.until}T00:00:00.000Z`));

  function submit(form: FormData) {
    const [from, until] = [textIn(form, 'from'), textIn(form, 'until')];
    setWrong(from < until ? null : 'The span has to end after it begins.');
    if (from < until) void navigate({ search: { from, until } });
  }

  return (
    <div className="charter-page">
      <h1>Transitions</h1>
      <p className="soft">
        Who represented each seat from when to when, by the terms, handovers and absences that are known. What lies ahead changes as they
        do.
      </p>
      <form
        key={`${span.from} ${span.until}`}
        className="charter-span"
        onSubmit={(event) => {
          event.preventDefault();
          submit(new FormData(event.currentTarget));
        }}
      >
        <label>
          From
          <input type="date" name="from" required defaultValue={span.from} data-testid="span-from" />
        </label>
        <label>
          Until
          <input type="date" name="until" required defaultValue={span.until} data-testid="span-until" />
        </label>
        <button type="submit" data-testid="show-span">
          Show
        </button>
        <span className="soft" role="status">
          {isFetching ? 'loading…' : 'days are UTC'}
        </span>
      </form>
      <ProblemNote error={wrong ?? error} />
      {report?.powers.length === 0 && <p>The charter in force began after this span: its seats did not exist yet.</p>}
      {report !== undefined && report.powers.length > 0 && report.from > `${span.from}T00:00:00.000Z` && (
        <p>
          The charter in force began <TimeFrom iso={report.from} />: before that its seats did not exist.
        </p>
      )}
      {report !== undefined && groupAlike(report.powers).map((held) => <PowersHeld key={held.powers.join()} span={report} held={held} />)}
    </div>
  );
}
