import { Link } from '@tanstack/react-router';
import type { JsonValue } from '@wheelhouse/ledger/strict-json';
import { SessionEffect } from '@wheelhouse/protocol/order';
import { Scope, scopeInWords } from '@wheelhouse/protocol/scope';
import { z } from 'zod';
import type { Names } from './names.ts';
import { dateTime, short } from './plain-words.ts';

type Value = { readonly name: string; readonly value: JsonValue; readonly names: Names };

const PEOPLE: ReadonlySet<string> = new Set(['by.id', 'by.person', 'data.person', 'data.askedBy', 'data.holder', 'data.to']);
const Moment = z.iso.datetime();
const Effects = z.array(SessionEffect).min(1);

/** A field's value as people read it, always with the value itself: what is verified is the value, not its translation. */
export function FieldValue({ name, value, names }: Value) {
  if (typeof value === 'string') return <TextValue name={name} value={value} names={names} />;
  if (value === null) return <span className="soft">none</span>;
  if (typeof value === 'number') return <span className="number">{value}</span>;
  if (typeof value === 'boolean') return <>{value ? 'yes' : 'no'}</>;
  if (name === 'data.scope') {
    const scope = Scope.safeParse(value);
    if (scope.success && scope.data.type !== 'session') return <>{scopeInWords(scope.data)}</>;
    if (scope.success && scope.data.type === 'session') return <SessionLink id={scope.data.session} />;
  }
  const effects = name === 'data.sessions' ? Effects.safeParse(value) : null;
  if (effects?.success === true) return <EffectTable effects={effects.data} />;
  return <Structure value={value} />;
}

function TextValue({ name, value, names }: { name: string; value: string; names: Names }) {
  if (value === '') return <span className="soft">nothing</span>;
  if (name === 'data.session') return <SessionLink id={value} />;
  if (name === 'data.charterText') return <pre className="structure">{value}</pre>;
  if (name === 'data.proposal') return <ProposalLink id={value} />;
  if (PEOPLE.has(name)) {
    const called = names.person(value);
    return (
      <>
        {called === `person ${short(value)}` ? '' : `${called} `}
        <code>{value}</code>
      </>
    );
  }
  if (Moment.safeParse(value).success) {
    return (
      <>
        {dateTime(value)} <code>{value}</code>
      </>
    );
  }
  // What people typed is text; ids and hashes are for comparing.
  return name === 'data.reason' ? <q>{value}</q> : <code className="whole">{value}</code>;
}

function ProposalLink({ id }: { id: string }) {
  return (
    <Link to="/approvals/$id" params={{ id }}>
      <code>{id}</code>
    </Link>
  );
}

function SessionLink({ id }: { id: string }) {
  return (
    <span className="session-link">
      <code>{id}</code>{' '}
      <Link to="/ledger" search={{ session: id }}>
        all its entries
      </Link>
    </span>
  );
}

function EffectTable({ effects }: { effects: readonly SessionEffect[] }) {
  return (
    <table className="effects">
      <thead>
        <tr>
          <th scope="col">Session</th>
          <th scope="col">Tick</th>
          <th scope="col">Last frame out</th>
          <th scope="col">Settled</th>
        </tr>
      </thead>
      <tbody>
        {effects.map((effect) => (
          <tr key={effect.session}>
            <td>
              <Link to="/ledger" search={{ session: effect.session }} title={effect.session}>
                <code>{short(effect.session)}</code>
              </Link>
            </td>
            <td className="number">{effect.tick}</td>
            <td className="number">#{effect.lastSequence}</td>
            <td>{effect.settled ? 'yes' : 'under way'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Structure({ value }: { value: JsonValue }) {
  const text = JSON.stringify(value, null, 1);
  if (text.length < 120) return <code className="whole">{JSON.stringify(value)}</code>;
  return (
    <details>
      <summary>{Array.isArray(value) ? `${value.length} items` : 'in full'}</summary>
      <pre className="structure">{text}</pre>
    </details>
  );
}
