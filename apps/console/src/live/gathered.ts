/** Does `work` once for all calls within `ms`, at their end: a burst of events is answered once, and a steady stream is still answered. */
export function gathered(work: () => void, ms: number): () => void {
  let timer: number | null = null;
  return () => {
    timer ??= window.setTimeout(() => {
      timer = null;
      work();
    }, ms);
  };
}
