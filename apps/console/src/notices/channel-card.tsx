import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Delivery, type HouseChannel } from '@wheelhouse/protocol/notice';
import { useState } from 'react';
import { TimeFrom } from '../approvals/time-shown.tsx';
import { ActDialog } from '../content/act-dialog.tsx';
import { DeliveryRows } from '../developers/delivery-list.tsx';
import { call, send } from '../rest/call.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { channelDeliveriesQuery, houseChannelsQuery } from './notice-queries.ts';
import { CHANNEL_WORDS, KIND_WORDS } from './notice-words.ts';

/** One channel of the house, what can be done with it, and what became of what was sent there. */
export function ChannelCard({ channel }: { channel: HouseChannel }) {
  const acts = useChannelActs(channel.id);
  const [isOpen, setOpen] = useState(false);
  const [isRemoving, setRemoving] = useState(false);
  const { id, kind, url, kinds, createdByName, createdAt } = channel;
  return (
    <li className="webhook" data-testid={`channel-${id}`}>
      <div>
        <p className="webhook-url">
          <b>{CHANNEL_WORDS[kind]}</b> <code>{url}</code>
        </p>
        <p>{kinds.length === 0 ? 'Notices of every kind' : `Only: ${kinds.map((each) => KIND_WORDS[each]).join(', ')}`}</p>
        <p className="soft">
          Made by {createdByName} <TimeFrom iso={createdAt} />
        </p>
      </div>
      <div className="charter-actions">
        <button
          type="button"
          data-testid="channel-test"
          disabled={acts.test.isPending}
          onClick={() => {
            setOpen(true);
            acts.test.mutate();
          }}
        >
          Send a test
        </button>
        <button
          type="button"
          data-testid="channel-remove"
          onClick={() => {
            setRemoving(true);
          }}
        >
          Remove
        </button>
      </div>
      <ProblemNote error={acts.test.error} />
      <details
        open={isOpen}
        onToggle={(event) => {
          setOpen(event.currentTarget.open);
        }}
      >
        <summary data-testid="channel-deliveries">Deliveries</summary>
        {isOpen && <ChannelDeliveries channel={id} />}
      </details>
      {isRemoving && (
        <ActDialog
          title="Remove a channel of the house"
          verb="Remove it"
          keep="Keep it"
          testId="channel-remove-submit"
          isPending={acts.remove.isPending}
          error={acts.remove.error}
          onSubmit={() => {
            acts.remove.mutate();
          }}
          onClose={() => {
            setRemoving(false);
          }}
        >
          <p>
            Nobody is told through <code>{url}</code> any more. What was sent stays on record; to have the channel back, make it anew.
          </p>
        </ActDialog>
      )}
    </li>
  );
}

function ChannelDeliveries({ channel }: { channel: string }) {
  const { data: deliveries, error } = useQuery(channelDeliveriesQuery(channel));
  return (
    <>
      <ProblemNote error={error} />
      {deliveries !== undefined && <DeliveryRows deliveries={deliveries.map((each) => ({ ...each, what: KIND_WORDS[each.kind] }))} />}
    </>
  );
}

function useChannelActs(id: string) {
  const queries = useQueryClient();
  const path = `/v1/notice-channels/${id}`;
  return {
    remove: useMutation({
      mutationFn: () => send('DELETE', path),
      onSuccess: () => queries.invalidateQueries({ queryKey: houseChannelsQuery.queryKey, exact: true }),
    }),
    test: useMutation({
      mutationFn: () => call(Delivery, 'POST', `${path}/test`),
      onSuccess: () => queries.invalidateQueries({ queryKey: channelDeliveriesQuery(id).queryKey }),
    }),
  };
}
