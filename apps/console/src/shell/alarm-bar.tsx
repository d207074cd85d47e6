import { Link } from '@tanstack/react-router';
import type { ChannelState } from '../live/live-store.ts';
import { useLive } from '../live/live.ts';
import { useCell } from '../live/use-cell.ts';

/** What is wrong with the house or with this page's view of it. Nothing can close it but the cause going away. */
export function AlarmBar() {
  const { store } = useLive();
  const { alarms } = useCell(store.state);
  const channel = useCell(store.channel);
  const trouble = useCell(store.trouble);
  return (
    <div className="alarms" role="alert" aria-label="Alarms">
      <ChannelAlarm channel={channel} />
      {[...alarms.values()].map((alarm) => (
        <p key={alarm.code} className="alarm" data-testid={`alarm-${alarm.code}`}>
          <span aria-hidden="true">▲</span> {alarm.message} {alarm.path !== undefined && <Link to={alarm.path}>Go there</Link>}
        </p>
      ))}
      {trouble !== null && (
        <p className="alarm">
          <span aria-hidden="true">▲</span> {trouble}
          <button
            type="button"
            className="quiet"
            onClick={() => {
              store.trouble.set(null);
            }}
          >
            Understood
          </button>
        </p>
      )}
    </div>
  );
}

function ChannelAlarm({ channel }: { channel: ChannelState }) {
  switch (channel) {
    case 'open':
    case 'connecting':
      return null;
    case 'down':
      return (
        <p className="alarm" data-testid="channel-down">
          <span aria-hidden="true">▲</span> <strong>Not connected.</strong> What you see is not live. Connecting again… Stop still works,
          another way.
        </p>
      );
  }
}
