import { useMutation, useQuery } from '@tanstack/react-query';
import { REDACTION_PROFILE_NAMES } from '@wheelhouse/protocol/field-class';
import { ROLES } from '@wheelhouse/protocol/identity';
import { LEVEL_NAMES, type Level } from '@wheelhouse/protocol/level';
import { CHECKPOINTS, Explanation, type PolicyBundle, type PolicyRequest } from '@wheelhouse/protocol/policy';
import { useState } from 'react';
import { call } from '../rest/call.ts';
import { ProblemNote } from '../shell/problem-note.tsx';
import { ChoiceField } from './choice-field.tsx';
import { ASKED, FIRST_DRAFT, requestOf, type ExplainDraft, type Fact } from './explain-draft.ts';
import { ExplanationView } from './explanation-view.tsx';
import { policyQuery } from './policy-queries.ts';
import { SignalFields } from './signal-fields.tsx';

const LEVELS: readonly Level[] = [1, 2, 3, 4, 5];
const levelWords = (level: Level) => `${level}, ${LEVEL_NAMES[level]}`;

/** Asks what policy would say, and why. Nothing happens by it. */
export function ExplainPage() {
  const { data: view, error } = useQuery(policyQuery);
  const [draft, setDraft] = useState(FIRST_DRAFT);
  const tools = view?.bundle?.tools ?? {};
  const ask = useMutation({ mutationFn: (request: PolicyRequest) => call(Explanation, 'POST', '/v1/policy/explain', { request }) });
  const { facts } = ASKED[draft.checkpoint];
  const change = (part: Partial<ExplainDraft>) => {
    setDraft({ ...draft, ...part });
    // What stood there was the answer to something else.
    ask.reset();
  };
  return (
    <div className="charter-page">
      <h1>Explain</h1>
      <p className="soft">What the bundle in force says to a request, which policies say so, and why. Asking does nothing.</p>
      <ProblemNote error={error} />
      <div className="policy-columns">
        <form
          className="form charter-card"
          aria-label="The request"
          onSubmit={(event) => {
            event.preventDefault();
            ask.mutate(requestOf(draft, tools));
          }}
        >
          <Common draft={draft} onChange={change} />
          <Facts facts={facts} draft={draft} tools={tools} onChange={change} />
          <div className="actions">
            <button type="submit" className="primary" data-testid="explain" disabled={ask.isPending || view === undefined}>
              Explain
            </button>
          </div>
        </form>
        <section className="charter-card" aria-label="The verdict" aria-live="polite">
          <ProblemNote error={ask.error} />
          {ask.data === undefined ? (
            <p className="soft">The verdict and the policies that decided stand here.</p>
          ) : (
            <ExplanationView explanation={ask.data} />
          )}
        </section>
      </div>
    </div>
  );
}

type Part = { readonly draft: ExplainDraft; readonly onChange: (part: Partial<ExplainDraft>) => void };

function Common({ draft, onChange }: Part) {
  const { who } = ASKED[draft.checkpoint];
  const kind = who.find((one) => one === draft.who) ?? who[0] ?? 'person';
  const isEngine = kind === 'engine';
  return (
    <div className="policy-fields">
      <ChoiceField
        label="Checkpoint"
        options={CHECKPOINTS}
        value={draft.checkpoint}
        testId="explain-checkpoint"
        onChange={(checkpoint) => {
          onChange({ checkpoint });
        }}
      />
      <ChoiceField
        label="Who acts"
        options={who}
        value={kind}
        onChange={(one) => {
          onChange({ who: one });
        }}
      />
      {!isEngine && (
        <ChoiceField
          label="Role"
          options={ROLES}
          value={ROLES.find((role) => role === draft.role) ?? 'operator'}
          testId="explain-role"
          onChange={(role) => {
            onChange({ role });
          }}
        />
      )}
      <ChoiceField
        label="Level"
        options={LEVELS}
        value={draft.level}
        testId="explain-level"
        words={levelWords}
        onChange={(level) => {
          onChange({ level });
        }}
      />
      <TextField
        label="Deployment"
        value={draft.deployment}
        testId="explain-deployment"
        onChange={(deployment) => {
          onChange({ deployment });
        }}
      />
      <TextField
        label="Tenant"
        value={draft.tenant}
        testId="explain-tenant"
        onChange={(tenant) => {
          onChange({ tenant });
        }}
      />
    </div>
  );
}

/** What only some checkpoints are asked. */
function Facts({ facts, draft, tools, onChange }: Part & { readonly facts: readonly Fact[]; readonly tools: PolicyBundle['tools'] }) {
  return facts.map((fact) => {
    switch (fact) {
      case 'signals':
        return (
          <SignalFields
            key={fact}
            signals={draft.signals}
            onChange={(signals) => {
              onChange({ signals });
            }}
          />
        );
      case 'tool':
        return (
          <TextField
            key={fact}
            label="Tool"
            value={draft.tool}
            testId="explain-tool"
            options={Object.keys(tools)}
            onChange={(tool) => {
              onChange({ tool });
            }}
          />
        );
      case 'to':
        return (
          <ChoiceField
            key={fact}
            label="To level"
            options={LEVELS}
            value={draft.to}
            words={levelWords}
            onChange={(to) => {
              onChange({ to });
            }}
          />
        );
      case 'profile':
        return (
          <ChoiceField
            key={fact}
            label="What the export shows"
            options={REDACTION_PROFILE_NAMES}
            value={REDACTION_PROFILE_NAMES.find((name) => name === draft.profile) ?? 'full'}
            onChange={(profile) => {
              onChange({ profile });
            }}
          />
        );
    }
  });
}

type Text = {
  readonly label: string;
  readonly value: string;
  readonly testId: string;
  readonly options?: readonly string[];
  readonly onChange: (value: string) => void;
};

function TextField({ label, value, testId, options = [], onChange }: Text) {
  return (
    <label>
      {label}
      <input
        value={value}
        required
        maxLength={200}
        autoComplete="off"
        data-testid={testId}
        list={options.length === 0 ? undefined : `${testId}-known`}
        onChange={(event) => {
          onChange(event.currentTarget.value);
        }}
      />
      {options.length > 0 && (
        <datalist id={`${testId}-known`}>
          {options.map((option) => (
            <option key={option} value={option} />
          ))}
        </datalist>
      )}
    </label>
  );
}
