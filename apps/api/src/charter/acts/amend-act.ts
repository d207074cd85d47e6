import { charterName } from '@wheelhouse/charter/ballot';
import { readCharter } from '@wheelhouse/charter/read-charter';
import { ACROSS_TENANTS } from '@wheelhouse/access/abilities';
import { sha256 } from '@wheelhouse/installation/node-crypto';
import type { Preview } from '@wheelhouse/protocol/proposed-act';
import { entryOf } from '../../ledger/new-entry.ts';
import { Refusal } from '../../problem/refusal.ts';
import { actPort } from '../act-port.ts';
import type { CharterCheck } from '../charter-check.ts';
import type { CharterKeeper } from '../charter-keeper.ts';

/** Puts a charter in force: the first one, or another. */
export function amendAct(keeper: CharterKeeper, check: CharterCheck) {
  return actPort('charter.amend', {
    // Whoever belongs to the house may propose; `requireProposal` asked that already.
    requireProposer: ({ kind }) => {
      if (kind === 'key' && keeper.record.inForce === null)
        throw new Refusal('forbidden', 'Who proposes the first charter agrees to it by that, so a person does, and no API key.');
    },
    tenantOf: () => ACROSS_TENANTS,
    about: ({ text }) => {
      const version = versionOf(text);
      const { inForce } = keeper.record;
      if (inForce !== null && version <= inForce.version)
        throw new Refusal('conflict', `The charter in force has version ${inForce.version}; give this one a higher version than that.`);
      const most = (inForce?.version ?? 0) + MOST_STEPS;
      if (version > most)
        throw new Refusal('conflict', `Count versions up: at most ${most} comes next, so that there is always one after it.`);
      return { inForce: keeper.record.rules };
    },
    preview: async ({ text }) => previewOf(text, keeper, await check.check(text)),
    authors: () => [],
    execute: async ({ text }, { proposal, by, cause, at, record }) => {
      // Terms may have ended while it was voted on: what is safe is asked at the very moment of its adoption.
      await check.refuseBroken({ power: 'charter.amend', text }, true);
      const data = { proposal, name: charterName(text, sha256), version: versionOf(text), charterText: text };
      await record(entryOf('charter.adopted', data, by, { cause, at }));
    },
  });
}

/** Versions of texts that were read before: open amendments are looked at again and again. */
const versions = new Map<string, number>();
const MOST_VERSIONS = 200;
/** Nobody can use all version numbers up at once. */
const MOST_STEPS = 1000;

function versionOf(text: string): number {
  const known = versions.get(text);
  if (known !== undefined) return known;
  const reading = readCharter(text);
  if (!reading.ok) throw new Refusal('charter_refused', 'This charter has faults; POST /v1/charter/check names them.');
  if (versions.size >= MOST_VERSIONS) versions.clear();
  versions.set(text, reading.charter.version);
  return reading.charter.version;
}

/** What would change, in numbers: the text itself is in the act, and its lines can be compared with those in force. */
function previewOf(text: string, { record }: CharterKeeper, { analysis }: Awaited<ReturnType<CharterCheck['check']>>): Preview {
  const { inForce } = record;
  const before = new Set(inForce?.text.split('\n') ?? []);
  const after = new Set(text.split('\n'));
  const added = [...after].filter((line) => !before.has(line)).length;
  const removed = [...before].filter((line) => !after.has(line)).length;
  const smallest = (analysis?.powers ?? []).map(
    ({ power, smallest: people, quorum }) =>
      `${power}: ${quorum}; the smallest coalition, by any chain of acts, has ${people ?? 'nobody'}${people === null ? '' : ' people'}.`,
  );
  return {
    title: inForce === null ? 'Put the first charter in force' : `Amend the charter: version ${inForce.version} to ${versionOf(text)}`,
    lines: [
      inForce === null
        ? 'From then on every permissive act takes the quorum that it names; the rule of two people ends.'
        : `${added} lines are new or changed, ${removed} are gone. Seats stand as the new text says; handovers under way end.`,
      'Every open proposal is superseded, because the rules that it was opened under are not in force any more.',
      ...smallest,
    ].slice(0, 50),
    sessions: { count: 0, first: [] },
    deployments: { count: 0, first: [] },
  };
}
