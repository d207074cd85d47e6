import { useMutation, useQueryClient } from '@tanstack/react-query';
import { glassChallenge, toBase64Url } from '@wheelhouse/charter/ballot';
import { GlassView, type GlassRequest } from '@wheelhouse/protocol/charter-view';
import { scopeInWords } from '@wheelhouse/protocol/scope';
import { useState } from 'react';
import { ActDialog, ReasonField, textIn } from '../content/act-dialog.tsx';
import { sha256 } from '../ledger/browser-crypto.ts';
import { useLive } from '../live/live.ts';
import { newId } from '../live/new-id.ts';
import { useCell } from '../live/use-cell.ts';
import { latchInWords } from '../release/order-words.ts';
import { call } from '../rest/call.ts';
import { Dialog } from '../shell/dialog.tsx';
import { useMe } from '../shell/use-me.ts';
import { glassQuery } from './approvals-queries.ts';
import { emergencyOf, type Breakable } from './glass-words.ts';
import { signWith } from './sign.ts';
import { lengthInWords } from './time-words.ts';
import { countingKeys, FirstVotingKey, useVotingKeys } from './voting-keys.tsx';

type Asked = Omit<GlassRequest, 'signed'>;

export function BreakGlassDialog({ powers, onClose }: { powers: readonly Breakable[]; onClose: () => void }) {
  const { me } = useMe();
  const keys = useVotingKeys();
  const queries = useQueryClient();
  // One id for this dialog: sent again after a cut, it begins no second one.
  const [id] = useState(newId);
  const [wrong, setWrong] = useState<string | null>(null);
  const latches = useBreakableLatches(powers);
  const [chosen, setChosen] = useState('');
  const latch = latches.find(({ order }) => order === chosen) ?? latches[0];
  const rule = latch === undefined ? undefined : powers.find(({ power }) => power === emergencyOf(latch).power);
  const ask = useMutation({
    mutationFn: async ({ id, act, reason, practice, seat }: Asked) => {
      if (keys === null) throw new Error('Your passkeys are not known yet.');
      const challenge = glassChallenge({ glass: id, emergency: act, practice, person: me.principal.person, seat }, sha256);
      const signed = await signWith({ rpId: keys.rpId, keys: countingKeys(keys) }, toBase64Url(challenge));
      return call(GlassView, 'POST', '/v1/glass', { id, act, reason, practice, seat, signed });
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: glassQuery.queryKey });
      onClose();
    },
  });

  if (keys !== null && countingKeys(keys).length === 0)
    return (
      <Dialog title="Break the glass" onClose={onClose}>
        <FirstVotingKey keys={keys} />
      </Dialog>
    );
  if (latch === undefined || rule === undefined)
    return (
      <Dialog title="Break the glass" onClose={onClose}>
        <p>Nothing is in force that your seats could release in an emergency.</p>
      </Dialog>
    );

  function submit(form: FormData) {
    const [reason, seat] = [textIn(form, 'reason'), textIn(form, 'seat')];
    setWrong(reason === '' ? 'A reason is needed.' : null);
    if (latch !== undefined && reason !== '')
      ask.mutate({ id, act: emergencyOf(latch), reason, practice: form.get('practice') === 'on', seat });
  }

  return (
    <ActDialog
      title="Break the glass"
      verb="Sign with your passkey"
      testId="break-glass-submit"
      isPending={ask.isPending}
      error={wrong ?? ask.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <p>
        It takes {rule.people} people. Once they have signed, it lasts {lengthInWords(rule.timeBoxMs)} and then ends by itself; everybody
        whose vote was not asked is told at once, and a quorum reviews it.
      </p>
      <label>
        What is released
        <select
          value={latch.order}
          data-testid="glass-latch"
          onChange={(event) => {
            setChosen(event.currentTarget.value);
          }}
        >
          {latches.map((each) => (
            <option key={each.order} value={each.order}>
              {latchInWords(each)}, over {scopeInWords(each.scope)}
            </option>
          ))}
        </select>
      </label>
      <label>
        For the seat
        <select name="seat" data-testid="glass-seat">
          {rule.seats.map((seat) => (
            <option key={seat}>{seat}</option>
          ))}
        </select>
      </label>
      <ReasonField />
      <label className="glass-drill">
        <input type="checkbox" name="practice" data-testid="glass-practice" /> A drill: everybody acts and is told, nothing is released
      </label>
    </ActDialog>
  );
}

/** Latches in force whose glass one of the reader's seats may break. */
function useBreakableLatches(powers: readonly Breakable[]) {
  const { latches } = useCell(useLive().store.state);
  return [...latches.values()].filter((latch) => powers.some(({ power }) => power === emergencyOf(latch).power));
}
