import { createContext, useContext } from 'react';
import { LiveStore } from './live-store.ts';
import { OperatorChannel, type ChannelListeners } from './operator-channel.ts';
import { OrderDesk } from './order-desk.ts';

/** The page's live side: what is known, the channel that tells it, and the desk where orders are given. */
export type Live = { readonly store: LiveStore; readonly channel: OperatorChannel; readonly desk: OrderDesk };

export function openLive(listeners: ChannelListeners): Live {
  const store = new LiveStore();
  const channel = new OperatorChannel(store, listeners);
  return { store, channel, desk: new OrderDesk(store, channel) };
}

export const LiveContext = createContext<Live | null>(null);

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (live === null) throw new Error('useLive outside of the signed-in pages');
  return live;
}
