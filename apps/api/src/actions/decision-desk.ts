import { createHash } from 'node:crypto';
import {
  type AuthzenConfiguration,
  EvaluationRequest,
  type EvaluationResponse,
  type EvaluationsRequest,
  type EvaluationsResponse,
} from '@wheelhouse/protocol/authzen';
import type { Principal } from '@wheelhouse/protocol/identity';
import { Level, lowerLevel } from '@wheelhouse/protocol/level';
import { Checkpoint, type Decision, PolicyRequest } from '@wheelhouse/protocol/policy';
import { NO_SIGNALS, Signals } from '@wheelhouse/protocol/signals';
import type { Logger } from 'pino';
import { z } from 'zod';
import { actorOf } from '../identity/principals.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { parseOrRefuse, Refusal } from '../problem/refusal.ts';
import { requireAsk } from './action-rights.ts';
import { LEVEL_WITHOUT_SESSION, type ToolGate } from './tool-gate.ts';

type Parts = {
  readonly gate: ToolGate;
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
const KIND_OF_RESOURCE: ReadonlyMap<string, PolicyRequest['resource']['kind']> = new Map(
  (['session', 'tool', 'deployment', 'export', 'fine_tune'] as const).map((type) => [type, type] as const),
);

/** Of the context, what policy knows. Everything else is passed over. */
const Known = z.object({
  level: Level.optional(),
  session: z.uuid().optional(),
  deployment: z.string().max(200).optional(),
  model: z.string().max(200).optional(),
  signals: Signals.partial().optional(),
  to: Level.optional(),
  profile: z.string().max(40).optional(),
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
    const checkpoint = Checkpoint.safeParse(action.name);
    if (!checkpoint.success) throw unknownName('action.name', action.name, Checkpoint.options);
    const kind = KIND_OF_SUBJECT.get(subject.type);
    if (kind === undefined) throw unknownName('subject.type', subject.type, [...KIND_OF_SUBJECT.keys()]);
    const what = KIND_OF_RESOURCE.get(resource.type);
    if (what === undefined) throw unknownName('resource.type', resource.type, [...KIND_OF_RESOURCE.keys()]);
    if ((checkpoint.data === 'tool.call') !== (what === 'tool'))
      throw new Refusal('malformed', 'tool.call is asked about a resource of type tool, and everything else about another.');
    // Whatever the caller says of itself, it asks for its own tenant.
    const { tenant } = by;
    const role = parseOrRefuse(Role, subject.properties?.['role'] ?? (kind === 'engine' ? 'engine' : by.role));
    return PolicyRequest.parse({
      checkpoint: checkpoint.data,
      principal: { kind, id: subject.id, role, tenant },
      resource: { kind: what, id: resource.id, tenant },
      context: this.#contextOf(by, checkpoint.data, resource, context),
    });
  }

  #contextOf(by: Principal, checkpoint: Checkpoint, { type, id }: EvaluationRequest['resource'], context: EvaluationRequest['context']) {
    const { gate } = this.#parts;
    const { level, session, deployment = '', model = '', signals, to, profile } = parseOrRefuse(Known, context);
    const named = type === 'session' ? id : session;
    const open = named === undefined || (session === undefined && !z.uuid().safeParse(named).success) ? null : gate.sessionOf(by, named);
    const place = open === null ? { level: level ?? LEVEL_WITHOUT_SESSION, deployment, model } : gate.placeOf(open.facts.session);
    const isTick = checkpoint === 'tick.input' || checkpoint === 'tick.output';
    return {
      ...place,
      // A session's own level caps what the caller says.
      level: level === undefined ? place.level : lowerLevel(level, place.level),
      ...(isTick ? { signals: { ...NO_SIGNALS, ...signals } } : {}),
      ...(checkpoint === 'tool.call' ? { tool: gate.factsOf(id) } : {}),
      ...(to === undefined ? {} : { to }),
      ...(profile === undefined ? {} : { profile }),
    };
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

  #response({ checkpoint }: PolicyRequest, { verdict, policies, obligations, errors, bundle }: Decision): EvaluationResponse {
    const mayAsk = verdict === 'hold' && checkpoint === 'tool.call';
    const requestable = mayAsk ? { requestable: { endpoint: new URL('/v1/actions', this.#parts.url).href, method: 'POST' as const } } : {};
    const reason = reasonOf({ verdict, policies, errors });
    return { decision: verdict === 'allow', context: { verdict, policies, obligations, errors, bundle, reason, ...requestable } };
  }
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
