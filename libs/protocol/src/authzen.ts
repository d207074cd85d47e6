import { z } from 'zod';
import { PowerId } from './charter.ts';
import { Decision } from './policy.ts';

/**
 * The Access Evaluation and Access Evaluations APIs of OpenID AuthZEN, Authorization API 1.0 (final, January 2026). Objects are open, as the
 * specification has them: members that nobody here knows are passed over.
 */
const properties = z.record(z.string(), z.json());
export const AuthzSubject = z.object({
  type: z.string().min(1).max(40),
  id: z.string().min(1).max(200),
  properties: properties.optional(),
});
export const AuthzAction = z.object({ name: z.string().min(1).max(200), properties: properties.optional() });
export const AuthzResource = z.object({
  type: z.string().min(1).max(40),
  id: z.string().min(1).max(200),
  properties: properties.optional(),
});
export const AuthzContext = z.record(z.string(), z.json());

/** Section 6.1. */
export const EvaluationRequest = z.object({
  subject: AuthzSubject,
  action: AuthzAction,
  resource: AuthzResource,
  context: AuthzContext.optional(),
});
export type EvaluationRequest = z.infer<typeof EvaluationRequest>;

/** Evaluations in one request, at most. */
export const MOST_EVALUATIONS = 100;

/** Section 7.1: what stands beside `evaluations` holds for each of them that does not say otherwise. Without `evaluations` it is a single one. */
export const EvaluationsRequest = z.object({
  ...EvaluationRequest.partial().shape,
  evaluations: z.array(z.unknown()).max(MOST_EVALUATIONS).optional(),
  options: z
    .object({ evaluations_semantic: z.enum(['execute_all', 'deny_on_first_deny', 'permit_on_first_permit']).default('execute_all') })
    .optional(),
});
export type EvaluationsRequest = z.infer<typeof EvaluationsRequest>;

/**
 * Section 6.2. `decision` is true for the verdict `allow` alone: whoever reads nothing else lets nothing through that has to be redacted or that a
 * human has to decide. `context` says the rest. What policy allows and the charter in force asks votes for has the verdict `hold`.
 */
export const EvaluationResponse = z.object({
  decision: z.boolean(),
  context: z.union([
    z.object({
      ...Decision.pick({ verdict: true, policies: true, obligations: true, errors: true, bundle: true }).shape,
      /** Why, in a sentence. */
      reason: z.string(),
      /** The power of the charter in force whose votes it takes, where policy does not deny it. */
      takes: PowerId.optional(),
      /** Where to ask a human, where one may decide otherwise: `POST` an `ActionRequest` there. After the drafts of AuthZEN's Access Request profile. */
      requestable: z.object({ endpoint: z.url(), method: z.literal('POST') }).optional(),
    }),
    /** Section 7.2.1: one of several that could not be evaluated. */
    z.object({ error: z.object({ status: z.number().int(), message: z.string() }) }),
  ]),
});
export type EvaluationResponse = z.infer<typeof EvaluationResponse>;

/** Section 7.2. */
export const EvaluationsResponse = z.union([z.object({ evaluations: z.array(EvaluationResponse) }), EvaluationResponse]);
export type EvaluationsResponse = z.infer<typeof EvaluationsResponse>;

/** Section 9: `GET /.well-known/authzen-configuration`. */
export const AuthzenConfiguration = z.object({
  policy_decision_point: z.url(),
  access_evaluation_endpoint: z.url(),
  access_evaluations_endpoint: z.url(),
});
export type AuthzenConfiguration = z.infer<typeof AuthzenConfiguration>;
