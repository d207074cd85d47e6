import { useNavigate, useParams } from '@tanstack/react-router';
import { useCallback, useEffect, useState } from 'react';
import { Cell } from '../live/cell.ts';
import { useCell } from '../live/use-cell.ts';

/**
 * The selected session. The cell is the truth and changes within the key press; the address follows it, because the router takes its time
 * and an order must never go to a session that was selected a moment ago.
 */
export function useSelection() {
  const { id } = useParams({ strict: false });
  const navigate = useNavigate();
  const [selection] = useState(() => new Cell<string | null>(id ?? null));
  const [asked] = useState(() => new Set<string>());
  const selected = useCell(selection);

  const select = useCallback(
    (next: string) => {
      if (selection.get() === next) return;
      selection.set(next);
      asked.add(next);
      void navigate({ to: '/sessions/$id', params: { id: next }, replace: true });
    },
    [asked, navigate, selection],
  );

  useEffect(() => {
    // Addresses that we asked for ourselves say nothing new, and may arrive after the selection has moved on.
    if (id !== undefined && asked.has(id)) {
      if (id === selection.get()) asked.clear();
      return;
    }
    selection.set(id ?? null);
  }, [asked, id, selection]);

  return { selection, selected, select };
}
