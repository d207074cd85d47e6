/** One page of a list; `next` is the cursor of the one after it, null on the last. */
type Page<T> = { readonly items: readonly T[]; readonly next: string | null };

/**
 * Every item of a list, fetched page by page as they are taken: `everyItem((query) => api.sessions(query), { state: 'live' })`. `filter` is sent along with each
 * page. What is added meanwhile may be missed; nothing comes twice. Ends with whatever `page` rejects with.
 */
export async function* everyItem<T>(
  page: (query: string) => Promise<Page<T>>,
  filter: Readonly<Record<string, string>> = {},
): AsyncGenerator<T, void, undefined> {
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: string = new URLSearchParams({ ...filter, ...(cursor === '' ? {} : { cursor }) }).toString();
    const { items, next }: Page<T> = await page(query === '' ? '' : `?${query}`);
    yield* items;
    cursor = next;
  }
}
