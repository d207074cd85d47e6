import { ROLES } from '@wheelhouse/protocol/identity';
import type { Checkpoint, PolicyRequest } from '@wheelhouse/protocol/policy';
import { FINDINGS, RISKS, type Signals } from '@wheelhouse/protocol/signals';
import type { Literals } from './literals.ts';
import { sampleRequest } from './sample-request.ts';

/** A whole number from 0 up to, not including, `below`. */
export type Draw = (below: number) => number;

const LEVELS = [1, 2, 3, 4, 5] as const;
const PRINCIPALS = ['engine', 'person', 'key'] as const;
const RESOURCES = ['session', 'tool', 'deployment', 'export', 'fine_tune'] as const;
const LOUDNESS = ['silent', 'normal', 'loud'] as const;
const PROFILES = ['full', 'no-words', 'no-people', 'public'] as const;

/** The same draws every time: what lint finds must not depend on luck. */
export function steadyDraw(seed: number): Draw {
  let state = seed >>> 0;
  return (below) => {
    // Numerical Recipes' generator; its high bits are the good ones.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A request that the house could ask at a checkpoint, with words that the bundle itself has written out. */
export function randomRequest(checkpoint: Checkpoint, { ids, strings }: Literals, draw: Draw): PolicyRequest {
  const { principal, resource, context } = sampleRequest(checkpoint);
  const one = <T>(usual: T, others: readonly T[]): T => others[draw(others.length + 1)] ?? usual;
  const id = (usual: string) => one(usual, [...ids]).slice(0, 200);
  const word = (usual: string, most = 200) => one(usual, [...strings]).slice(0, most);
  const risks = [...strings].filter((text) => text.length <= 40 && draw(strings.size) < 2).slice(0, 20);
  return {
    checkpoint,
    principal: {
      kind: draw(4) === 0 ? one(principal.kind, PRINCIPALS) : principal.kind,
      id: id(principal.id),
      role: draw(3) === 0 ? word(principal.role, 40) : one<string>(principal.role, ROLES),
      tenant: word(principal.tenant),
    },
    resource: {
      kind: draw(6) === 0 ? one(resource.kind, RESOURCES) : resource.kind,
      id: id(resource.id),
      tenant: word(resource.tenant),
    },
    context: {
      level: one(context.level, LEVELS),
      deployment: word(context.deployment),
      model: word(context.model),
      ...(context.signals === undefined ? {} : { signals: randomSignals(draw) }),
      ...(context.tool === undefined ? {} : { tool: { name: word(context.tool.name), reversible: draw(2) === 0, risks } }),
      ...(context.to === undefined ? {} : { to: one(context.to, LEVELS) }),
      ...(context.profile === undefined
        ? {}
        : { profile: draw(2) === 0 ? one<string>(context.profile, PROFILES) : word(context.profile, 40) }),
    },
  };
}

function randomSignals(draw: Draw): Signals {
  const risk = () => RISKS[draw(RISKS.length)] ?? 'unknown';
  const found = () => (draw(3) > 0 ? [] : FINDINGS.filter(() => draw(4) === 0));
  return {
    hasText: draw(2) === 0,
    hasAudio: draw(2) === 0,
    hasImage: draw(2) === 0,
    found: found(),
    foundOnScreen: found(),
    injection: risk(),
    toxicity: risk(),
    unsafeImage: risk(),
    speech: draw(2) === 0,
    loudness: LOUDNESS[draw(LOUDNESS.length)] ?? 'silent',
  };
}
