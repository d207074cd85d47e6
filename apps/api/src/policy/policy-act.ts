import { ACROSS_TENANTS } from '@wheelhouse/access/abilities';
import type { PolicyBundle } from '@wheelhouse/protocol/policy';
import type { ComparisonView, FileChange } from '@wheelhouse/protocol/policy-view';
import type { Preview } from '@wheelhouse/protocol/proposed-act';
import { type ActOf, actPort } from '../charter/act-port.ts';
import type { Court } from '../charter/court.ts';
import { entryOf } from '../ledger/new-entry.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { Refusal } from '../problem/refusal.ts';
import { bundleChange } from './bundle-change.ts';
import { isProposable } from './policy-desk.ts';
import type { PolicyKeeper } from './policy-keeper.ts';
import type { PolicyLab } from './policy-lab.ts';
import type { Tried } from './policy-task.ts';
import { recordedRequests } from './recorded-requests.ts';
import type { ShadowDesk } from './shadow-desk.ts';
import { readText } from './stored-bundle.ts';

type Parts = {
  readonly keeper: PolicyKeeper;
  readonly lab: PolicyLab;
  readonly ledger: Ledger;
  readonly shadow: ShadowDesk;
  readonly court: Court;
};

type Act = ActOf<'policy.change'>;

/** A proposal shows what would have been decided otherwise in this time. */
const LOOK_BACK_MS = 7 * 86_400_000;
const MOST_REMEMBERED = 50;
const MOST_FILES = 20;
const MOST_DIFFERENCES = 8;
const MOST_WARNINGS = 5;
/** The preview is kept in the proposal's entry of the ledger, beside the bundle. */
const LONGEST_LINE = 300;

/** Putting another policy bundle in force. What voters are shown is worked out before it is anybody's turn to vote. */
export function policyChangeAct(parts: Parts) {
  const { keeper, court, lab } = parts;
  const previews = new Map<string, Promise<Preview>>();
  const previewOf = (act: Act): Promise<Preview> => {
    const key = `${keeper.digest} ${act.bundle}`;
    const known = previews.get(key);
    if (known !== undefined) return known;
    if (previews.size >= MOST_REMEMBERED) previews.clear();
    const made = madePreview(parts, act);
    previews.set(key, made);
    made.catch(() => previews.delete(key));
    return made;
  };
  return actPort('policy.change', {
    requireProposer: async (_, act) => {
      requireCharter(court);
      await requireProposable(lab, act);
      // Shown anew to whoever proposes: time has passed since it was asked before.
      previews.delete(`${keeper.digest} ${act.bundle}`);
      await previewOf(act);
    },
    tenantOf: () => ACROSS_TENANTS,
    about: ({ bundle }) => {
      requireCharter(court);
      if (bundle === keeper.digest) throw new Refusal('conflict', 'This bundle is in force already.');
      return { inForce: keeper.digest };
    },
    preview: previewOf,
    authors: () => [],
    execute: async (act, { proposal, by, cause, at, record }) => {
      const { bundle } = await requireProposable(lab, act);
      const data = { proposal, bundle: act.bundle, name: bundle.name, bundleText: act.text };
      const entry = entryOf('policy.adopted', data, by, { cause, at });
      const index = await record(entry);
      if (entry.kind === 'policy.adopted') keeper.take(index, entry);
    },
  });
}

function requireCharter(court: Court): void {
  if (!court.inForce)
    throw new Refusal(
      'conflict',
      'Policy is changed by the votes that a charter asks for, and there is no charter in force. Make one first: POST /v1/proposals with charter.amend.',
    );
}

/** Refuses a bundle that is not what its digest says, does not load, contradicts itself or fails its own tests. */
async function requireProposable(lab: PolicyLab, { text, bundle: digest }: Act): Promise<{ bundle: PolicyBundle; tried: Tried }> {
  const read = readText(text);
  if (!read.ok) throw new Refusal('policy_refused', read.fault.message);
  const tried = await lab.check(read.bundle);
  const [fault] = tried.faults.filter(({ severity }) => severity === 'error');
  if (fault !== undefined)
    throw new Refusal(
      'policy_refused',
      `The bundle can't be used: ${[fault.file, fault.policy, fault.message].filter(Boolean).join(': ')}`,
    );
  if (tried.loaded?.digest !== digest || tried.loaded.text !== text)
    throw new Refusal(
      'other_digest',
      `The bundle has the digest ${tried.loaded?.digest ?? 'none'}, and the act names ${digest}. Send digest and text as POST /v1/policy/check gives them.`,
    );
  const failing = tried.tests
    .filter(({ ok }) => !ok)
    .map(({ name, expected, got }) => `${name} (${expected} expected, ${got.verdict} came)`);
  if (!isProposable(tried))
    throw new Refusal('policy_refused', `${failing.length} of the bundle's own tests fail: ${failing.slice(0, 5).join('; ')}`);
  return { bundle: read.bundle, tried };
}

async function madePreview({ keeper, lab, ledger, shadow }: Parts, act: Act): Promise<Preview> {
  const { bundle, tried } = await requireProposable(lab, act);
  const inForce = keeper.loaded?.bundle ?? null;
  const now = Date.now();
  const { counter } = await recordedRequests(ledger, now - LOOK_BACK_MS, now);
  const replayed = await lab.compare(inForce, bundle, counter.counted);
  const shadowed = await shadow.reportOn(act.bundle);
  const lines = [
    `${bundle.name} (${act.bundle}) in the place of ${keeper.history.inForce?.name ?? 'nothing'} (${keeper.digest}). It decides at every checkpoint from then on.`,
    ...filesInWords(bundleChange(inForce, bundle)),
    tried.tests.length === 0 ? 'It has no tests of its own.' : `Its own ${tried.tests.length} tests pass.`,
    ...tried.faults.slice(0, MOST_WARNINGS).map(({ message }) => `Warning: ${message}`),
    ...comparisonInWords('Of the decisions recorded in the last seven days', replayed),
    ...(shadowed === null
      ? []
      : comparisonInWords(`Beside the one in force since ${shadowed.candidate?.since ?? ''}`, shadowed.comparison)),
  ];
  return {
    title: `Change the policy to ${bundle.name}`,
    lines: lines.map((line) => line.slice(0, LONGEST_LINE).toWellFormed()).slice(0, 50),
    sessions: { count: 0, first: [] },
    deployments: { count: 0, first: [] },
  };
}

function filesInWords(changes: readonly FileChange[]): string[] {
  const told = changes
    .slice(0, MOST_FILES)
    .map(({ file, change, added, removed }) => `${file}: ${change}, ${added} lines new, ${removed} gone.`);
  return changes.length <= MOST_FILES ? told : [...told, `${changes.length - MOST_FILES} more files change.`];
}

function comparisonInWords(where: string, { decided, differing, differences }: ComparisonView): string[] {
  const told = differences.slice(0, MOST_DIFFERENCES).map(({ request, inForce, candidate, count }) => {
    const { level, deployment } = request.context;
    const by = candidate.policies.length === 0 ? '' : ` (${candidate.policies.join(', ')})`;
    return `${request.checkpoint}, level ${level}${deployment === '' ? '' : `, ${deployment}`}: ${inForce.verdict} becomes ${candidate.verdict}${by}, ${count} times.`;
  });
  return [`${where}: ${decided} were looked at, ${differing} would differ.`, ...told];
}
