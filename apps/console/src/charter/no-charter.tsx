import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { FEWEST_PEOPLE } from '@wheelhouse/charter/new-charter';
import { HOUSE_TENANT } from '@wheelhouse/protocol/identity';
import { useState } from 'react';
import { InviteDialog } from '../shell/invite-dialog.tsx';
import { useMe } from '../shell/use-me.ts';
import { draftQuery, peopleQuery } from './charter-queries.ts';

/** What it means that there is no charter yet, and the way to the first. */
export function NoCharter() {
  const { ability } = useMe();
  const navigate = useNavigate();
  const people = useQuery({ ...peopleQuery, enabled: ability.can('read', 'Person') });
  const count = people.data?.items.filter(({ tenant }) => tenant === HOUSE_TENANT).length ?? null;
  const tooFew = count !== null && count < FEWEST_PEOPLE;
  const why = tooFew ? `A charter takes at least ${FEWEST_PEOPLE} people; the house has ${count}.` : null;
  return (
    <section className="charter-card charter-empty" aria-labelledby="no-charter" data-testid="no-charter">
      <h1 id="no-charter">There is no charter yet</h1>
      <p>Until there is one, a built-in rule holds: whatever one person asks for, a second person has to approve.</p>
      <p>
        A charter says who holds which seat, which powers exist, and how many people each takes, so that nobody can act alone and nobody is
        indispensable. The first one takes the signature of everyone whom it seats; from then on, only its own rules change it.
      </p>
      {ability.can('propose', 'Proposal') && (
        <div className="charter-actions">
          <button
            type="button"
            className="primary"
            data-testid="make-charter"
            disabled={tooFew}
            aria-describedby={why === null ? undefined : 'too-few'}
            onClick={() => void navigate({ to: '/charter/amend' })}
          >
            Make a charter
          </button>
          <TooFew why={why} />
        </div>
      )}
    </section>
  );
}

/** Why there can be no charter yet, with the way to more people for those who may invite. */
export function TooFew({ why }: { why: string | null }) {
  const { ability } = useMe();
  const [isInviting, setInviting] = useState(false);
  const queries = useQueryClient();
  if (why === null) return null;
  return (
    <>
      <p id="too-few" data-testid="too-few">
        {why}
      </p>
      {ability.can('invite', 'Person') ? (
        <button
          type="button"
          data-testid="invite-for-charter"
          onClick={() => {
            setInviting(true);
          }}
        >
          Invite a person
        </button>
      ) : (
        <p className="soft">Ask an administrator to invite more.</p>
      )}
      {isInviting && (
        <InviteDialog
          onClose={() => {
            setInviting(false);
            // There may be enough people now.
            void queries.invalidateQueries({ queryKey: peopleQuery.queryKey });
            void queries.invalidateQueries({ queryKey: draftQuery.queryKey });
          }}
        />
      )}
    </>
  );
}
