import type { RefObject } from 'react';

/** A menu that stays open over the page would cover what it does not belong to. */
export function closeOutside(menu: RefObject<HTMLDetailsElement | null>): () => void {
  const close = (event: Event) => {
    const isInside = event.target instanceof Node && menu.current?.contains(event.target) === true;
    const isEscape = event instanceof KeyboardEvent && event.key === 'Escape';
    if (menu.current !== null && (isEscape || (event instanceof PointerEvent && !isInside))) menu.current.open = false;
  };
  document.addEventListener('pointerdown', close);
  document.addEventListener('keydown', close);
  return () => {
    document.removeEventListener('pointerdown', close);
    document.removeEventListener('keydown', close);
  };
}
