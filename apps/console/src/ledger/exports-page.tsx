import { useSearch } from '@tanstack/react-router';
import type { Export } from '@wheelhouse/protocol/export';
import { useState } from 'react';
import { ProblemNote } from '../shell/problem-note.tsx';
import { useMe } from '../shell/use-me.ts';
import { ExportCard } from './export-card.tsx';
import { ExportForm } from './export-form.tsx';
import { STATE_WORDS, titleOf } from './export-words.ts';
import { Forbidden, mayExport } from './rights.tsx';
import { givenParts, LedgerSearch } from './search-filter.ts';
import { useExports } from './use-exports.ts';
import { useNames } from './use-names.ts';

/** `/ledger/exports`: asking for exports, and what became of them. */
export function ExportsPage() {
  const { ability } = useMe();
  return mayExport(ability, 'read') ? <ExportsOfTheHouse /> : <Forbidden what="see exports of the record" />;
}

function ExportsOfTheHouse() {
  const { ability } = useMe();
  const filter = LedgerSearch.parse(useSearch({ strict: false }));
  const names = useNames();
  const exports = useExports();
  return (
    <div className="ledger-page">
      <h1>Exports and reports</h1>
      <p className="lead">Each export is recorded: who asked, what for, what it showed, and who fetched it.</p>
      <div className="entry-columns">
        {mayExport(ability, 'ask') && (
          <div className="entry-column">
            <section className="card-section">
              {/* Another filter in the address is another form. */}
              <ExportForm key={JSON.stringify(givenParts(filter))} initial={filter} />
            </section>
          </div>
        )}
        <section className="entry-column" aria-label="Exports so far">
          <ProblemNote error={exports.error} />
          {exports.isPending && <p className="soft">Reading…</p>}
          {exports.isSuccess && exports.items.length === 0 && <p className="soft">Nobody has asked for an export yet.</p>}
          <Announced items={exports.items} />
          <ul className="exports" data-testid="exports">
            {exports.items.map((one) => (
              <ExportCard key={one.id} one={one} names={names} />
            ))}
          </ul>
          {exports.hasNextPage && (
            <button type="button" onClick={() => void exports.fetchNextPage()}>
              Older exports
            </button>
          )}
        </section>
      </div>
    </div>
  );
}

/** Says aloud when an export changes its state; the bars themselves would speak without end. */
function Announced({ items }: { items: readonly Export[] }) {
  const [states, setStates] = useState<ReadonlyMap<string, string>>(new Map());
  const [said, setSaid] = useState('');
  const changed = items.filter(({ id, state }) => states.get(id) !== state);
  if (changed.length > 0) {
    setStates(new Map(items.map(({ id, state }) => [id, state])));
    const [first] = changed;
    if (states.size > 0 && first !== undefined) setSaid(`${titleOf(first)}: ${STATE_WORDS[first.state]}`);
  }
  return (
    <p className="sr-only" role="status">
      {said}
    </p>
  );
}
