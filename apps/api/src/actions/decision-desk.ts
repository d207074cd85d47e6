import { createHash } from 'node:crypto';
import {
  type AuthzenConfiguration,
  EvaluationRequest,
  type EvaluationResponse,
  type EvaluationsRequest,
  type EvaluationsResponse,
} from '@wheelhouse/protocol/authzen';
import type { PowerId } from '@wheelhouse/protocol/charter';
import type { Principal } from '@wheelhouse/protocol/identity';
import { Level, lowerLevel } from '@wheelhouse/protocol/level';
import { AskedCheckpoint, Checkpoint, type Decision, PolicyRequest } from '@wheelhouse/protocol/policy';
import type { Logger } from 'pino';
import { z } from 'zod';
import { actorOf } from '../identity/principals.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { parseOrRefuse, Refusal } from '../problem/refusal.ts';
import type { ActionCourt } from './action-desk.ts';
import { type ActionGate, LEVEL_WITHOUT_SESSION, ModelFacts, type Place, placeOfModel } from './action-gate.ts';
import { requireAsk } from './action-rights.ts';

type Parts = {
  readonly gate: ActionGate;
  /** Whose votes it takes, where a charter is in force. */
  readonly court: Pick<ActionCourt, 'asksFor'>;
  readonly ledger: Pick<Ledger, 'append' | 'appendFirst'>;
  /** The address that people reach this server under. */
  readonly url: string;
  readonly log: Logger;
};

/** Types of AuthZEN subjects, and what they are to policy. */
const KIND_OF_SUBJECT: ReadonlyMap<string, PolicyRequest['principal']['kind']> = new Map([
  ...(['person', 'user', 'human'] as const).map((type) => [type, 'person'] as const),
  ...(['key', 'agent', 'service', 'client', 'application', 'workload'] as const).map((type) => [type, 'key'] as const),
  ...(['engine', 'model'] as const).map((type) => [type, 'engine'] as const),
]);

/** Of each checkpoint that is asked here: the AuthZEN type of what it is about, and who can want it. */
const ABOUT: Readonly<
  Record<AskedCheckpoint, { readonly resource: string; readonly subjects: readonly PolicyRequest['principal']['kind'][] }>
> = {
  'tool.call': { resource: 'tool', subjects: ['person', 'key', 'engine'] },
  'finetune.create': { resource: 'fine_tune', subjects: ['person', 'key'] },
  'deployment.promote': { resource: 'deployment', subjects: ['person', 'key'] },
};

/** Of the context of a tool call, what policy knows. Everything else is passed over. */
const ToolFacts = z.object({
  level: Level.optional(),
  session: z.uuid().optional(),
  deployment: z.string().max(200).optional(),
  model: z.string().max(200).optional(),
});
const Role = z.string().min(1).max(40);

/** Answers what policy says, for callers who enforce it themselves: the Access Evaluation APIs of AuthZEN. */
export class DecisionDesk {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Where the standard's callers find what. */
  get configuration(): AuthzenConfiguration {
    const at = (path: string) => new URL(path, this.#parts.url).href;
    return {
      policy_decision_point: new URL(this.#parts.url).origin,
      access_evaluation_endpoint: at('/access/v1/evaluation'),
      access_evaluations_endpoint: at('/access/v1/evaluations'),
    };
  }

  evaluate(by: Principal, request: EvaluationRequest): EvaluationResponse | Promise<EvaluationResponse> {
    requireAsk(by, by.tenant);
    const asked = this.#requestOf(by, request);
    const decision = this.#parts.gate.decide(asked);
    const recorded = this.#record(by, asked, decision);
    const response = this.#response(asked, decision);
    return recorded === null ? response : recorded.then(() => response);
  }

  /** Several in one request; one that is malformed says so in its place, and the others are answered. */
  async evaluateAll(by: Principal, { evaluations, options, ...shared }: EvaluationsRequest): Promise<EvaluationsResponse> {
    if (evaluations === undefined || evaluations.length === 0) return this.evaluate(by, parseOrRefuse(EvaluationRequest, shared));
    requireAsk(by, by.tenant);
    const semantic = options?.evaluations_semantic ?? 'execute_all';
    const answers: EvaluationResponse[] = [];
    for (const one of evaluations) {
      const answer = await this.#oneOf(by, { ...shared, ...parseOrRefuse(z.record(z.string(), z.unknown()), one) });
      answers.push(answer);
      if (semantic === 'deny_on_first_deny' && !answer.decision) break;
      if (semantic === 'permit_on_first_permit' && answer.decision) break;
    }
    return { evaluations: answers };
  }

  async #oneOf(by: Principal, request: unknown): Promise<EvaluationResponse> {
    try {
      return await this.evaluate(by, parseOrRefuse(EvaluationRequest, request));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, detail } = error.problem;
      return { decision: false, context: { error: { status, message: detail } } };
    }
  }

  #requestOf(by: Principal, { subject, action, resource, context = {} }: EvaluationRequest): PolicyRequest {
    const checkpoint = checkpointNamed(action.name);
    const { resource: what, subjects } = ABOUT[checkpoint];
    const kind = KIND_OF_SUBJECT.get(subject.type);
    const types = [...KIND_OF_SUBJECT].flatMap(([type, each]) => (subjects.includes(each) ? [type] : []));
    if (kind === undefined || !subjects.includes(kind)) throw unknownName('subject.type', subject.type, types);
    if (resource.type !== what)
      throw new Refusal(
        'malformed',
        `${checkpoint} is asked about a resource of type ${what}, and not of ${JSON.stringify(resource.type)}.`,
      );
    // Whatever the caller says of itself, it asks for its own tenant.
    const role = parseOrRefuse(Role, subject.properties?.['role'] ?? (kind === 'engine' ? 'engine' : by.role));
    const asker = { kind, id: subject.id, role, tenant: by.tenant };
    const place = this.#placeOf(by, checkpoint, resource.id, context);
    return PolicyRequest.parse(this.#parts.gate.request(asker, { checkpoint, name: resource.id, place }));
  }

  #placeOf(by: Principal, checkpoint: AskedCheckpoint, name: string, context: NonNullable<EvaluationRequest['context']>): Place {
    switch (checkpoint) {
      case 'tool.call': {
        const { gate } = this.#parts;
        const { level, session, deployment = '', model = '' } = parseOrRefuse(ToolFacts, context);
        if (session === undefined) return { level: level ?? LEVEL_WITHOUT_SESSION, deployment, model };
        const place = gate.placeOf(gate.sessionOf(by, session).facts.session);
        // A session's own level caps what the caller says.
        return { ...place, level: level === undefined ? place.level : lowerLevel(level, place.level) };
      }
      case 'finetune.create':
      case 'deployment.promote':
        return placeOfModel(checkpoint, name, parseOrRefuse(ModelFacts, context));
    }
  }

  /** What was not simply allowed is recorded after the answer; what is allowed and has to be recorded, before it. */
  #record(by: Principal, request: PolicyRequest, decision: Decision): Promise<unknown> | null {
    const { verdict, policies, errors: problems, bundle, obligations } = decision;
    if (verdict === 'allow' && !obligations.record) return null;
    const { ledger, log } = this.#parts;
    const data = { checkpoint: request.checkpoint, verdict, policies, problems, bundle, request: withoutNames(request, by) };
    if (verdict === 'allow') return ledger.appendFirst('checkpoint.decided', data, actorOf(by));
    ledger.append('checkpoint.decided', data, actorOf(by)).catch((error: unknown) => {
      log.error({ err: error }, 'a decision that did not allow could not be recorded');
    });
    return null;
  }

  #response({ checkpoint }: PolicyRequest, decision: Decision): EvaluationResponse {
    const { policies, obligations, errors, bundle } = decision;
    const { verdict, reason, takes } = this.#underCharter(AskedCheckpoint.parse(checkpoint), decision);
    const endpoint = new URL('/v1/actions', this.#parts.url).href;
    const requestable = verdict === 'hold' ? { requestable: { endpoint, method: 'POST' as const } } : {};
    const votes = takes === null ? {} : { takes };
    return { decision: verdict === 'allow', context: { verdict, policies, obligations, errors, bundle, reason, ...votes, ...requestable } };
  }

  /** What is answered: policy's verdict, unless the charter in force asks for more than policy does. What policy denies, no votes can allow. */
  #underCharter(checkpoint: AskedCheckpoint, decision: Decision): Pick<Decision, 'verdict'> & { reason: string; takes: PowerId | null } {
    const { verdict } = decision;
    const said = { verdict, reason: reasonOf(decision), takes: null };
    if (checkpoint === 'tool.call' || verdict === 'deny' || verdict === 'redact') return said;
    switch (this.#parts.court.asksFor(checkpoint)) {
      case 'nothing':
        return said;
      case 'votes': {
        const reason = `${said.reason} The charter in force asks for the votes of ${checkpoint}: an action that is asked for opens its proposal.`;
        return { verdict: 'hold', reason, takes: checkpoint };
      }
      case 'another charter':
        return { verdict: 'deny', reason: `Denied: the charter in force gives nobody the power ${checkpoint}.`, takes: null };
    }
  }
}

/** A checkpoint that is asked here; refuses for all others, and says of those that Wheelhouse asks at by itself that it does. */
function checkpointNamed(name: string): AskedCheckpoint {
  const asked = AskedCheckpoint.safeParse(name);
  if (asked.success) return asked.data;
  const known = AskedCheckpoint.options.join(', ');
  if (!Checkpoint.safeParse(name).success) throw unknownName('action.name', name, AskedCheckpoint.options);
  const message = `${name} is not for asking: Wheelhouse asks at it by itself, where it is done. What can be asked is ${known}; POST /v1/policy/explain says what policy would say.`;
  throw new Refusal('malformed', `Field action.name can't be used: ${message}`, [{ path: 'action.name', message }]);
}

function reasonOf({ verdict, policies, errors }: Pick<Decision, 'verdict' | 'policies' | 'errors'>): string {
  const by = policies.length === 0 ? '' : ` by ${policies.join(', ')}`;
  if (errors.length > 0) return `Denied, because something went wrong: ${errors.join(' ')}`;
  switch (verdict) {
    case 'allow':
      return `Allowed${by}.`;
    case 'redact':
      return `Allowed only once it is redacted${by}.`;
    case 'hold':
      return `A human has to decide${by}.`;
    case 'deny':
      return policies.length === 0 ? 'Denied: no policy permits it.' : `Denied${by}.`;
  }
}

/** Callers name subjects as they like, by their addresses too: the ledger, where nothing can be erased, gets a digest of any that is not the caller's own. */
function withoutNames(request: PolicyRequest, by: Principal): Record<string, z.core.util.JSONType> {
  const { principal } = request;
  const isOwn = principal.id === by.id || principal.id === by.person;
  const id = isOwn ? principal.id : `sha256:${createHash('sha256').update(principal.id).digest('hex')}`;
  return z.record(z.string(), z.json()).parse({ ...request, principal: { ...principal, id } });
}

function unknownName(path: string, name: string, known: readonly string[]): Refusal {
  const message = `${JSON.stringify(name.slice(0, 60))} is not known; known are ${known.join(', ')}`;
  return new Refusal('malformed', `Field ${path} can't be used: ${message}.`, [{ path, message }]);
}
