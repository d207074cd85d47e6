import { useQuery } from '@tanstack/react-query';
import type { CharterView, SeatView } from '@wheelhouse/protocol/charter-view';
import { ProposedAct } from '@wheelhouse/protocol/proposed-act';
import { HOUSE_TENANT } from '@wheelhouse/protocol/identity';
import { useState } from 'react';
import { ActDialog, ReasonField, textIn } from '../content/act-dialog.tsx';
import { useMe } from '../shell/use-me.ts';
import { peopleQuery } from './charter-queries.ts';
import { fromLocalField, toLocalField } from './local-time.ts';
import { usePropose } from './use-propose.ts';

type Change = { readonly view: CharterView; readonly seat: SeatView; readonly onClose: () => void };

/** Proposes another holder, other alternates or another term for a seat. */
export function SeatChangeDialog({ view, seat, onClose }: Change) {
  const people = useSeatable(view);
  const propose = usePropose(onClose);
  const [holder, setHolder] = useState(seat.holder ?? '');
  const [wrong, setWrong] = useState<string | null>(null);
  const [alternates, setAlternates] = useState(seat.alternates);

  function submit(form: FormData) {
    const [from, until] = [fromLocalField(textIn(form, 'from')), fromLocalField(textIn(form, 'until'))];
    if ((from === null) !== (until === null) || (from !== null && until !== null && from >= until)) {
      setWrong('A term needs a beginning before its end; leave both empty for none.');
      return;
    }
    const act = ProposedAct.safeParse({
      power: 'seat.change',
      seat: seat.id,
      holder: holder === '' ? null : holder,
      alternates: alternates.filter((person) => person !== holder),
      term: from === null || until === null || holder === '' ? null : { from, until },
    });
    setWrong(act.success ? null : 'A holder and alternates have to be people.');
    if (act.success) propose.mutate({ act: act.data, reason: textIn(form, 'reason') });
  }

  return (
    <ActDialog
      title={`Propose a change of ${seat.id}`}
      verb="Open the proposal"
      testId="seat-change-submit"
      isPending={propose.isPending}
      error={wrong ?? propose.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <p>If it passes, the seat is as you say here until the charter is amended.</p>
      <label>
        Holder
        <select
          value={holder}
          data-testid="seat-change-holder"
          onChange={(event) => {
            setHolder(event.currentTarget.value);
          }}
        >
          <option value="">nobody</option>
          {people.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <Alternates
        people={people.filter(({ id }) => id !== holder)}
        chosen={alternates.filter((id) => id !== holder)}
        onChange={setAlternates}
      />
      <label>
        Term from (your local time; empty: none)
        <input type="datetime-local" name="from" defaultValue={seat.term === null ? '' : toLocalField(Date.parse(seat.term.from))} />
      </label>
      <label>
        Term until
        <input type="datetime-local" name="until" defaultValue={seat.term === null ? '' : toLocalField(Date.parse(seat.term.until))} />
      </label>
      <ReasonField />
    </ActDialog>
  );
}

type Choice = {
  readonly people: readonly { readonly id: string; readonly name: string }[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: string[]) => void;
};

/** Chosen in the order in which they stand in: whoever is ticked later comes later. */
function Alternates({ people, chosen, onChange }: Choice) {
  return (
    <fieldset className="choice">
      <legend>Alternates, in the order in which you tick them</legend>
      {people.map(({ id, name }) => (
        <label key={id}>
          <input
            type="checkbox"
            checked={chosen.includes(id)}
            onChange={() => {
              onChange(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
            }}
          />
          {name}
          {chosen.includes(id) && <b> ({chosen.indexOf(id) + 1})</b>}
        </label>
      ))}
    </fieldset>
  );
}

/** Whom a seat can be given to: the charter's people, and for those who may see them, everybody of the house. */
function useSeatable(view: CharterView): readonly { readonly id: string; readonly name: string }[] {
  const { ability } = useMe();
  const people = useQuery({ ...peopleQuery, enabled: ability.can('read', 'Person') });
  const others = (people.data?.items ?? []).filter(
    ({ id, tenant }) => tenant === HOUSE_TENANT && view.people.every((person) => person.id !== id),
  );
  return [...view.people, ...others];
}
