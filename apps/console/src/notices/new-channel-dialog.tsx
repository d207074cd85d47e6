import { useMutation, useQueryClient } from '@tanstack/react-query';
import { HouseChannelRequest, MadeHouseChannel, NOTICE_KINDS } from '@wheelhouse/protocol/notice';
import { useState } from 'react';
import { ActDialog, textIn } from '../content/act-dialog.tsx';
import { call } from '../rest/call.ts';
import { Dialog } from '../shell/dialog.tsx';
import { ShownOnce } from '../shell/shown-once.tsx';
import { houseChannelsQuery } from './notice-queries.ts';
import { KIND_WORDS } from './notice-words.ts';

/** Makes a channel of the house; of a webhook it shows the secret, this once. */
export function NewChannelDialog({ onClose }: { onClose: () => void }) {
  const queries = useQueryClient();
  const make = useMutation({
    mutationFn: (request: HouseChannelRequest) => call(MadeHouseChannel, 'POST', '/v1/notice-channels', request),
    onSuccess: async ({ secret }) => {
      await queries.invalidateQueries({ queryKey: houseChannelsQuery.queryKey, exact: true });
      if (secret === null) onClose();
    },
  });
  const [wrong, setWrong] = useState<string | null>(null);
  if (make.data !== undefined && make.data.secret !== null) return <Secret secret={make.data.secret} onClose={onClose} />;
  return (
    <ActDialog
      title="Add a channel of the house"
      verb="Add it"
      testId="channel-submit"
      isPending={make.isPending}
      error={wrong ?? make.error}
      onSubmit={(form) => {
        const request = HouseChannelRequest.safeParse({
          kind: textIn(form, 'kind'),
          url: textIn(form, 'url'),
          kinds: form.getAll('kinds'),
        });
        setWrong(request.success ? null : 'An address is needed, with https:// and at most 2000 characters.');
        if (request.success) make.mutate(request.data);
      }}
      onClose={onClose}
    >
      <label>
        To
        <select name="kind" defaultValue="webhook" data-testid="channel-kind">
          <option value="webhook">A webhook: signed, one message a person</option>
          <option value="slack">Slack and what is like it: one for all</option>
        </select>
      </label>
      <label>
        Address
        <input name="url" type="url" required maxLength={2000} placeholder="https://" autoComplete="off" data-testid="channel-url" />
      </label>
      <fieldset className="choice channel-kinds">
        <legend>Only notices of these kinds; none ticked means every kind</legend>
        {NOTICE_KINDS.map((kind) => (
          <label key={kind} className="tick-box">
            <input type="checkbox" name="kinds" value={kind} data-testid={`channel-kind-${kind}`} />
            {KIND_WORDS[kind]}
          </label>
        ))}
      </fieldset>
    </ActDialog>
  );
}

function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <Dialog title="Secret of the channel" onClose={onClose}>
      <div className="form">
        <p>It is shown this once. With it the receiver checks that what arrives is from here, as Standard Webhooks says.</p>
        <ShownOnce label="Secret" value={secret} testId="channel-secret" />
      </div>
    </Dialog>
  );
}
