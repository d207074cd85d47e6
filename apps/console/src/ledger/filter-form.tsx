import { useEffect, useState, type RefObject } from 'react';
import { draftOf, draftTrouble, FilterFields, filterOf, type Draft } from './filter-fields.tsx';
import { givenParts, hidesTicks, leavesOut, TICKS, type LedgerSearch } from './search-filter.ts';

type FilterForm = {
  readonly search: LedgerSearch;
  readonly onSearch: (search: LedgerSearch) => void;
  readonly first: RefObject<HTMLSelectElement | null>;
};

/** Typing pauses this long before the search follows. */
const PAUSE_MS = 350;

/** The filter of a search. It follows what is typed, and the address follows it. */
export function FilterForm({ search, onSearch, first }: FilterForm) {
  const given = JSON.stringify(givenParts(search));
  const [draft, setDraft] = useState<Draft>(() => draftOf(search));
  const [shown, setShown] = useState(given);
  const [isOpen, setOpen] = useState(false);
  const trouble = draftTrouble(draft);
  const wanted = JSON.stringify(givenParts(filterOf(draft)));
  // The address changed from elsewhere (a link, the back button): the fields follow it.
  if (given !== shown) {
    setShown(given);
    if (given !== wanted) setDraft(draftOf(search));
  }

  useEffect(() => {
    if (trouble !== null || wanted === given) return undefined;
    const timer = window.setTimeout(() => {
      onSearch({ ...filterOf(draft), ticks: search.ticks });
    }, PAUSE_MS);
    return () => {
      window.clearTimeout(timer);
    };
  }, [draft, given, onSearch, search.ticks, trouble, wanted]);

  const count = Object.keys(givenParts(search)).length;
  return (
    <form
      className={`ledger-filter ${isOpen ? 'ledger-filter-open' : ''}`}
      role="search"
      aria-label="Search the ledger"
      onSubmit={(event) => {
        event.preventDefault();
        if (trouble === null) onSearch({ ...filterOf(draft), ticks: search.ticks });
      }}
    >
      <button
        type="button"
        className="ledger-filter-toggle"
        aria-expanded={isOpen}
        onClick={() => {
          setOpen(!isOpen);
        }}
      >
        Filter{count === 0 ? '' : ` (${count})`}
      </button>
      <div className="ledger-filter-fields">
        <FilterFields draft={draft} onDraft={setDraft} first={first} />
      </div>
      <div className="ledger-filter-more">
        <label className="tick-box">
          <input
            type="checkbox"
            checked={!hidesTicks(search)}
            disabled={search.kind === TICKS || leavesOut(search, TICKS)}
            data-testid="filter-ticks"
            onChange={(event) => {
              onSearch({ ...search, ticks: event.currentTarget.checked ? true : undefined });
            }}
          />
          Show tick evidence
        </label>
        {count > 0 && (
          <button
            type="button"
            className="quiet"
            data-testid="filter-clear"
            onClick={() => {
              onSearch({ ticks: search.ticks });
            }}
          >
            Clear the filter
          </button>
        )}
      </div>
      {trouble !== null && (
        <p role="alert" className="problem">
          {trouble}
        </p>
      )}
    </form>
  );
}
