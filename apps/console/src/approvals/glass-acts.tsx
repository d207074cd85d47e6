import { useMutation, useQueryClient } from '@tanstack/react-query';
import { GlassView } from '@wheelhouse/protocol/charter-view';
import { useState } from 'react';
import { ActDialog, ReasonField, textIn } from '../content/act-dialog.tsx';
import { usePropose } from '../charter/use-propose.ts';
import { call } from '../rest/call.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { glassQuery } from './approvals-queries.ts';
import { whyNotToSignGlass, signWith } from './sign.ts';
import { countingKeys, FirstVotingKey, useVotingKeys } from './voting-keys.tsx';

/** Signing another person's break glass, for each of the reader's seats that may. One signature of a person is what counts. */
export function GlassSignature({ glass }: { glass: GlassView }) {
  const { me } = useMe();
  const keys = useVotingKeys();
  const queries = useQueryClient();
  const sign = useMutation({
    mutationFn: async ({ seat, challenge }: GlassView['yourSeats'][number]) => {
      if (keys === null) throw new Error('Your passkeys are not known yet.');
      const signed = await signWith({ rpId: keys.rpId, keys: countingKeys(keys) }, challenge);
      return call(GlassView, 'POST', `/v1/glass/${glass.id}/sign`, { seat, signed });
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: glassQuery.queryKey }),
  });
  if (glass.yourSeats.length === 0 || keys === null) return null;
  if (countingKeys(keys).length === 0) return <FirstVotingKey keys={keys} />;
  return (
    <>
      <div className="glass-seats">
        {glass.yourSeats.map((yours) => {
          const fault = whyNotToSignGlass(glass, yours, me.principal.person);
          if (fault !== null) return <ProblemNote key={yours.seat} error={fault} />;
          return (
            <button
              key={yours.seat}
              type="button"
              disabled={sign.isPending}
              data-testid={`sign-glass-${yours.seat}`}
              onClick={() => {
                sign.mutate(yours);
              }}
            >
              Sign it for {yours.seat}
            </button>
          );
        })}
      </div>
      <ProblemNote error={sign.error} />
    </>
  );
}

/** A review is closed by a quorum: somebody has to propose that it is. */
export function GlassReview({ glass }: { glass: GlassView }) {
  const [isOpen, setOpen] = useState(false);
  const propose = usePropose();
  return (
    <>
      <button
        type="button"
        data-testid="propose-review"
        onClick={() => {
          setOpen(true);
        }}
      >
        Propose to close its review…
      </button>
      {isOpen && (
        <ActDialog
          title="Close the review"
          verb="Propose it"
          testId="propose-review-submit"
          isPending={propose.isPending}
          error={propose.error}
          onSubmit={(form) => {
            propose.mutate({ act: { power: 'break_glass.review', glass: glass.id }, reason: textIn(form, 'reason') });
          }}
          onClose={() => {
            setOpen(false);
          }}
        >
          <p>A quorum decides whether the emergency was one. Until then levels may be capped, and this stays here.</p>
          <ReasonField />
        </ActDialog>
      )}
    </>
  );
}
