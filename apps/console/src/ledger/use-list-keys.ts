import { useEffect, useEffectEvent } from 'react';
import { takesText } from '../sessions/keys.ts';

export type ListKeys = {
  readonly step: (by: number) => void;
  readonly open: () => void;
  readonly focusFilter: () => void;
};

const STEPS: ReadonlyMap<string, number> = new Map([
  ['ArrowDown', 1],
  ['j', 1],
  ['ArrowUp', -1],
  ['k', -1],
  ['PageDown', 10],
  ['PageUp', -10],
  ['Home', -Infinity],
  ['End', Infinity],
]);

/** The keys of the list of entries, wherever the focus is but in a field or on a button. */
export function useListKeys(keys: ListKeys): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (takesText(event.target)) {
      if (event.key === 'Escape' && event.target instanceof HTMLElement) event.target.blur();
      return;
    }
    const step = STEPS.get(event.key);
    if (step !== undefined) keys.step(step);
    else if (event.key === '/') keys.focusFilter();
    else if (event.key === 'Enter' && !isControl(event.target)) keys.open();
    else return;
    event.preventDefault();
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

/** Enter on a button or link is that button's or link's. */
function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('a, button, summary, label, input') !== null;
}
