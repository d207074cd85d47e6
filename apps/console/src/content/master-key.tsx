import { useState } from 'react';
import { useDecidedByVotes } from '../approvals/votes-link.tsx';
import { usePropose } from '../charter/use-propose.ts';
import { useMe } from '../shell/use-me.ts';
import { ActDialog, ReasonField, textIn } from './act-dialog.tsx';

/** The key behind all that is kept, and the way to another one: a proposal, which the charter's quorum decides. */
export function MasterKey() {
  const { ability } = useMe();
  const isDecidedByVotes = useDecidedByVotes();
  const [isOpen, setOpen] = useState(false);
  return (
    <section className="custody" aria-label="Master key">
      <header>
        <h2>Master key</h2>
        {isDecidedByVotes && ability.can('propose', 'Proposal') && (
          <button
            type="button"
            data-testid="rotate-master-key"
            onClick={() => {
              setOpen(true);
            }}
          >
            Propose a new one
          </button>
        )}
      </header>
      <p className="soft">
        What sessions recorded and people typed is sealed under a key for each data subject, and these are wrapped by one master key.
        {isDecidedByVotes ? ' Another one takes its place by a quorum.' : ' To put another in its place takes a charter and its quorum.'}
      </p>
      {isOpen && (
        <RotateDialog
          onClose={() => {
            setOpen(false);
          }}
        />
      )}
    </section>
  );
}

function RotateDialog({ onClose }: { onClose: () => void }) {
  const propose = usePropose(onClose);
  return (
    <ActDialog
      title="Propose a new master key"
      verb="Open the proposal"
      testId="rotate-master-key-submit"
      isPending={propose.isPending}
      error={propose.error}
      onSubmit={(form) => {
        propose.mutate({ act: { power: 'key.rotate', key: 'master' }, reason: textIn(form, 'reason') });
      }}
      onClose={onClose}
    >
      <p>
        Once it has its votes, a new key is made on the server, and the key of every data subject is wrapped by it. Sessions go on
        meanwhile, and nothing that is kept changes.
      </p>
      <p>Whoever runs the server has to back the new key up at once: without it all of that is lost.</p>
      <ReasonField />
    </ActDialog>
  );
}
