import { parseArgs } from 'node:util';
import type { ReplayView } from '@wheelhouse/protocol/policy-view';
import { PolicyClient } from '@wheelhouse/sdk/policy-client';
import { API_OPTIONS, withConnection } from '../control/connection.ts';
import { EXIT, type Exit, usage } from '../cli-error.ts';
import type { Settings } from '../settings.ts';
import { readPolicyFolder } from './policy-folder.ts';

const OPTIONS = { ...API_OPTIONS, since: { type: 'string' }, until: { type: 'string' } } as const;
const USUAL_MS = 7 * 86_400_000;

/**
 * `wheelhouse policy replay [FOLDER] [--since TIME] [--until TIME]`: what a server's record of that time would have become under this bundle; without
 * times, of the last seven days. Ends with 1 where anything would have been decided otherwise.
 */
export async function replayCommand(args: readonly string[], settings: Settings): Promise<Exit> {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const now = Date.now();
  const since = timeOf('--since', values.since, now - USUAL_MS);
  const until = timeOf('--until', values.until, now);
  const { bundle } = readPolicyFolder(positionals);
  const view = await withConnection(settings, values, ({ url, key }) => new PolicyClient(url, { key }).replay(bundle, since, until));
  process.stdout.write(values.json === true ? `${JSON.stringify(view, null, 2)}\n` : replayText(view));
  return view.comparison.differing === 0 ? EXIT.fine : EXIT.fault;
}

function timeOf(option: string, given: string | undefined, usual: number): string {
  const at = given === undefined ? usual : Date.parse(given);
  if (Number.isNaN(at)) throw usage(`${option} takes a time such as 2026-01-31T12:00:00Z, not "${given ?? ''}".`);
  return new Date(at).toISOString();
}

function replayText({ entries, unreadable, leftOut, comparison, candidate, since, until }: ReplayView): string {
  const { decided, differing, differences } = comparison;
  const lines = differences.map(({ request, inForce, candidate: other, count }) => {
    const by = other.policies.length === 0 ? '' : ` (${other.policies.join(', ')})`;
    return `  ${count} times at ${request.checkpoint}, level ${request.context.level}, ${request.principal.role}: ${inForce.verdict} becomes ${other.verdict}${by}`;
  });
  const missing = [
    ...(unreadable === 0 ? [] : [`${unreadable} recorded requests could not be read.`]),
    ...(leftOut === 0 ? [] : [`${leftOut} decisions were left out, because there were too many different ones.`]),
  ];
  const total = `${candidate.name} from ${since} to ${until}: ${differing} of ${decided} decisions in ${entries} entries would differ.`;
  return `${[total, ...lines, ...missing].join('\n')}\n`;
}
