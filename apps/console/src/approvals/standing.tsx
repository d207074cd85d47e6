import type { ProposalView, VoteView } from '@wheelhouse/protocol/proposal';
import { EntryLink } from '../charter/record-links.tsx';
import { CHOICE_WORDS, isOver, missingInWords } from './proposal-words.ts';
import { TimeAhead, TimeFrom, TimeWhole } from './time-shown.tsx';
import { lengthInWords } from './time-words.ts';

/** Where a proposal stands: what is missing, from whom, until when; or how it ended. */
export function Standing({ view }: { view: ProposalView }) {
  const { state, yes, no, takes, ended, explanation } = view;
  const isMissing = state === 'open' && view.from.length > 0;
  return (
    <section className="side-card" aria-labelledby="standing" data-testid="standing" data-state={state}>
      <h2 id="standing">Where it stands</h2>
      <p className="tally" data-testid="tally">
        <b>
          {yes} of {takes} yes
        </b>
        {no > 0 && `, ${no} no`}
        {isMissing && <span>, {missingInWords(view, view.needed.bodies)}</span>}
      </p>
      <meter min={0} max={Math.max(1, takes)} value={Math.min(yes, takes)} aria-label={`${yes} of ${takes} yes`} />
      <Deadline view={view} />
      {ended !== null && (
        <div data-testid="ended">
          <p>{ended.because}</p>
          <p className="soft">
            <TimeWhole iso={ended.at} />
            {ended.entry !== null && (
              <>
                , <EntryLink entry={ended.entry} />
              </>
            )}
          </p>
        </div>
      )}
      {!isOver(state) && <NeededSeats view={view} />}
      {explanation.length > 0 && (
        <details className="explanation">
          <summary>In sentences</summary>
          <ul>
            {explanation.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function Deadline({ view: { state, closesAt, passesAt, executeBy } }: { view: ProposalView }) {
  if (state === 'open')
    return (
      <>
        {passesAt !== null && (
          <p>
            Passes <TimeWhole iso={passesAt} /> unless somebody vetoes it.
          </p>
        )}
        <p data-testid="closes">
          Closes <TimeWhole iso={closesAt} />. Silence never approves.
        </p>
      </>
    );
  if (state === 'passed' && executeBy !== null)
    return (
      <p>
        Approved. It has to take effect by <TimeWhole iso={executeBy} />.
      </p>
    );
  return null;
}

/** For each seat that could still give a yes: who speaks for it, and who does if they don't answer. */
function NeededSeats({ view: { needed, state } }: { view: ProposalView }) {
  if (state !== 'open' || needed.seats.length === 0) return null;
  return (
    <ul className="needed" aria-label="Who can still vote">
      {needed.seats.map(({ seat, bodyTitle, who: [first, ...later] }) => (
        <li key={seat}>
          <span>
            {bodyTitle} <small>{seat}</small>
          </span>
          <span>
            {first?.name ?? 'nobody'}
            {first !== undefined && <TimeAhead iso={first.from} />}
            {later.map(({ person, name, from }) => (
              <small key={person}>
                , else {name} <TimeFrom iso={from} />
              </small>
            ))}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Every vote that was cast, whether it counts, and what is known of how it was cast. */
export function Votes({ votes }: { votes: readonly VoteView[] }) {
  return (
    <section className="part" aria-labelledby="votes">
      <h2 id="votes">Votes</h2>
      {votes.length === 0 && <p className="soft">Nobody has voted yet.</p>}
      <ul className="votes">
        {votes.map((vote) => (
          <VoteLine key={vote.vote} vote={vote} />
        ))}
      </ul>
    </section>
  );
}

function VoteLine({ vote }: { vote: VoteView }) {
  const { name, seat, choice, reason, at, uncounted, seconds, evidence, entry } = vote;
  return (
    <li className={uncounted === null ? '' : 'vote-uncounted'} data-testid={`vote-${vote.person}`} data-counts={uncounted === null}>
      <p>
        <span className={`choice-mark choice-${choice}`}>{CHOICE_WORDS[choice]}</span> <b>{name}</b> for {seat}
      </p>
      {reason !== '' && <p className="vote-reason">“{reason}”</p>}
      {uncounted !== null && <p>Does not count: {uncounted}.</p>}
      <p className="soft">
        <TimeFrom iso={at} />, after {lengthInWords(seconds * 1000)} in view, evidence {evidence ? 'opened' : 'not opened'}. Signed with
        their passkey, <EntryLink entry={entry} />.
      </p>
    </li>
  );
}
