import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { VotingKeys, type EnrolRequest, type VotingKey } from '@wheelhouse/protocol/proposal';
import { call } from '../rest/call.ts';
import { dayOf } from '../content/content-words.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { votingKeysQuery } from './approvals-queries.ts';
import { signWith } from './sign.ts';

/** The reader's passkeys that count for votes; null until it is known. */
export function useVotingKeys(): VotingKeys | null {
  return useQuery(votingKeysQuery).data ?? null;
}

export function countingKeys({ items }: VotingKeys): readonly VotingKey[] {
  return items.filter(({ votes }) => votes);
}

/** Makes a passkey count: signed by itself and, unless none counts yet, by one that counts. */
function useEnrolment(keys: VotingKeys) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ credential, challenge }: VotingKey) => {
      const signed = await signWith({ rpId: keys.rpId, keys: [{ credential }] }, challenge);
      const request: EnrolRequest = keys.mayEnrolFreely
        ? { signed }
        : { signed, earlier: await signWith({ rpId: keys.rpId, keys: countingKeys(keys) }, challenge) };
      return call(VotingKeys, 'POST', '/v1/me/voting-keys', request);
    },
    onSuccess: (answer) => {
      queries.setQueryData(votingKeysQuery.queryKey, answer);
    },
  });
}

/** What has to be done once before anybody can sign: shown where a signature is asked for, and nothing else until it is done. */
export function FirstVotingKey({ keys }: { keys: VotingKeys }) {
  return (
    <section className="step-card" aria-labelledby="first-key" data-testid="first-voting-key">
      <h3 id="first-key">First: make your passkey count for votes</h3>
      <p>
        A vote is signed by your passkey, so that nobody can cast it for you: not an administrator, and not whoever gets hold of the
        database. Which passkey is yours goes into the ledger once.
      </p>
      <KeyChoices keys={keys} />
    </section>
  );
}

/** All of a person's passkeys, those that count and those that could. */
export function KeyChoices({ keys }: { keys: VotingKeys }) {
  const enrol = useEnrolment(keys);
  const mayEnrol = keys.mayEnrolFreely || countingKeys(keys).length > 0;
  if (keys.items.length === 0) {
    return (
      <p>
        You have no passkey. <Link to="/welcome">Make one</Link>, then come back.
      </p>
    );
  }
  return (
    <>
      <ul className="key-choices">
        {keys.items.map((key) => (
          <li key={key.credential}>
            <span>
              {key.name === '' ? 'Passkey' : key.name}
              <small> {key.createdAt === null ? '' : `made ${dayOf(key.createdAt)}`}</small>
            </span>
            {key.votes ? (
              <span className="stored">✓ counts for votes</span>
            ) : (
              mayEnrol && (
                <button
                  type="button"
                  disabled={enrol.isPending}
                  data-testid="enrol-key"
                  onClick={() => {
                    enrol.mutate(key);
                  }}
                >
                  Make it count
                </button>
              )
            )}
          </li>
        ))}
      </ul>
      {!mayEnrol && (
        <p className="problem">
          The passkeys that counted are gone, so no other can vouch for a new one. Ask a colleague to propose that you may make another
          count.
        </p>
      )}
      {!keys.mayEnrolFreely && mayEnrol && keys.items.some(({ votes }) => !votes) && (
        <p className="soft">You are asked twice: for the new passkey, then for one that counts already.</p>
      )}
      <ProblemNote error={enrol.error} />
      <p className="sr-only" role="status">
        {enrol.isSuccess ? 'It counts for votes now.' : ''}
      </p>
    </>
  );
}
