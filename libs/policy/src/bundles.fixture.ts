import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { FINDINGS, RISKS, type Signals } from '@wheelhouse/protocol/signals';
import { CHECKPOINTS, type PolicyBundle, type PolicyRequest } from '@wheelhouse/protocol/policy';
import fc from 'fast-check';
import { bundleOfFiles } from './bundle-files.ts';
import { loadBundle, type LoadedPolicy } from './load-bundle.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../../policies');

export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());

/** The bundle that Wheelhouse brings along. */
export function defaultBundle(): PolicyBundle {
  const entries = readdirSync(FOLDER, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = entries.map((entry) => {
    const file = path.join(entry.parentPath, entry.name);
    return [path.relative(FOLDER, file).split(path.sep).join('/'), readFileSync(file, 'utf8')] as const;
  });
  const reading = bundleOfFiles(new Map(files), 'default');
  if (!reading.ok) throw new Error(JSON.stringify(reading.faults));
  return reading.bundle;
}

/** A bundle of this policy text alone, with the default schema and tools. */
export function bundleOf(text: string, more: Partial<PolicyBundle> = {}): PolicyBundle {
  return { ...defaultBundle(), name: 'test', policies: { 'test.cedar': text }, tests: [], ...more };
}

/** Loads what must load. */
export function loaded(bundle: PolicyBundle): LoadedPolicy {
  const loading = loadBundle(bundle, sha256);
  if (!loading.ok) throw new Error(JSON.stringify(loading.faults));
  return loading.policy;
}

const set = fc.uniqueArray(fc.constantFrom(...FINDINGS), { maxLength: 4 });
const risk = fc.constantFrom(...RISKS);

export const anySignals: fc.Arbitrary<Signals> = fc.record({
  hasText: fc.boolean(),
  hasAudio: fc.boolean(),
  hasImage: fc.boolean(),
  found: set,
  foundOnScreen: set,
  injection: risk,
  toxicity: risk,
  unsafeImage: risk,
  speech: fc.boolean(),
  loudness: fc.constantFrom('silent', 'normal', 'loud'),
});

const level = fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const, 5 as const);
const id = fc.oneof(fc.constantFrom('ann', 'echo', 'one', 'named', '', '"', '\ud800', '\ufffd', '__proto__'), fc.string({ maxLength: 8 }));
const word = fc.oneof(fc.constantFrom('house', 'acme', 'echo', 'relay'), id);

/** Any request, also such as no schema takes. */
export const anyRequest: fc.Arbitrary<PolicyRequest> = fc.record({
  checkpoint: fc.constantFrom(...CHECKPOINTS),
  principal: fc.record({
    kind: fc.constantFrom('engine', 'person', 'key'),
    id,
    role: fc.constantFrom('engine', 'operator', 'reviewer', 'developer', 'administrator', 'stranger'),
    tenant: word,
  }),
  resource: fc.record({ kind: fc.constantFrom('session', 'tool', 'deployment', 'export', 'fine_tune'), id, tenant: word }),
  context: fc.record(
    {
      level,
      deployment: word,
      model: word,
      signals: anySignals,
      tool: fc.record({
        name: word,
        reversible: fc.boolean(),
        risks: fc.uniqueArray(fc.constantFrom('payment', 'outbound', 'unknown', 'x')),
      }),
      to: level,
      profile: fc.constantFrom('full', 'public', 'no-words'),
    },
    { requiredKeys: ['level', 'deployment', 'model'] },
  ),
});

/** A request that the default schema takes: what its checkpoint needs is there, and nothing else. */
export const fittingRequest: fc.Arbitrary<PolicyRequest> = fc.tuple(anyRequest, anySignals, level).map(([request, signals, to]) => {
  const { checkpoint, principal, context } = request;
  const { deployment, model } = context;
  const base = { level: context.level, deployment, model };
  const tool = context.tool ?? { name: 'search', reversible: true, risks: [] };
  const who = principal.kind === 'engine' ? ({ ...principal, kind: 'person' } as const) : principal;
  const at = (kind: PolicyRequest['resource']['kind']) => ({ ...request.resource, kind });
  switch (checkpoint) {
    case 'tick.input':
    case 'tick.output':
      return { checkpoint, principal: { ...principal, kind: 'engine' }, resource: at('session'), context: { ...base, signals } };
    case 'tool.call':
      return { checkpoint, principal, resource: at('tool'), context: { ...base, tool } };
    case 'session.open':
      return { checkpoint, principal: who, resource: at('session'), context: base };
    case 'level.change':
      return { checkpoint, principal: who, resource: at('session'), context: { ...base, to } };
    case 'finetune.create':
      return { checkpoint, principal: who, resource: at('fine_tune'), context: base };
    case 'deployment.promote':
      return { checkpoint, principal: who, resource: at('deployment'), context: base };
    case 'record.export':
      return { checkpoint, principal: who, resource: at('export'), context: { ...base, profile: context.profile ?? 'full' } };
  }
});
