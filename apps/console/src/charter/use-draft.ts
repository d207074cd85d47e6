import { useEffect, useState } from 'react';
import { z } from 'zod';

/** A text that somebody works on, and the charter that they began from: `none` before the first. */
const Draft = z.object({ base: z.string(), text: z.string() });
export type Draft = z.infer<typeof Draft>;

const KEY = 'wheelhouse.charter-draft';

/** The draft of this tab. It outlives a change of page and a reload, so that no work is lost by looking something up. */
export function useDraft(): readonly [Draft | null, (draft: Draft | null) => void] {
  const [draft, setDraft] = useState(stored);
  useEffect(() => {
    try {
      if (draft === null) sessionStorage.removeItem(KEY);
      else sessionStorage.setItem(KEY, JSON.stringify(draft));
    } catch {
      // No storage (private window, full): the draft then lives as long as the page.
    }
  }, [draft]);
  return [draft, setDraft];
}

function stored(): Draft | null {
  try {
    const parsed = Draft.safeParse(JSON.parse(sessionStorage.getItem(KEY) ?? 'null'));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
