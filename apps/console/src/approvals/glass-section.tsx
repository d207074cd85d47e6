import { useQuery } from '@tanstack/react-query';
import type { GlassView } from '@wheelhouse/protocol/charter-view';
import { useState } from 'react';
import { EntryLink } from '../charter/record-links.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { charterQuery } from '../charter/charter-queries.ts';
import { glassQuery } from './approvals-queries.ts';
import { BreakGlassDialog } from './glass-dialog.tsx';
import { GlassReview, GlassSignature } from './glass-acts.tsx';
import { breakables, GLASS_WORDS, isPending } from './glass-words.ts';
import { POWER_WORDS } from './power-words.ts';
import { TimeFrom } from './time-shown.tsx';
import { listed } from './proposal-words.ts';
import { short } from '../ledger/plain-words.ts';

/**
 * Emergencies below the quorum. What runs or waits for a review is for everybody to see; starting one, only for those whose seats may. Where the
 * charter has no break glass and nothing is pending, there is nothing here at all.
 */
export function GlassSection() {
  const { me } = useMe();
  const charter = useQuery(charterQuery);
  const glasses = useQuery(glassQuery);
  const [isStarting, setStarting] = useState(false);
  const mine = charter.data === undefined ? [] : breakables(charter.data, me.principal.person).filter(({ seats }) => seats.length > 0);
  const pending = glasses.data?.filter(isPending) ?? [];
  if (mine.length === 0 && pending.length === 0) return null;
  return (
    <section className="glass" aria-labelledby="glass" data-testid="glass">
      <header>
        <h2 id="glass">Break glass</h2>
        <p className="soft">
          For an emergency that cannot wait for a quorum: for a short time, told to everybody at once, and reviewed after.
        </p>
        {mine.length > 0 && (
          <button
            type="button"
            data-testid="break-glass"
            onClick={() => {
              setStarting(true);
            }}
          >
            Break the glass…
          </button>
        )}
      </header>
      <ProblemNote error={glasses.error} />
      {pending.length > 0 && (
        <ul>
          {pending.map((glass) => (
            <GlassCard key={glass.id} glass={glass} />
          ))}
        </ul>
      )}
      {isStarting && (
        <BreakGlassDialog
          powers={mine}
          onClose={() => {
            setStarting(false);
          }}
        />
      )}
    </section>
  );
}

function GlassCard({ glass }: { glass: GlassView }) {
  const { act, reason, practice, state, signers, takes, overdue, skipped, entry } = glass;
  return (
    <li className={`glass-card glass-${state} ${overdue ? 'glass-overdue' : ''}`} data-testid={`glass-${glass.id}`} data-state={state}>
      <p className="glass-what">
        <b>{overdue ? 'Review overdue' : GLASS_WORDS[state]}</b>
        {practice && <span className="practice-mark">practice</span>} {POWER_WORDS[act.power].toLowerCase()}, order{' '}
        <code>{short(act.latch)}</code>
        <GlassTime glass={glass} />
      </p>
      <p>“{reason}”</p>
      <p className="soft">
        Signed by{' '}
        {listed(
          signers.map(({ name, seat }) => `${name} (${seat})`),
          'and',
        )}
        : {signers.length} of {takes}. <EntryLink entry={entry} />
        {skipped.length > 0 && `. Not asked: ${listed(skipped, 'and')}`}
      </p>
      {state === 'asked' && <GlassSignature glass={glass} />}
      {state === 'ended' && <GlassReview glass={glass} />}
    </li>
  );
}

function GlassTime({ glass: { state, endsAt, reviewDueAt } }: { glass: GlassView }) {
  if (state === 'broken' && endsAt !== null)
    return (
      <span className="glass-time">
        ends <TimeFrom iso={endsAt} />
      </span>
    );
  if (state === 'ended' && reviewDueAt !== null)
    return (
      <span className="glass-time">
        review due <TimeFrom iso={reviewDueAt} />
      </span>
    );
  return null;
}
