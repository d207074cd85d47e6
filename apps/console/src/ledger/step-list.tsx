import type { NamedHash, Outcome, Step } from './verify-step.ts';

const MARKS: Readonly<Record<Outcome, readonly [mark: string, words: string]>> = {
  good: ['✓', 'holds'],
  bad: ['✕', 'fails'],
  open: ['?', 'not checked'],
  none: ['–', 'nothing to check'],
};

/** The steps of a verification, each with its result and what that means. */
export function StepList({ steps }: { steps: readonly Step[] }) {
  if (steps.length === 0) return null;
  return (
    <ol className="steps">
      {steps.map((step) => (
        <li key={step.id} className={`step step-${step.outcome}`} data-testid={`step-${step.id}`} data-outcome={step.outcome}>
          <span className="step-mark" aria-hidden="true">
            {MARKS[step.outcome][0]}
          </span>
          <div>
            <h3>
              {step.title}: <span className="step-word">{MARKS[step.outcome][1]}</span>
            </h3>
            <p>{step.result}</p>
            <p className="soft">{step.meaning}</p>
            {step.hashes !== undefined && <Hashes hashes={step.hashes} />}
          </div>
        </li>
      ))}
    </ol>
  );
}

function Hashes({ hashes }: { hashes: readonly NamedHash[] }) {
  return (
    <details>
      <summary>The hashes</summary>
      <ol className="hashes">
        {hashes.map(({ name, hash }, at) => (
          // The same hash may stand under the same name twice, where a path begins and ends.
          <li key={`${at}-${name}`}>
            <span>{name}</span> <code className="whole">{hash}</code>
          </li>
        ))}
      </ol>
    </details>
  );
}
