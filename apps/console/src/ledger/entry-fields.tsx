import { toBase64 } from '@wheelhouse/ledger/base64';
import { commitmentOf, type Item } from '@wheelhouse/ledger/disclosure';
import type { Leaf } from '@wheelhouse/ledger/sealed-entry';
import { classOf } from '@wheelhouse/protocol/field-class';
import { fieldNamesOf, isEntryKind } from '@wheelhouse/protocol/ledger-entry';
import { useState } from 'react';
import { sha256 } from './browser-crypto.ts';
import type { Names } from './names.ts';
import { CLASS_WORDS, fieldInWords } from './field-words.ts';
import { FieldValue } from './field-value.tsx';

type Fields = { readonly leaf: Leaf; readonly items: readonly Item[]; readonly names: Names };

/** Every field of an entry: what it says first, then who, when, and under which rules. */
export function EntryFields({ leaf, items, names }: Fields) {
  const [hasSalts, setSalts] = useState(false);
  const erased = erasedNames(leaf, items);
  // Which of those that are not shown a field is tells only its place among them.
  const hidden = items.filter((item) => 'commitment' in item);
  return (
    <section className="card-section" aria-label="Fields">
      <header className="section-head">
        <h2>Fields</h2>
        <label className="tick-box">
          <input
            type="checkbox"
            checked={hasSalts}
            onChange={(event) => {
              setSalts(event.currentTarget.checked);
            }}
          />
          Salts and commitments
        </label>
      </header>
      <dl className="field-list" data-testid="fields">
        <dt>
          Id <code>id</code>
        </dt>
        <dd>
          <code>{leaf.id}</code>
        </dd>
        {forReaders(items).map((item) => {
          const commitment = toBase64(commitmentOf(item, sha256));
          if ('commitment' in item) {
            return <Withheld key={commitment} name={erased[hidden.indexOf(item)] ?? null} commitment={hasSalts ? commitment : null} />;
          }
          return (
            <div key={item.name} className="field" data-field={item.name}>
              <dt>
                {fieldInWords(item.name)} <code>{item.name}</code>
              </dt>
              <dd>
                <FieldValue name={item.name} value={item.value} names={names} />
                {hasSalts && <Commitment salt={item.salt} commitment={commitment} name={item.name} />}
              </dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}

/** Commitments stand in the order of the names; readers begin with what happened. What is not shown comes first of all: it must not be overlooked. */
function forReaders(items: readonly Item[]): Item[] {
  const rank = (item: Item) => {
    if ('commitment' in item) return 0;
    if (item.name === 'data.reason') return 1;
    return item.name.startsWith('data.') ? 2 : item.name.startsWith('by.') ? 3 : 4;
  };
  return [...items].sort((a, b) => rank(a) - rank(b));
}

function Withheld({ name, commitment }: { name: string | null; commitment: string | null }) {
  return (
    <div className="field field-withheld" data-testid="field-withheld">
      <dt>
        {name === null ? 'A field' : fieldInWords(name)} {name !== null && <code>{name}</code>}
      </dt>
      <dd>
        {name === null ? (
          <em>not shown to you; its commitment stands in for it</em>
        ) : (
          <em>erased: the key of the person who typed it was destroyed. Everything else still verifies.</em>
        )}
        {commitment !== null && (
          <small>
            commitment <code className="whole">{commitment}</code>
          </small>
        )}
      </dd>
    </div>
  );
}

function Commitment({ salt, commitment, name }: { salt: string; commitment: string; name: string }) {
  return (
    <small className="commitment">
      <span>
        salt <code>{salt}</code>
      </span>
      <span>
        commitment <code className="whole">{commitment}</code>
      </span>
      <span>shown by export profiles that show {CLASS_WORDS[classOf(name)]}</span>
    </small>
  );
}

/** Names of the words that this kind must have and that are not shown. Nothing but erasure takes them from a reader of the ledger. */
function erasedNames({ kind }: Leaf, items: readonly Item[]): string[] {
  if (!isEntryKind(kind)) return [];
  const shown = new Set(items.flatMap((item) => ('commitment' in item ? [] : [item.name])));
  return fieldNamesOf(kind).filter((name) => classOf(name) === 'words' && !shown.has(name));
}
