import { useMutation } from '@tanstack/react-query';
import { type ApiKey, type KeyRotation, RotatedKey } from '@wheelhouse/protocol/identity';
import { TimeFrom } from '../approvals/time-shown.tsx';
import { ActDialog, textIn } from '../content/act-dialog.tsx';
import { call } from '../rest/call.ts';
import { Dialog } from '../shell/dialog.tsx';
import { ShownOnce } from '../shell/shown-once.tsx';

/** For how long the old key goes on, in seconds, in words. */
const OVERLAPS: readonly (readonly [seconds: number, words: string])[] = [
  [0, 'not at all: it ends now'],
  [3600, 'an hour'],
  [86_400, 'a day'],
  [604_800, 'a week'],
];
const USUAL_OVERLAP = 86_400;

/** Puts a new key in the place of one of the reader's own, and shows it this once. */
export function RotateDialog({ apiKey: { id, name }, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const rotate = useMutation({
    mutationFn: (rotation: Pick<KeyRotation, 'overlapSeconds'>) =>
      call(RotatedKey, 'POST', `/v1/keys/${encodeURIComponent(id)}/rotate`, rotation),
  });
  if (rotate.data !== undefined)
    return <NewKey rotated={rotate.data} isOldOver={rotate.variables.overlapSeconds === 0} onClose={onClose} />;
  return (
    <ActDialog
      title="Rotate an API key"
      verb="Issue the new key"
      testId="rotate-submit"
      isPending={rotate.isPending}
      error={rotate.error}
      onSubmit={(form) => {
        rotate.mutate({ overlapSeconds: Number(textIn(form, 'overlap')) });
      }}
      onClose={onClose}
    >
      <p>
        A new key takes the place of <b>{name}</b>, with the same name, scopes and length of life. Put it where the old one is used before
        that ends.
      </p>
      <label>
        The old one goes on for
        <select name="overlap" defaultValue={USUAL_OVERLAP} data-testid="rotate-overlap">
          {OVERLAPS.map(([seconds, words]) => (
            <option key={seconds} value={seconds}>
              {words}
            </option>
          ))}
        </select>
      </label>
    </ActDialog>
  );
}

type NewKeyProps = { rotated: RotatedKey; isOldOver: boolean; onClose: () => void };

function NewKey({ rotated: { key, replaces }, isOldOver, onClose }: NewKeyProps) {
  return (
    <Dialog title="The new API key" onClose={onClose}>
      <div className="form">
        <p>
          It is shown this once.{' '}
          {isOldOver ? (
            'The old one has ended.'
          ) : (
            <>
              The old one ends <TimeFrom iso={replaces.endsAt} />.
            </>
          )}
        </p>
        <ShownOnce label="New key" value={key} testId="rotated-key" />
      </div>
    </Dialog>
  );
}
