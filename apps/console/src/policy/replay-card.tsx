import { useMutation } from '@tanstack/react-query';
import type { PolicyBundle } from '@wheelhouse/protocol/policy';
import { type ReplayedRecordings, ReplayView } from '@wheelhouse/protocol/policy-view';
import { useState } from 'react';
import { textIn } from '../content/act-dialog.tsx';
import { localTime, momentOf } from '../ledger/search-filter.ts';
import { dateTime, plural } from '../ledger/plain-words.ts';
import { call } from '../rest/call.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { Comparison } from './comparison.tsx';

const WEEK_MS = 7 * 24 * 3600_000;

type Wish = { readonly bundle: PolicyBundle; readonly since: string; readonly until: string; readonly recordings: boolean };

/** Both bundles decide again what the ledger recorded in a period of the past. */
export function ReplayCard({ bundle }: { bundle: PolicyBundle | null }) {
  const [wrong, setWrong] = useState<string | null>(null);
  const [from] = useState(() => localTime(new Date(Date.now() - WEEK_MS).toISOString()));
  const replay = useMutation({ mutationFn: (wish: Wish) => call(ReplayView, 'POST', '/v1/policy/replay', wish) });

  function ask(form: FormData) {
    const since = momentOf(textIn(form, 'since'));
    const typed = textIn(form, 'until');
    const until = typed === '' ? new Date().toISOString() : momentOf(typed);
    const period = since === undefined || until === undefined || since >= until ? null : { since, until };
    setWrong(period === null ? 'The period has to begin before it ends.' : null);
    if (period !== null && bundle !== null) replay.mutate({ bundle, ...period, recordings: form.has('recordings') });
  }

  return (
    <section className="charter-card" aria-labelledby="replay-head">
      <h2 id="replay-head">Try it on the past</h2>
      <p className="soft">
        Both bundles decide again what the ledger recorded. Nothing changes by it. Recorded words that are read for it are entered in the
        ledger as read by you.
      </p>
      <form
        className="policy-period"
        onSubmit={(event) => {
          event.preventDefault();
          ask(new FormData(event.currentTarget));
        }}
      >
        <label>
          From
          <input type="datetime-local" name="since" required defaultValue={from} />
        </label>
        <label>
          Until (empty: now)
          <input type="datetime-local" name="until" />
        </label>
        <label className="policy-recordings">
          <input type="checkbox" name="recordings" />
          Read recorded words too
        </label>
        <button type="submit" data-testid="replay" disabled={bundle === null || replay.isPending}>
          {replay.isPending ? 'Replaying…' : 'Replay'}
        </button>
      </form>
      <ProblemNote error={wrong ?? replay.error} />
      {replay.data !== undefined && (
        <div data-testid="replay-result">
          <Comparison comparison={replay.data.comparison} testId="replay-comparison" />
          <p className="soft">
            {dateTime(replay.data.since)} to {dateTime(replay.data.until)}, {plural(replay.data.entries, 'entry', 'entries')} of the ledger.
            {replay.data.unreadable > 0 && ` ${replay.data.unreadable} recorded requests can not be read any more.`}
            {replay.data.leftOut > 0 && ` ${replay.data.leftOut} decisions were too many to keep apart, and are not compared.`}
          </p>
          {replay.data.recordings !== null && <ReplayedWords recordings={replay.data.recordings} />}
        </div>
      )}
    </section>
  );
}

function ReplayedWords({ recordings: { sessions, lines, leftOut, forbidden, undecided, comparison } }: { recordings: ReplayedRecordings }) {
  const why = [...new Set(leftOut.map(({ problem }) => problem))].join(', ');
  return (
    <>
      <h3>Recorded words</h3>
      <Comparison comparison={comparison} testId="replay-recordings" />
      <p className="soft">
        {plural(lines, 'line')} of {plural(sessions, 'recorded session')}, what was heard as if it had been typed.
        {leftOut.length > 0 && ` ${plural(leftOut.length, 'session')} left out (${why}).`}
        {forbidden > 0 && ` ${plural(forbidden, 'session')} not yours to read.`}
        {undecided > 0 && ` ${plural(undecided, 'line')} too different to keep apart, and not compared.`}
      </p>
    </>
  );
}
