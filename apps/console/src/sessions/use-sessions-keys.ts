import { useEffect, useEffectEvent } from 'react';
import type { Act } from '../live/order-desk.ts';
import { sessionsKey, takesText, type SessionsKey } from './keys.ts';

export type KeyHandlers = {
  readonly act: (act: Act, pressedAt: number) => void;
  readonly step: (by: number) => void;
  readonly askRelease: () => void;
  readonly focusFilter: () => void;
  readonly showKeys: () => void;
  readonly leave: () => void;
};

export function useSessionsKeys(handlers: KeyHandlers): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const typing = takesText(event.target);
    const { key, ctrlKey, metaKey, altKey, repeat, timeStamp } = event;
    const meaning = sessionsKey({ key, ctrlKey, metaKey, altKey, repeat, typing });
    if (meaning === null) return;
    if (meaning !== 'leave') event.preventDefault();
    if (meaning === 'leave' && typing && event.target instanceof HTMLElement) event.target.blur();
    else handle(meaning, timeStamp, handlers);
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      onKey(event);
    };
    window.addEventListener('keydown', listener);
    return () => {
      window.removeEventListener('keydown', listener);
    };
  }, []);
}

function handle(key: SessionsKey, pressedAt: number, handlers: KeyHandlers): void {
  switch (key) {
    case 'stop':
    case 'hold':
    case 'mute':
    case 'take_over':
      handlers.act({ kind: key }, pressedAt);
      return;
    case 'next':
      handlers.step(1);
      return;
    case 'previous':
      handlers.step(-1);
      return;
    case 'first':
      handlers.step(-Infinity);
      return;
    case 'last':
      handlers.step(Infinity);
      return;
    case 'level':
      document.getElementById('level-menu')?.focus();
      return;
    case 'release':
      handlers.askRelease();
      return;
    case 'filter':
      handlers.focusFilter();
      return;
    case 'keys':
      handlers.showKeys();
      return;
    case 'leave':
      handlers.leave();
  }
}
