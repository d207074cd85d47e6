import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Notices } from '../shell/notices.tsx';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { ChannelCard } from './channel-card.tsx';
import { NewChannelDialog } from './new-channel-dialog.tsx';
import { houseChannelsQuery } from './notice-queries.ts';
import '../charter/charter.css';
import '../developers/developers.css';

/** `/channels`: where the house is told, besides each person by themselves. */
export function ChannelsPage() {
  const { ability } = useMe();
  return (
    <div className="charter">
      <Notices />
      <div className="charter-page">
        <header className="charter-head">
          <h1>Channels of the house</h1>
        </header>
        {ability.can('manage', 'NoticeChannel') ? (
          <Channels />
        ) : (
          <ProblemNote error="Channels of the house are for its administrators. Your own are behind the bell." />
        )}
      </div>
    </div>
  );
}

function Channels() {
  const { data: channels, error } = useQuery(houseChannelsQuery);
  const [isMaking, setMaking] = useState(false);
  return (
    <section className="charter-card" aria-labelledby="channels">
      <header className="charter-head">
        <h2 id="channels">Where everybody’s notices go</h2>
        <button
          type="button"
          data-testid="new-channel"
          onClick={() => {
            setMaking(true);
          }}
        >
          Add a channel
        </button>
      </header>
      <p className="soft">
        A channel gets the notices of everybody: that something waits, and where in the console. Never what somebody typed, nor a name of a
        data subject. Pushes to a browser and mail are each person’s own, behind the bell.
      </p>
      <ProblemNote error={error} />
      {channels?.length === 0 && <p data-testid="no-channels">There are none: people are told by their own channels alone.</p>}
      <ul className="developers-rows">
        {channels?.map((channel) => (
          <ChannelCard key={channel.id} channel={channel} />
        ))}
      </ul>
      {isMaking && (
        <NewChannelDialog
          onClose={() => {
            setMaking(false);
          }}
        />
      )}
    </section>
  );
}
