import type { PolicyRequest } from '@wheelhouse/protocol/policy';
import { spelt } from './cedar-request.ts';
import { FINDINGS, RISKS, type Signals } from '@wheelhouse/protocol/signals';

const LOUDNESS = ['silent', 'normal', 'loud'] as const satisfies readonly Signals['loudness'][];

const FINDING_BITS: ReadonlyMap<string, number> = new Map(FINDINGS.map((finding, bit) => [finding, 1 << bit]));
const RISK_NUMBERS: ReadonlyMap<string, number> = new Map(RISKS.map((risk, number) => [risk, number]));
const LOUDNESS_NUMBERS: ReadonlyMap<string, number> = new Map(LOUDNESS.map((loudness, number) => [loudness, number]));
const FOUND = 2 ** FINDINGS.length;

/**
 * Signals as one number: the same number, the same signals. -1 where they hold a value that is none of those they can have, so that nothing is
 * remembered about them. The order of what was found does not count: policies see sets.
 */
export function packSignals(signals: Signals): number {
  const found = packFindings(signals.found);
  const foundOnScreen = packFindings(signals.foundOnScreen);
  const injection = RISK_NUMBERS.get(signals.injection);
  const toxicity = RISK_NUMBERS.get(signals.toxicity);
  const unsafeImage = RISK_NUMBERS.get(signals.unsafeImage);
  const loudness = LOUDNESS_NUMBERS.get(signals.loudness);
  if (found < 0 || foundOnScreen < 0) return -1;
  if (injection === undefined || toxicity === undefined || unsafeImage === undefined || loudness === undefined) return -1;
  const flags = (signals.hasText ? 1 : 0) | (signals.hasAudio ? 2 : 0) | (signals.hasImage ? 4 : 0) | (signals.speech ? 8 : 0);
  const risks = (injection * RISKS.length + toxicity) * RISKS.length + unsafeImage;
  return (((risks * LOUDNESS.length + loudness) * 16 + flags) * FOUND + found) * FOUND + foundOnScreen;
}

function packFindings(found: Signals['found']): number {
  let bits = 0;
  for (const finding of found) {
    const bit = FINDING_BITS.get(finding);
    if (bit === undefined) return -1;
    bits |= bit;
  }
  return bits;
}

/** The part of a request's key that holds for a whole session. `named`: ids that the policy names; all others are as good as each other. */
export function prefixKey(
  { checkpoint, principal, resource }: Pick<PolicyRequest, 'checkpoint' | 'principal' | 'resource'>,
  { deployment, model }: Pick<PolicyRequest['context'], 'deployment' | 'model'>,
  named: ReadonlySet<string> | null,
): string {
  const who = idKey(principal.id, named);
  const what = idKey(resource.id, named);
  const words = [principal.role, principal.tenant, resource.tenant, deployment, model].map(measured).join('');
  return `${checkpoint}|${principal.kind}|${resource.kind}|${who}${what}${words}`;
}

/** The whole key: -1 for `signals` where there are none. `null` where the signals can't be packed. */
export function requestKey(request: PolicyRequest, named: ReadonlySet<string> | null): string | null {
  const { level, signals, tool, to, profile } = request.context;
  const packed = signals === undefined ? -1 : packSignals(signals);
  if (signals !== undefined && packed < 0) return null;
  const asked = tool === undefined ? '-' : `${measured(tool.name)}${tool.reversible ? 'r' : 'i'}${tool.risks.map(measured).join('')}`;
  const rest = `${to ?? '-'}|${profile === undefined ? '-' : measured(profile)}|${asked}`;
  return `${prefixKey(request, request.context, named)}|${signalsKey(packed, level)}|${rest}`;
}

/** Signals and level in one number. */
export function signalsKey(packed: number, level: number): number {
  return packed * 8 + level;
}

function idKey(id: string, named: ReadonlySet<string> | null): string {
  return named === null || named.has(spelt(id)) ? measured(id) : '*';
}

/** With its length in front no text can be taken for two. */
function measured(text: string): string {
  return `${text.length}:${text}`;
}
