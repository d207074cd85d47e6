import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { OwnChannel, type OwnChannels } from '@wheelhouse/protocol/notice';
import { call } from '../rest/call.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { canBePushedTo, endPush, pushChannel, startPush } from './browser-push.ts';
import { ownChannelsQuery } from './notice-queries.ts';

/** How notices reach this person while no console of theirs is open. */
export function Ways() {
  const { data, error } = useQuery(ownChannelsQuery);
  if (data === undefined) return <ProblemNote error={error} />;
  return (
    <fieldset className="choice notice-ways">
      <legend>Tell me also by</legend>
      <PushToggle channels={data} />
      <MailToggle channels={data} />
    </fieldset>
  );
}

function PushToggle({ channels }: { channels: OwnChannels }) {
  const queries = useQueryClient();
  const own = pushChannel();
  // Somebody else may have signed in on this browser before, or the push service may have ended it.
  const isOn = own !== null && channels.items.some(({ id }) => id === own);
  const toggle = useMutation({
    mutationFn: () => (isOn ? endPush(own) : startPush()),
    onSettled: () => queries.invalidateQueries({ queryKey: ownChannelsQuery.queryKey }),
  });
  return (
    <>
      <label title={canBePushedTo() ? undefined : 'This browser allows no pushes here: they need https.'}>
        <input
          type="checkbox"
          data-testid="push-toggle"
          checked={isOn}
          disabled={!canBePushedTo() || toggle.isPending}
          onChange={() => {
            toggle.mutate();
          }}
        />
        Push to this browser
      </label>
      <ProblemNote error={toggle.error} />
    </>
  );
}

function MailToggle({ channels: { mail } }: { channels: OwnChannels }) {
  const queries = useQueryClient();
  const toggle = useMutation({
    mutationFn: () => call(OwnChannel, 'POST', '/v1/me/notice-channels', { kind: 'email', enabled: mail !== 'on' }),
    onSettled: () => queries.invalidateQueries({ queryKey: ownChannelsQuery.queryKey }),
  });
  if (mail === 'unavailable') return null;
  return (
    <>
      <label>
        <input
          type="checkbox"
          data-testid="mail-toggle"
          checked={mail === 'on'}
          disabled={toggle.isPending}
          onChange={() => {
            toggle.mutate();
          }}
        />
        Mail
      </label>
      <ProblemNote error={toggle.error} />
    </>
  );
}
