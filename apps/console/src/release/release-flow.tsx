import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Latch, Release } from '@wheelhouse/protocol/order';
import { useState } from 'react';
import { useLive } from '../live/live.ts';
import { useCell } from '../live/use-cell.ts';
import { send } from '../rest/call.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { timeOf } from './order-words.ts';
import { AskReleaseDialog, ConfirmReleaseDialog } from './release-dialogs.tsx';

/** Where a latch's release stands, and this person's next step in it. `prefix` keeps test ids apart where a latch is shown twice on a page. */
export function ReleaseFlow({ latch, prefix = '' }: { latch: Latch; prefix?: string }) {
  const { store } = useLive();
  const { ability } = useMe();
  const { releases } = useCell(store.state);
  const [isAsking, setAsking] = useState(false);
  const release = [...releases.values()].find((waiting) => waiting.latch === latch.order);
  if (release?.proposal !== undefined) return <Proposed release={release} proposal={release.proposal} prefix={prefix} />;
  if (release !== undefined) return <Waiting latch={latch} release={release} prefix={prefix} />;
  if (!ability.can('ask', 'Release')) return null;
  return (
    <>
      <button
        type="button"
        data-testid={`${prefix}release`}
        onClick={() => {
          setAsking(true);
        }}
      >
        Ask for release…
      </button>
      {isAsking && (
        <AskReleaseDialog
          latch={latch}
          onClose={() => {
            setAsking(false);
          }}
        />
      )}
    </>
  );
}

/** Where a charter is in force, its quorum decides: what there is to do stands on the proposal's own page. */
function Proposed({ release, proposal, prefix }: { release: Release; proposal: string; prefix: string }) {
  const { me, ability } = useMe();
  const isOwn = (release.askedBy.person ?? release.askedBy.id) === me.principal.person;
  return (
    <div className="waiting" data-testid={`${prefix}waiting-release`}>
      <p>
        {isOwn ? 'You' : release.askedByName} proposed its release at {timeOf(release.askedAt)}: “{release.reason}”
      </p>
      {ability.can('read', 'Proposal') && (
        <Link to="/approvals/$id" params={{ id: proposal }} data-testid={`${prefix}release-proposal`}>
          Votes on it
        </Link>
      )}
    </div>
  );
}

function Waiting({ latch, release, prefix }: { latch: Latch; release: Release; prefix: string }) {
  const { me, ability } = useMe();
  const [isConfirming, setConfirming] = useState(false);
  const withdraw = useMutation({ mutationFn: () => send('POST', `/v1/releases/${release.id}/withdraw`) });
  // A key of theirs that asked is they themselves.
  const isOwn = (release.askedBy.person ?? release.askedBy.id) === me.principal.person;
  return (
    <div className="waiting" data-testid={`${prefix}waiting-release`}>
      <p>
        {isOwn ? 'You' : release.askedByName} asked for release at {timeOf(release.askedAt)}: “{release.reason}”
      </p>
      {isOwn && <p className="soft">Waiting for another person.</p>}
      {!isOwn && ability.can('confirm', 'Release') && (
        <button
          type="button"
          className="primary"
          data-testid={`${prefix}confirm-release`}
          onClick={() => {
            setConfirming(true);
          }}
        >
          Confirm…
        </button>
      )}
      {isOwn && (
        <button
          type="button"
          disabled={withdraw.isPending}
          data-testid={`${prefix}withdraw-release`}
          onClick={() => {
            withdraw.mutate();
          }}
        >
          Withdraw
        </button>
      )}
      <ProblemNote error={withdraw.error} />
      {isConfirming && (
        <ConfirmReleaseDialog
          latch={latch}
          release={release}
          onClose={() => {
            setConfirming(false);
          }}
        />
      )}
    </div>
  );
}
