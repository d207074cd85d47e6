import { z } from 'zod';
import type { RefObject } from 'react';
import { kindInWords, KIND_GROUPS } from './kind-words.ts';
import { LeaveOut } from './leave-out.tsx';
import { LedgerSearch, localTime, momentOf, type SearchFilter } from './search-filter.ts';
import { usePeople } from './use-names.ts';

/** A filter while it is being typed: what stands in the fields, right or not. */
export type Draft = Readonly<Record<'from' | 'to' | 'kind' | 'without' | 'person' | 'session' | 'deployment', string>>;

export function draftOf(filter: SearchFilter): Draft {
  const { from, to, kind = '', without = '', person = '', session = '', deployment = '' } = filter;
  return { from: localTime(from), to: localTime(to), kind, without, person, session, deployment };
}

/** The filter that a draft names; what is empty or cannot be read is left out. */
export function filterOf(draft: Draft): SearchFilter {
  return LedgerSearch.parse({ ...draft, from: momentOf(draft.from), to: momentOf(draft.to) });
}

/** What is wrong with a draft, in words; null where nothing is. */
export function draftTrouble({ session, from, to }: Draft): string | null {
  if (session.trim() !== '' && !z.uuid().safeParse(session.trim()).success)
    return 'A session is named by its whole id, such as 0b7c0c0e-58a2-4d31-8f30-62a4b9a0a001.';
  if (from !== '' && to !== '' && from >= to) return 'The search ends before it begins.';
  return null;
}

type Fields = {
  readonly draft: Draft;
  readonly onDraft: (draft: Draft) => void;
  readonly first?: RefObject<HTMLSelectElement | null>;
};

/** The fields of a filter, shared by the search and by asking for an export. */
export function FilterFields({ draft, onDraft, first }: Fields) {
  const set = (name: keyof Draft) => (event: { currentTarget: { value: string } }) => {
    onDraft({ ...draft, [name]: event.currentTarget.value });
  };
  return (
    <>
      <label>
        What happened
        <select ref={first} value={draft.kind} onChange={set('kind')} data-testid="filter-kind" aria-keyshortcuts="/">
          <option value="">anything</option>
          {KIND_GROUPS.map(({ name, kinds }) => (
            <optgroup key={name} label={name}>
              {kinds.map((kind) => (
                <option key={kind} value={kind}>
                  {kindInWords(kind)}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </label>
      <PersonField value={draft.person} onChange={set('person')} />
      <label>
        Session
        <input
          value={draft.session}
          onChange={set('session')}
          placeholder="its id"
          spellCheck={false}
          autoComplete="off"
          maxLength={36}
          data-testid="filter-session"
        />
      </label>
      <label>
        Deployment
        <input value={draft.deployment} onChange={set('deployment')} placeholder="any" autoComplete="off" data-testid="filter-deployment" />
      </label>
      <label>
        From
        <input type="datetime-local" value={draft.from} onChange={set('from')} data-testid="filter-from" />
      </label>
      <label>
        To, not included
        <input type="datetime-local" value={draft.to} onChange={set('to')} data-testid="filter-to" />
      </label>
      <LeaveOut
        without={draft.without}
        onWithout={(without) => {
          onDraft({ ...draft, without });
        }}
      />
    </>
  );
}

function PersonField({ value, onChange }: { value: string; onChange: (event: { currentTarget: { value: string } }) => void }) {
  const people = usePeople();
  const isKnown = value === '' || people.some(({ id }) => id === value);
  return (
    <label>
      Person
      <select value={value} onChange={onChange} data-testid="filter-person">
        <option value="">anybody</option>
        {people.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
        {!isKnown && <option value={value}>{value}</option>}
      </select>
    </label>
  );
}
