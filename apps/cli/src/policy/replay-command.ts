import { parseArgs } from 'node:util';
import type { ComparisonView, ReplayedRecordings, ReplayView } from '@wheelhouse/protocol/policy-view';
import { PolicyClient } from '@wheelhouse/sdk/policy-client';
import { API_OPTIONS, withConnection } from '../control/connection.ts';
import { EXIT, type Exit, usage } from '../cli-error.ts';
import type { Settings } from '../settings.ts';
import { readPolicyFolder } from './policy-folder.ts';

const OPTIONS = { ...API_OPTIONS, since: { type: 'string' }, until: { type: 'string' }, recordings: { type: 'boolean' } } as const;
const USUAL_MS = 7 * 86_400_000;

/**
 * `wheelhouse policy replay [FOLDER] [--since TIME] [--until TIME] [--recordings]`: what a server's record of that time would have become under this bundle; without
 * times, of the last seven days. `--recordings` reads the transcripts of recorded sessions as well. Ends with 1 where anything would have been decided otherwise.
 */
export async function replayCommand(args: readonly string[], settings: Settings): Promise<Exit> {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const now = Date.now();
  const since = timeOf('--since', values.since, now - USUAL_MS);
  const until = timeOf('--until', values.until, now);
  const { bundle } = readPolicyFolder(positionals);
  const recordings = values.recordings === true;
  const view = await withConnection(settings, values, ({ url, key }) =>
    new PolicyClient(url, { key }).replay(bundle, since, until, recordings),
  );
  process.stdout.write(values.json === true ? `${JSON.stringify(view, null, 2)}\n` : replayText(view));
  const differing = view.comparison.differing + (view.recordings?.comparison.differing ?? 0);
  return differing === 0 ? EXIT.fine : EXIT.fault;
}

function timeOf(option: string, given: string | undefined, usual: number): string {
  const at = given === undefined ? usual : Date.parse(given);
  if (Number.isNaN(at)) throw usage(`${option} takes a time such as 2026-01-31T12:00:00Z, not "${given ?? ''}".`);
  return new Date(at).toISOString();
}

function replayText(view: ReplayView): string {
  const { entries, unreadable, leftOut, comparison, candidate, since, until, recordings } = view;
  const { decided, differing } = comparison;
  const missing = [
    ...(unreadable === 0 ? [] : [`${unreadable} recorded requests could not be read.`]),
    ...(leftOut === 0 ? [] : [`${leftOut} decisions were left out, because there were too many different ones.`]),
  ];
  const total = `${candidate.name} from ${since} to ${until}: ${differing} of ${decided} decisions in ${entries} entries would differ.`;
  const ofWords = recordings === null ? [] : recordingsText(recordings);
  return `${[total, ...differencesText(comparison), ...missing, ...ofWords].join('\n')}\n`;
}

function recordingsText({ sessions, lines, leftOut, forbidden, undecided, comparison }: ReplayedRecordings): string[] {
  return [
    `Recorded words: ${comparison.differing} of ${lines} lines of ${sessions} sessions would differ.`,
    ...differencesText(comparison),
    ...leftOut.map(({ session, problem }) => `Session ${session} was left out: ${problem}.`),
    ...(forbidden === 0 ? [] : [`${forbidden} recorded sessions are not yours to read.`]),
    ...(undecided === 0 ? [] : [`${undecided} lines were left out, because there were too many different ones.`]),
  ];
}

function differencesText({ differences }: ComparisonView): string[] {
  return differences.map(({ request, inForce, candidate, count }) => {
    const by = candidate.policies.length === 0 ? '' : ` (${candidate.policies.join(', ')})`;
    const where = `${request.checkpoint}, level ${request.context.level}, ${request.principal.role}`;
    return `  ${count} times at ${where}: ${inForce.verdict} becomes ${candidate.verdict}${by}`;
  });
}
