import { useEffect, type RefObject } from 'react';
import { takesText } from '../sessions/keys.ts';

const STEPS: ReadonlyMap<string, number> = new Map([
  ['j', 1],
  ['k', -1],
]);

/** `j` and `k` move the focus from row to row, as in the other lists; Enter then opens, as on any link. */
export function useRowKeys(list: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const step = STEPS.get(event.key);
      if (step === undefined || event.ctrlKey || event.metaKey || event.altKey || takesText(event.target)) return;
      const rows = [...(list.current?.querySelectorAll<HTMLElement>('a') ?? [])];
      const at = rows.findIndex((row) => row === document.activeElement);
      rows[at === -1 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))]?.focus();
    };
    window.addEventListener('keydown', onKey);
    return () => {
      window.removeEventListener('keydown', onKey);
    };
  }, [list]);
}
