import {
  type AbsenceRequest,
  AnalysisView,
  CharterDraft,
  CharterVersion,
  CharterView,
  CheckedCharter,
  type DelegationRequest,
  type GlassRequest,
  type GlassSignature,
  GlassView,
  HandoverChallenge,
  type HandoverRequest,
  OverseerView,
  type TrainingRequest,
  TransitionReport,
} from '@wheelhouse/protocol/charter-view';
import type { Signed } from '@wheelhouse/protocol/proposed-act';
import {
  type EnrolRequest,
  ProposalLines,
  type ProposalRequest,
  ProposalView,
  type VoteRequest,
  VotingKeys,
} from '@wheelhouse/protocol/proposal';
import { z } from 'zod';
import { type Credential, type Patience, Rest } from './rest.ts';

const Versions = z.object({ items: z.array(CharterVersion) });
const Glasses = z.object({ items: z.array(GlassView) });
const Overseers = z.object({ items: z.array(OverseerView) });

/** The charter's part of the REST interface. Every method rejects with `ApiError` when the server refuses. */
export class CharterClient {
  readonly #rest: Rest;

  constructor(url: string, credential: Credential, patience?: Patience) {
    this.#rest = new Rest(url, credential, patience);
  }

  charter(): Promise<CharterView> {
    return this.#rest.call('GET', '/v1/charter', CharterView);
  }

  async versions(): Promise<CharterVersion[]> {
    return (await this.#rest.call('GET', '/v1/charter/versions', Versions)).items;
  }

  analysis(): Promise<AnalysisView> {
    return this.#rest.call('GET', '/v1/charter/analysis', AnalysisView);
  }

  check(text: string): Promise<z.infer<typeof CheckedCharter>> {
    return this.#rest.call('POST', '/v1/charter/check', CheckedCharter, { text });
  }

  async draft(): Promise<string> {
    return (await this.#rest.call('GET', '/v1/charter/draft', CharterDraft)).text;
  }

  transitions(from: string, until: string): Promise<TransitionReport> {
    return this.#rest.call('GET', `/v1/charter/transitions?${new URLSearchParams({ from, until }).toString()}`, TransitionReport);
  }

  declareAbsence(request: AbsenceRequest): Promise<CharterView> {
    return this.#rest.call('POST', '/v1/charter/absences', CharterView, request);
  }

  endAbsence(id: string): Promise<CharterView> {
    return this.#rest.call('POST', `/v1/charter/absences/${id}/end`, CharterView);
  }

  delegate(request: DelegationRequest): Promise<CharterView> {
    return this.#rest.call('POST', '/v1/charter/delegations', CharterView, request);
  }

  handOver(seat: string, request: HandoverRequest): Promise<CharterView> {
    return this.#rest.call('POST', `/v1/charter/seats/${seat}/handover`, CharterView, request);
  }

  /** What the caller signs to accept a seat. */
  handover(seat: string): Promise<HandoverChallenge> {
    return this.#rest.call('GET', `/v1/charter/seats/${seat}/handover`, HandoverChallenge);
  }

  acceptSeat(seat: string, signed: Signed): Promise<CharterView> {
    return this.#rest.call('POST', `/v1/charter/seats/${seat}/handover/accept`, CharterView, { signed });
  }

  cancelHandover(seat: string): Promise<CharterView> {
    return this.#rest.call('POST', `/v1/charter/seats/${seat}/handover/cancel`, CharterView);
  }

  leaveSeat(seat: string): Promise<CharterView> {
    return this.#rest.call('POST', `/v1/charter/seats/${seat}/leave`, CharterView);
  }

  propose(request: ProposalRequest): Promise<ProposalView> {
    return this.#rest.call('POST', '/v1/proposals', ProposalView, request);
  }

  proposals(query = ''): Promise<ProposalLines> {
    return this.#rest.call('GET', `/v1/proposals${query}`, ProposalLines);
  }

  proposal(id: string): Promise<ProposalView> {
    return this.#rest.call('GET', `/v1/proposals/${id}`, ProposalView);
  }

  vote(id: string, request: VoteRequest): Promise<ProposalView> {
    return this.#rest.call('POST', `/v1/proposals/${id}/votes`, ProposalView, request);
  }

  withdraw(id: string, reason = ''): Promise<ProposalView> {
    return this.#rest.call('POST', `/v1/proposals/${id}/withdraw`, ProposalView, { reason });
  }

  declareConflict(id: string, reason = ''): Promise<ProposalView> {
    return this.#rest.call('POST', `/v1/proposals/${id}/conflict`, ProposalView, { reason });
  }

  votingKeys(): Promise<VotingKeys> {
    return this.#rest.call('GET', '/v1/me/voting-keys', VotingKeys);
  }

  enrol(request: EnrolRequest): Promise<VotingKeys> {
    return this.#rest.call('POST', '/v1/me/voting-keys', VotingKeys, request);
  }

  async glasses(): Promise<GlassView[]> {
    return (await this.#rest.call('GET', '/v1/glass', Glasses)).items;
  }

  breakGlass(request: GlassRequest): Promise<GlassView> {
    return this.#rest.call('POST', '/v1/glass', GlassView, request);
  }

  signGlass(id: string, signature: GlassSignature): Promise<GlassView> {
    return this.#rest.call('POST', `/v1/glass/${id}/sign`, GlassView, signature);
  }

  oversight(): Promise<OverseerView> {
    return this.#rest.call('GET', '/v1/me/oversight', OverseerView);
  }

  async overseers(): Promise<OverseerView[]> {
    return (await this.#rest.call('GET', '/v1/oversight', Overseers)).items;
  }

  /** `role`: what it is for, a power or a body of the charter; for everything where neither is named. */
  async recordTraining(person: string, until: string, role: Partial<Pick<TrainingRequest, 'power' | 'body'>> = {}): Promise<void> {
    await this.#rest.send('POST', '/v1/training', { person, until, ...role });
  }
}
