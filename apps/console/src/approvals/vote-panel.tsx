import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ProposalView, VOTE_CHOICES, type VoteChoice, type VoteRequest, type VotingKeys } from '@wheelhouse/protocol/proposal';
import { useState } from 'react';
import { newId } from '../live/new-id.ts';
import { call, Refused } from '../rest/call.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { proposalAnswered } from './approvals-queries.ts';
import type { Attention } from './attention.ts';
import { CHOICE_WORDS, needsReason } from './proposal-words.ts';
import { ballotOf, signWith } from './sign.ts';
import { countingKeys, FirstVotingKey, useVotingKeys } from './voting-keys.tsx';

type Part = { readonly view: ProposalView; readonly attention: Attention };
type Panel = Part & {
  /** Why what is shown must not be signed. */
  readonly fault: string | null;
};

/** What the reader can do about an open proposal. Nothing that would be refused is offered; in its place stands why. */
export function VotePanel({ view, attention, fault }: Panel) {
  const keys = useVotingKeys();
  const { seats, vetoSeats, excluded, voted } = view.yours;
  const choices = VOTE_CHOICES.filter((choice) => seatsFor(view, choice).length > 0);
  return (
    <section className="side-card" aria-labelledby="your-vote" data-testid="your-vote">
      <h2 id="your-vote">Your vote</h2>
      {excluded !== null && <p data-testid="excluded">{excluded}</p>}
      {voted !== null && (
        <p data-testid="voted">
          You voted <b>{voted}</b>. {choices.length > 0 && 'You can vote again until it closes; your last vote counts.'}
        </p>
      )}
      {choices.length === 0 && excluded === null && voted === null && (
        <p className="soft">You speak for no seat that has a voice in this now.</p>
      )}
      {excluded !== null && seats.length === 0 && vetoSeats.length > 0 && <p>You may still stop it with a veto.</p>}
      {choices.length > 0 && fault !== null && <p className="problem">Nothing can be signed here: see above.</p>}
      {choices.length > 0 && fault === null && keys !== null && <Ballot view={view} attention={attention} keys={keys} choices={choices} />}
    </section>
  );
}

function seatsFor({ yours }: ProposalView, choice: VoteChoice): readonly string[] {
  return choice === 'veto' ? yours.vetoSeats : yours.seats;
}

type BallotProps = Part & { readonly keys: VotingKeys; readonly choices: readonly VoteChoice[] };

function Ballot({ view, attention, keys, choices }: BallotProps) {
  const [chosen, setChoice] = useState<VoteChoice | null>(null);
  const [chosenSeat, setSeat] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState<string | null>(null);
  const cast = useCast(view, attention, keys);
  if (countingKeys(keys).length === 0) return <FirstVotingKey keys={keys} />;
  const choice = chosen !== null && choices.includes(chosen) ? chosen : null;
  const seats = choice === null ? [] : seatsFor(view, choice);
  const seat = chosenSeat !== null && seats.includes(chosenSeat) ? chosenSeat : seats[0];

  function submit() {
    const words = reason.trim();
    if (choice === null || seat === undefined) return;
    const isBare = needsReason(choice) && words === '';
    setMissing(isBare ? `A ${choice} needs a reason: it is what the others go on.` : null);
    if (!isBare) cast.mutate({ choice, seat, reason: words });
  }

  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <fieldset className="ballot-choices">
        <legend className="sr-only">Your choice</legend>
        {choices.map((each) => (
          <label key={each} className={`ballot-choice choice-${each}`}>
            <input
              type="radio"
              name="choice"
              checked={choice === each}
              data-testid={`choice-${each}`}
              onChange={() => {
                setChoice(each);
                setMissing(null);
              }}
            />
            {CHOICE_WORDS[each]}
          </label>
        ))}
      </fieldset>
      {choice !== null && seats.length > 1 && (
        <label>
          For the seat
          <select
            value={seat}
            data-testid="vote-seat"
            onChange={(event) => {
              setSeat(event.currentTarget.value);
            }}
          >
            {seats.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      )}
      <label>
        {choice !== null && needsReason(choice) ? 'Reason' : 'Reason (optional for a yes)'}
        <textarea
          value={reason}
          rows={2}
          maxLength={500}
          data-testid="vote-reason"
          onChange={(event) => {
            setReason(event.currentTarget.value);
          }}
        />
      </label>
      <ProblemNote error={missing ?? cast.error} />
      <button type="submit" className="primary" disabled={choice === null || cast.isPending} data-testid="vote-sign">
        {signWords(choice, seat, cast.isPending)}
      </button>
      <p className="soft">Your passkey signs this choice, this seat and exactly what stands here, nothing else.</p>
      <p className="stored" role="status" data-testid="vote-done">
        {cast.isSuccess ? `Your ${cast.variables.choice} is signed and in the ledger.` : ''}
      </p>
    </form>
  );
}

function signWords(choice: VoteChoice | null, seat: string | undefined, isPending: boolean): string {
  if (isPending) return 'Waiting for your passkey…';
  return choice === null || seat === undefined ? 'Choose first' : `Sign ${choice} for ${seat}`;
}

type Choice = { readonly choice: VoteChoice; readonly seat: string; readonly reason: string };

/** Signs and sends a vote. What was signed but did not arrive is sent again as it is: one is not asked for a signature twice. */
function useCast(view: ProposalView, attention: Attention, keys: VotingKeys) {
  const { me } = useMe();
  const queries = useQueryClient();
  const [unsent, setUnsent] = useState<VoteRequest | null>(null);
  return useMutation({
    mutationFn: async ({ choice, seat, reason }: Choice) => {
      const isSame = unsent?.choice === choice && unsent.seat === seat && unsent.reason === reason && unsent.digest === view.digest;
      const request = isSame ? unsent : await sign({ choice, seat, reason });
      setUnsent(request);
      try {
        return await call(ProposalView, 'POST', `/v1/proposals/${view.id}/votes`, request);
      } catch (error) {
        if (error instanceof Refused && error.problem.status < 500) setUnsent(null);
        throw error;
      }
    },
    onSuccess: async (answer) => {
      setUnsent(null);
      await proposalAnswered(queries, answer);
    },
  });

  async function sign({ choice, seat, reason }: Choice): Promise<VoteRequest> {
    const ballot = ballotOf(view, { id: newId(), person: me.principal.person, seat, choice });
    const signed = await signWith({ rpId: keys.rpId, keys: countingKeys(keys) }, ballot.challenge);
    const { seconds, evidence } = attention;
    return { vote: ballot.vote, seat, choice, digest: ballot.digest, reason, signed, seconds, evidence };
  }
}
