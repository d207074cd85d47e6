import { subject } from '@casl/ability';
import { abilitiesOf } from '@wheelhouse/access/abilities';
import { latchesOf, levelOf } from '@wheelhouse/gate/gate-word';
import type { Principal } from '@wheelhouse/protocol/identity';
import type { Level } from '@wheelhouse/protocol/level';
import type { LatchKind } from '@wheelhouse/protocol/order';
import { type Decision, NO_OBLIGATIONS, type PolicyBundle, type PolicyRequest } from '@wheelhouse/protocol/policy';
import type { Logger } from 'pino';
import { Refusal } from '../problem/refusal.ts';
import type { OpenSession, SessionRegistry } from '../sessions/session-registry.ts';

/** What decides, and the tools that the bundle in force knows. */
export type PolicyPort = {
  readonly decide: (request: PolicyRequest) => Decision;
  readonly tools: () => PolicyBundle['tools'];
  /** Why a policy of the bundle in force says what it says, in its author's words; empty for one that the bundle does not have. */
  readonly reasonOf: (policy: string) => string;
};

type Parts = { readonly policy: PolicyPort; readonly registry: Pick<SessionRegistry, 'get' | 'wordOf'>; readonly log: Logger };

/** The level of a call that belongs to no session: each waits for a human unless policy says otherwise. */
export const LEVEL_WITHOUT_SESSION: Level = 2;

/** Who asks, as policy sees it. */
export type Asker = PolicyRequest['principal'];

/** Where it is asked: a session's facts, or none. */
export type Place = Pick<PolicyRequest['context'], 'level' | 'deployment' | 'model'>;

const NOWHERE: Place = { level: LEVEL_WITHOUT_SESSION, deployment: '', model: '' };

/** The checkpoint `tool.call`, and what else stands between a call and its being carried out. */
export class ToolGate {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** A tool that the bundle does not name can't be taken back, and nobody knows what it does. */
  factsOf(name: string): NonNullable<PolicyRequest['context']['tool']> {
    const tools = this.#parts.policy.tools();
    const known = Object.hasOwn(tools, name) ? tools[name] : undefined;
    return { name, reversible: known?.reversible ?? false, risks: known?.risks ?? ['unknown'] };
  }

  request(asker: Asker, tool: string, place: Place): PolicyRequest {
    return {
      checkpoint: 'tool.call',
      principal: asker,
      resource: { kind: 'tool', id: tool, tenant: asker.tenant },
      context: { ...place, tool: this.factsOf(tool) },
    };
  }

  /** What policy says. Never throws: what can't be decided is denied. */
  decide(request: PolicyRequest): Decision {
    try {
      return this.#parts.policy.decide(request);
    } catch (error) {
      this.#parts.log.error({ err: error, checkpoint: request.checkpoint }, 'policy could not decide, so it is denied');
      const message = 'Policy could not decide; the log of the server says why.';
      return { verdict: 'deny', policies: [], obligations: NO_OBLIGATIONS, errors: [message], bundle: '' };
    }
  }

  /** Where a call of this session is made. Refuses for one that is not open. */
  placeOf(session: string | null): Place {
    if (session === null) return NOWHERE;
    const open = this.#parts.registry.get(session);
    if (open === undefined) throw new Refusal('session_ended', 'The session that this belongs to has ended.');
    const { deployment, model } = open.facts;
    return { level: levelOf(this.#parts.registry.wordOf(open)), deployment, model };
  }

  /** An open session that this caller may ask for. */
  sessionOf(by: Principal, session: string): OpenSession {
    const open = this.#parts.registry.get(session);
    if (open === undefined || !abilitiesOf(by).can('ask', subject('Action', { tenant: open.facts.tenant })))
      throw new Refusal('not_found', `There is no session ${session} here that is open.`);
    return open;
  }

  /** The orders that keep what an engine does from taking effect; none where the session is free, or there is none. */
  latchesOn(session: string | null): LatchKind[] {
    const open = session === null ? undefined : this.#parts.registry.get(session);
    const word = open === undefined ? 0 : this.#parts.registry.wordOf(open);
    return latchesOf(word).filter((kind) => kind === 'stop' || kind === 'hold' || kind === 'take_over');
  }
}
