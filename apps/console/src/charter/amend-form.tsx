import type { AnalysisView, CharterVersion } from '@wheelhouse/protocol/charter-view';
import { useRef } from 'react';
import { useMe } from '../shell/use-me.ts';
import { CheckPanel } from './check-panel.tsx';
import { CoalitionTable } from './coalition-table.tsx';
import { DiffView } from './diff-view.tsx';
import { cannotBeProposed } from './draft-words.ts';
import { ProposeCharter } from './propose-charter.tsx';
import { faultsWithLines, goToLine, TextEditor } from './text-editor.tsx';
import { useChecked } from './use-checked.ts';

type Amending = {
  readonly title: string;
  readonly lead: string;
  /** The text to go back to. */
  readonly start: string;
  readonly text: string;
  readonly inForce: CharterVersion | null;
  readonly compared: AnalysisView | undefined;
  /** Null gives the draft up. */
  readonly onChange: (text: string | null) => void;
};

export function AmendForm({ title, lead, start, text, inForce, compared, onChange }: Amending) {
  const { ability } = useMe();
  const { checked, isChecking, error } = useChecked(text);
  const area = useRef<HTMLTextAreaElement>(null);
  const isUnchanged = inForce !== null && (text === inForce.text || text === start);
  const blocked = text.trim() === '' ? 'It is empty.' : (error?.message ?? cannotBeProposed({ isUnchanged, isChecking, checked }));
  const analysis = checked?.analysis ?? null;
  return (
    <>
      <header className="charter-head">
        <div>
          <h1>{title}</h1>
          <p className="soft">{lead}</p>
        </div>
        <button
          type="button"
          data-testid="begin-again"
          disabled={text === start}
          onClick={() => {
            onChange(null);
          }}
        >
          Begin again
        </button>
      </header>
      <div className="amend-columns">
        <section className="charter-card" aria-label="Text">
          <TextEditor
            text={text}
            faults={faultsWithLines(checked?.faults ?? [])}
            label="Text of the charter, YAML or JSON"
            describedBy="charter-check"
            area={area}
            onChange={onChange}
          />
        </section>
        <div className="amend-beside">
          <CheckPanel
            checked={checked}
            isChecking={isChecking}
            error={error}
            onLine={(line) => {
              goToLine(area, line);
            }}
          />
          {ability.can('propose', 'Proposal') && (
            <ProposeCharter
              text={text}
              isFirst={inForce === null}
              blocked={blocked}
              onProposed={() => {
                onChange(null);
              }}
            />
          )}
        </div>
      </div>
      {inForce !== null && (
        <section className="charter-card" aria-labelledby="amend-changes">
          <h2 id="amend-changes">Changes against version {inForce.version}</h2>
          <DiffView before={inForce.text} after={text} testId="amend-diff" />
        </section>
      )}
      {analysis !== null && (
        <section className="charter-card" aria-labelledby="amend-coalitions">
          <h2 id="amend-coalitions">Who could do what with whom</h2>
          <CoalitionTable analysis={analysis} compared={compared} />
        </section>
      )}
    </>
  );
}
