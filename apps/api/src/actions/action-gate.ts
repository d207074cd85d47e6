import { subject } from '@casl/ability';
import { abilitiesOf } from '@wheelhouse/access/abilities';
import { latchesOf, levelOf } from '@wheelhouse/gate/gate-word';
import type { Principal } from '@wheelhouse/protocol/identity';
import { Level } from '@wheelhouse/protocol/level';
import type { LatchKind } from '@wheelhouse/protocol/order';
import {
  type AskedCheckpoint,
  type Decision,
  type ModelCheckpoint,
  NO_OBLIGATIONS,
  type PolicyBundle,
  type PolicyRequest,
} from '@wheelhouse/protocol/policy';
import { plainText } from '@wheelhouse/protocol/text';
import type { Logger } from 'pino';
import { z } from 'zod';
import { parseOrRefuse, Refusal } from '../problem/refusal.ts';
import type { OpenSession, SessionRegistry } from '../sessions/session-registry.ts';
import { type ActionRow, checkpointOf } from './action-row.ts';

/** What decides, and the tools that the bundle in force knows. */
export type PolicyPort = {
  readonly decide: (request: PolicyRequest) => Decision;
  readonly tools: () => PolicyBundle['tools'];
  /** Why a policy of the bundle in force says what it says, in its author's words; empty for one that the bundle does not have. */
  readonly reasonOf: (policy: string) => string;
};

type Parts = { readonly policy: PolicyPort; readonly registry: Pick<SessionRegistry, 'get' | 'wordOf'>; readonly log: Logger };

/** What somebody asks for: what it is by name, and where it would be done. */
export type Thing = { readonly checkpoint: AskedCheckpoint; readonly name: string; readonly place: Place };

/** What policy reads of what a fine-tune or a promotion would be done with. */
export const ModelFacts = z.looseObject({
  level: Level.optional(),
  deployment: plainText(200).optional(),
  model: plainText(200).optional(),
});

/** The level of a call that belongs to no session: each waits for a human unless policy says otherwise. */
export const LEVEL_WITHOUT_SESSION: Level = 2;

/** Who asks, as policy sees it. */
export type Asker = PolicyRequest['principal'];

/** Where it is asked: a session's facts, or none. */
export type Place = Pick<PolicyRequest['context'], 'level' | 'deployment' | 'model'>;

const NOWHERE: Place = { level: LEVEL_WITHOUT_SESSION, deployment: '', model: '' };

/**
 * The place of a fine-tune or a promotion, by what its asker says of it. An engine has no part in making a fine-tune; a deployment that is promoted to no
 * level in particular could be used at the highest.
 */
export function placeOfModel(checkpoint: ModelCheckpoint, name: string, said: z.infer<typeof ModelFacts>): Place {
  const { model = '' } = said;
  switch (checkpoint) {
    case 'finetune.create':
      return { level: said.level ?? 1, deployment: said.deployment ?? '', model };
    case 'deployment.promote':
      return { level: said.level ?? 5, deployment: said.deployment ?? name, model };
  }
}

/** The checkpoints at which callers ask, and what else stands between what they ask for and its being carried out. */
export class ActionGate {
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

  request(asker: Asker, { checkpoint, name: id, place }: Thing): PolicyRequest {
    const { tenant } = asker;
    const asked = { checkpoint, principal: asker };
    switch (checkpoint) {
      case 'tool.call':
        return { ...asked, resource: { kind: 'tool', id, tenant }, context: { ...place, tool: this.factsOf(id) } };
      case 'finetune.create':
        return { ...asked, resource: { kind: 'fine_tune', id, tenant }, context: place };
      case 'deployment.promote':
        return { ...asked, resource: { kind: 'deployment', id, tenant }, context: place };
    }
  }

  /**
   * What an action is about, as it stands by now. `given`: the arguments, which its digest binds; null where they can't be read any more. Refuses for a
   * session that has ended, and where nobody can say any more what it would be.
   */
  thingOf({ kind, tool: name, session }: Pick<ActionRow, 'kind' | 'tool' | 'session'>, given: unknown): Thing {
    const checkpoint = checkpointOf(kind);
    if (checkpoint === 'tool.call') return { checkpoint, name, place: this.placeOf(session) };
    if (given === null) throw new Refusal('policy_denied', 'What was asked for was erased, so that policy can not look at it any more.');
    const { arguments: said } = parseOrRefuse(z.object({ arguments: ModelFacts }), { arguments: given });
    return { checkpoint, name, place: placeOfModel(checkpoint, name, said) };
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
