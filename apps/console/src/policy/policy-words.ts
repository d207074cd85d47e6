import type { Obligations, PolicyRequest, PolicyTestResult, Verdict } from '@wheelhouse/protocol/policy';
import type { PolicyVersion } from '@wheelhouse/protocol/policy-view';

export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = { allow: 'allow', redact: 'redact', hold: 'hold', deny: 'deny' };

export const HOW_WORDS: Readonly<Record<PolicyVersion['how'], string>> = {
  shipped: 'came with Wheelhouse',
  adopted: 'adopted by a proposal',
  rolled_back: 'gone back to',
};

export function shortDigest(digest: string): string {
  return digest === '' ? 'none' : `${digest.replace('sha256:', '').slice(0, 12)}…`;
}

/** What a checkpoint was asked, in a line. */
export function requestInWords({ checkpoint, principal, resource, context }: PolicyRequest): string {
  const { level, deployment, signals, tool, to, profile } = context;
  const facts = [
    `${principal.kind} (${principal.role})`,
    resource.kind === 'session' ? '' : `on ${resource.kind.replace('_', '-')} ${resource.id}`,
    `level ${level}`,
    deployment === '' ? '' : deployment,
    to === undefined ? '' : `to level ${to}`,
    tool === undefined ? '' : `tool ${tool.name}${tool.reversible ? '' : ', can’t be taken back'}${list(', risks ', tool.risks)}`,
    profile === undefined ? '' : `profile ${profile}`,
    signals === undefined ? '' : signalsInWords(signals),
  ];
  return `${checkpoint}: ${facts.filter((fact) => fact !== '').join(', ')}`;
}

function signalsInWords({ found, foundOnScreen, injection, toxicity, unsafeImage }: NonNullable<PolicyRequest['context']['signals']>) {
  const risks = Object.entries({ injection, toxicity, 'unsafe image': unsafeImage });
  return [
    list('found ', found),
    list('on screen ', foundOnScreen),
    ...risks.flatMap(([name, risk]) => (risk === 'unknown' || risk === 'none' ? [] : [`${name} ${risk}`])),
  ]
    .filter((fact) => fact !== '')
    .join(', ');
}

function list(before: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `${before}${items.join(' and ')}`;
}

/** What a verdict binds the house to; empty where to nothing. */
export function obligationsInWords({ holdBack, onTimeout, watermark, notify, record }: Obligations): string {
  return [
    holdBack === 0
      ? ''
      : `output waits ${holdBack} ${holdBack === 1 ? 'tick' : 'ticks'} (${holdBack * 200} ms); when it runs out: ${onTimeout}`,
    watermark ? 'sound is inaudibly marked as made by a machine' : '',
    list('tells ', notify),
    record ? 'entered in the ledger by itself' : '',
  ]
    .filter((part) => part !== '')
    .join('; ');
}

/** A test that fails says what it wanted and what it got. */
export function testInWords({ ok, expected, got }: PolicyTestResult): string {
  const by = got.policies.length === 0 ? '' : ` by ${got.policies.join(', ')}`;
  if (ok) return `${got.verdict}${by}`;
  return `expected ${expected}, got ${got.verdict}${by}${got.errors.length === 0 ? '' : `: ${got.errors.join('; ')}`}`;
}
