import { useMutation } from '@tanstack/react-query';
import { CharterView } from '@wheelhouse/protocol/charter-view';
import { call } from '../rest/call.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { TimeFrom } from '../approvals/time-shown.tsx';
import { useAdoptCharter } from './charter-queries.ts';
import { PersonName } from './seats-table.tsx';

export function Delegations({ view }: { view: CharterView }) {
  const { me } = useMe();
  const adopt = useAdoptCharter();
  const end = useMutation({
    mutationFn: (id: string) => call(CharterView, 'POST', `/v1/charter/delegations/${id}/end`),
    onSuccess: adopt,
  });
  return (
    <section className="charter-card" aria-labelledby="delegations">
      <h2 id="delegations">Delegations</h2>
      {view.delegationAllowed ? (
        view.delegations.length === 0 && <p className="soft">Nobody votes in the place of somebody else by delegation.</p>
      ) : (
        <p className="soft">This charter allows none: a seat's vote is cast by its holder or an alternate.</p>
      )}
      <ProblemNote error={end.error} />
      <ul className="charter-items">
        {view.delegations.map((delegation) => (
          <li key={delegation.id} data-testid={`delegation-${delegation.id}`}>
            <span>
              <PersonName view={view} person={delegation.to} /> for <PersonName view={view} person={delegation.from} /> with{' '}
              {delegation.seat}: <TimeFrom iso={delegation.start} /> until <TimeFrom iso={delegation.end} />
            </span>
            {delegation.from === me.principal.person && (
              <button
                type="button"
                disabled={end.isPending}
                onClick={() => {
                  end.mutate(delegation.id);
                }}
              >
                End it
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
