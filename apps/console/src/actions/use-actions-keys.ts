import { useEffect, useEffectEvent } from 'react';
import { takesText } from '../sessions/keys.ts';
import type { VerdictName } from './decide-panel.tsx';

type Handlers = {
  readonly step: (by: number) => void;
  readonly choose: (verdict: VerdictName) => void;
  readonly leave: () => void;
};

const STEPS: ReadonlyMap<string, number> = new Map([
  ['j', 1],
  ['k', -1],
]);
const CHOICES: ReadonlyMap<string, VerdictName> = new Map([
  ['a', 'approve'],
  ['e', 'edit'],
  ['w', 'answer'],
  ['x', 'reject'],
]);

/** A key opens a form and never decides: that takes a second press, on what the form shows. */
export function useActionsKeys(handlers: Handlers): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Escape') {
      handlers.leave();
      return;
    }
    if (takesText(event.target) || event.repeat) return;
    const step = STEPS.get(event.key);
    const choice = CHOICES.get(event.key);
    if (step === undefined && choice === undefined) return;
    event.preventDefault();
    if (step !== undefined) handlers.step(step);
    if (choice !== undefined) handlers.choose(choice);
  });
  useEffect(() => {
    window.addEventListener('keydown', onKey);
    return () => {
      window.removeEventListener('keydown', onKey);
    };
  }, []);
}
