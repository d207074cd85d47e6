import { useEffect, useEffectEvent } from 'react';
import { takesText } from '../sessions/keys.ts';

const KEY = 'b';

/** Speaks while the key is held. A page that loses the focus would never hear of its release, so that counts as one. */
export function usePushToTalk(isOn: boolean, { press, release }: { press: () => void; release: () => void }): void {
  const onDown = useEffectEvent((event: KeyboardEvent) => {
    const { key, ctrlKey, metaKey, altKey, repeat } = event;
    if (key.toLowerCase() !== KEY || ctrlKey || metaKey || altKey || repeat || takesText(event.target)) return;
    event.preventDefault();
    press();
  });
  const onUp = useEffectEvent((event: KeyboardEvent) => {
    if (event.key.toLowerCase() === KEY) release();
  });
  const onBlur = useEffectEvent(release);
  useEffect(() => {
    if (!isOn) return;
    const down = (event: KeyboardEvent) => {
      onDown(event);
    };
    const up = (event: KeyboardEvent) => {
      onUp(event);
    };
    const blur = () => {
      onBlur();
    };
    window.addEventListener('keydown', down);
    window.addEventListener('keyup', up);
    window.addEventListener('blur', blur);
    return () => {
      window.removeEventListener('keydown', down);
      window.removeEventListener('keyup', up);
      window.removeEventListener('blur', blur);
    };
  }, [isOn]);
}
