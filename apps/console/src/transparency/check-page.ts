import type { PublicCharter, Transparency } from '@wheelhouse/protocol/transparency';
import { toBase64 } from '@wheelhouse/ledger/base64';
import { verdictOf, type Step } from '../ledger/verify-step.ts';
import { cosignaturesStep, signatureStep, type KeyStanding, type ShownHead } from '../ledger/watch-log.ts';
import { checkCharter } from './check-charter.ts';
import { growthStep, keptStep, leafHashOf, orderStep, standingOfPage } from './check-memory.ts';
import { powersStep } from './check-powers.ts';
import type { PageMemory } from './page-memory.ts';
import type { TileFetch } from './published-tiles.ts';
import { readHead } from './shown-head.ts';

export type CheckedCharter = { readonly charter: PublicCharter; readonly steps: readonly Step[] };
/** What was checked of the page. */
export type PageCheck = { readonly log: readonly Step[]; readonly charters: readonly CheckedCharter[] };

/** What a check needs besides the page. `loadedAt`: when this browser got the page, by its own clock. */
export type CheckSources = {
  readonly memory: PageMemory;
  readonly fetchTile: TileFetch;
  readonly loadedAt: number;
  readonly now: () => number;
};

/** Checks the page just as it is shown, and believes nothing that it says. Remembers what turned out good. */
export async function checkPage(page: Transparency, sources: CheckSources): Promise<PageCheck> {
  const { memory, now } = sources;
  const at = new Date(now()).toISOString();
  const standing = standingOfPage(page, memory, at);
  const head = readHead(page.checkpoint);
  const log = await logSteps(page, { head, standing }, sources);
  const charters: CheckedCharter[] = [];
  for (const charter of page.charters) charters.push({ charter, steps: await checkCharter(charter, standing) });
  const [newest] = charters;
  if (newest !== undefined) {
    const inForce = { ...newest, steps: [...newest.steps, powersStep(newest.charter.text, page.powers)] };
    charters[0] = inForce;
  }
  const check = { log, charters };
  if (head !== null) remember(check, { head, memory, at });
  return check;
}

async function logSteps(
  page: Transparency,
  shown: { head: ShownHead | null; standing: KeyStanding },
  sources: CheckSources,
): Promise<Step[]> {
  const { head, standing } = shown;
  if (head === null)
    return [
      {
        id: 'signature',
        title: 'The tree head is signed by the log',
        outcome: 'bad',
        result: 'The head that the page shows cannot be read.',
        meaning: 'Without a signed head, nothing on this page is bound to anything.',
      },
    ];
  const signature = await signatureStep(head, standing);
  // A head that nobody signed is not worth remembering, nor comparing.
  if (signature.outcome !== 'good') return [signature];
  const known = sources.memory.read();
  const growth = await growthStep(head.checkpoint, known?.head ?? null, sources);
  const history = [orderStep(page.charters), keptStep(page.charters, known?.charters ?? [])];
  const witnesses = await cosignaturesStep(head, page.witnesses.keys);
  return [signature, growth, witnesses, ...history.filter((step) => step !== null)];
}

/** Only what is good all through: nothing that failed may replace what was verified before. */
function remember({ log, charters }: PageCheck, { head, memory, at }: { head: ShownHead; memory: PageMemory; at: string }): void {
  const known = memory.read();
  if (known === null || log.some(({ outcome }) => outcome === 'bad' || outcome === 'open')) return;
  const { size, root } = head.checkpoint;
  const sound = charters.filter(({ steps }) => verdictOf(steps) === 'verified').map(({ charter }) => charter);
  const before = known.charters.filter(({ entry }) => !sound.some(({ stored }) => stored.index === entry));
  const verified = sound.map((charter) => ({ entry: charter.stored.index, version: charter.version, leafHash: leafHashOf(charter) }));
  memory.write({ ...known, head: { size, root: toBase64(root), at }, charters: [...before, ...verified] });
}

export function allSteps({ log, charters }: PageCheck): readonly Step[] {
  return [...log, ...charters.flatMap(({ steps }) => steps)];
}
