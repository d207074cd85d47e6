import type { CharterView } from '@wheelhouse/protocol/charter-view';
import { ProposedAct } from '@wheelhouse/protocol/proposed-act';
import { useState } from 'react';
import { usePropose } from '../charter/use-propose.ts';
import { ActDialog, ReasonField, textIn } from '../content/act-dialog.tsx';

/** Proposes what nobody can give alone: another passkey for somebody who lost theirs, or the role of an administrator. */
export function AccessDialog({ people, onClose }: { people: CharterView['people']; onClose: () => void }) {
  const propose = usePropose();
  const [wrong, setWrong] = useState<string | null>(null);

  function submit(form: FormData) {
    const act = ProposedAct.safeParse({ power: 'access.grant', person: textIn(form, 'person'), grant: textIn(form, 'grant') });
    const reason = textIn(form, 'reason');
    setWrong(act.success && reason !== '' ? null : 'A person and a reason are needed.');
    if (act.success && reason !== '') propose.mutate({ act: act.data, reason });
  }

  return (
    <ActDialog
      title="Grant access"
      verb="Propose it"
      testId="propose-access-submit"
      isPending={propose.isPending}
      error={wrong ?? propose.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <label>
        To whom
        <select name="person" data-testid="access-person">
          {people.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <fieldset className="choice scopes">
        <legend>They may then</legend>
        <label>
          <input type="radio" name="grant" value="voting_key" defaultChecked /> make another passkey count for votes; all that count now
          stop counting at once
        </label>
        <label>
          <input type="radio" name="grant" value="administrator" /> act as administrator
        </label>
      </fieldset>
      <ReasonField />
    </ActDialog>
  );
}
