import type { PolicyTestResult } from '@wheelhouse/protocol/policy';
import { plural } from '../ledger/plain-words.ts';
import { testInWords } from './policy-words.ts';

/** A bundle's own tests as the server ran them: those that fail first. */
export function TestResults({ tests, testId }: { tests: readonly PolicyTestResult[]; testId: string }) {
  const failed = tests.filter(({ ok }) => !ok);
  const passed = tests.filter(({ ok }) => ok);
  return (
    <div className="policy-tests" data-testid={testId} data-state={failed.length === 0 ? 'passed' : 'failed'}>
      <p className={failed.length === 0 ? 'policy-good' : 'charter-mark'}>
        {tests.length === 0
          ? 'It has no tests.'
          : failed.length === 0
            ? `All ${plural(tests.length, 'test')} pass.`
            : `${failed.length} of ${plural(tests.length, 'test')} fail.`}
      </p>
      {failed.length > 0 && <Rows tests={failed} />}
      {passed.length > 0 && (
        <details>
          <summary>{failed.length === 0 ? 'Each with its result' : `${plural(passed.length, 'test')} that pass`}</summary>
          <Rows tests={passed} />
        </details>
      )}
    </div>
  );
}

function Rows({ tests }: { tests: readonly PolicyTestResult[] }) {
  return (
    <ul className="policy-rows">
      {tests.map((test) => (
        <li key={test.name}>
          <b className={test.ok ? 'policy-good' : 'charter-mark'}>{test.ok ? 'pass' : 'fail'}</b>
          <span>{test.name}</span>
          <span className="soft">{testInWords(test)}</span>
        </li>
      ))}
    </ul>
  );
}
