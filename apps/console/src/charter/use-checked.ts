import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { CheckedCharter } from '@wheelhouse/protocol/charter-view';
import { LONGEST_CHARTER } from '@wheelhouse/protocol/proposed-act';
import { useEffect, useState } from 'react';
import { checkQuery } from './charter-queries.ts';

const PAUSE_MS = 400;

export type Checked = {
  /** Of the text as it was when last checked, while a newer one is on its way. */
  readonly checked: CheckedCharter | null;
  readonly isChecking: boolean;
  readonly error: Error | null;
};

/** What the server makes of a text, asked whenever the typing pauses. */
export function useChecked(text: string): Checked {
  const settled = useSettled(text);
  const tooLong = settled.length > LONGEST_CHARTER;
  const { data, isPlaceholderData, isFetching, error } = useQuery({
    ...checkQuery(settled),
    enabled: settled.trim() !== '' && !tooLong,
    placeholderData: keepPreviousData,
  });
  if (tooLong)
    return {
      checked: null,
      isChecking: false,
      error: new Error(`A charter has at most ${LONGEST_CHARTER} characters; this has ${settled.length}.`),
    };
  return { checked: data ?? null, isChecking: settled !== text || isPlaceholderData || (isFetching && data === undefined), error };
}

function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => {
      setSettled(text);
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [text]);
  return settled;
}
