import { parseArgs } from 'node:util';
import { runTests } from '@wheelhouse/policy/run-tests';
import type { PolicyTestResult } from '@wheelhouse/protocol/policy';
import { EXIT, type Exit } from '../cli-error.ts';
import { loadPolicyFolder } from './policy-folder.ts';

/** `wheelhouse policy test [FOLDER]`: runs the bundle's own tests. Ends with 1 where one fails, with 3 where the bundle does not load. */
export function testCommand(args: readonly string[]): Exit {
  const { values, positionals } = parseArgs({ args: [...args], options: { json: { type: 'boolean' } }, allowPositionals: true });
  const policy = loadPolicyFolder(positionals);
  const results = runTests(policy);
  const failing = results.filter(({ ok }) => !ok);
  process.stdout.write(
    values.json === true
      ? `${JSON.stringify({ bundle: policy.digest, results }, null, 2)}\n`
      : `${failing.map((result) => `${failureText(result)}\n`).join('')}${results.length - failing.length} of ${results.length} tests pass. ${policy.digest}\n`,
  );
  return failing.length === 0 ? EXIT.fine : EXIT.fault;
}

function failureText({ name, expected, got }: PolicyTestResult): string {
  const by = got.policies.length === 0 ? 'by no policy' : `by ${got.policies.join(', ')}`;
  const errors = got.errors.map((error) => `\n    ${error}`).join('');
  return `FAIL ${name}: ${expected} expected, ${got.verdict} came, ${by}${errors}`;
}
