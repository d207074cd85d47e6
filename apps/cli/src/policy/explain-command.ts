import { parseArgs } from 'node:util';
import { completeRequest } from '@wheelhouse/policy/bundle-files';
import { explain } from '@wheelhouse/policy/explain';
import type { PolicyRequest } from '@wheelhouse/protocol/policy';
import { EXIT, failed, type Exit, usage } from '../cli-error.ts';
import { readText } from '../settings.ts';
import { loadPolicyFolder } from './policy-folder.ts';

/**
 * `wheelhouse policy explain REQUEST.json [FOLDER]`: what the bundle says to a request, and why. What the request leaves out is as in an ordinary one at
 * its checkpoint. Ends with 0 where it is allowed and with 1 where it is not.
 */
export function explainCommand(args: readonly string[]): Exit {
  const { values, positionals } = parseArgs({ args: [...args], options: { json: { type: 'boolean' } }, allowPositionals: true });
  const [file, ...folder] = positionals;
  if (file === undefined) throw usage('policy explain takes the file of a request.');
  const request = requestIn(file);
  const told = explain(loadPolicyFolder(folder), request);
  const { decision, because, words } = told;
  const lines = [
    words,
    ...because.map(({ policy, effect, verdict, reason }) => `  ${effect} ${policy} (${verdict}): ${reason}`),
    `  obligations: ${JSON.stringify(decision.obligations)}`,
    `  bundle: ${decision.bundle}`,
  ];
  process.stdout.write(values.json === true ? `${JSON.stringify(told, null, 2)}\n` : `${lines.join('\n')}\n`);
  return decision.verdict === 'allow' ? EXIT.fine : EXIT.fault;
}

/** A request by itself, or that of a test. */
function requestIn(file: string): PolicyRequest {
  const written = jsonIn(file);
  const own = typeof written === 'object' && written !== null && 'request' in written ? written.request : written;
  const completed = completeRequest(own);
  if (!completed.ok) throw failed(`${file}: ${completed.message}`);
  return completed.request;
}

function jsonIn(file: string): unknown {
  const text = readText(file);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw failed(`${file} is no JSON`, error);
  }
}
