import { shownWords } from '../content/erased-words.ts';
import type { Charter, Power } from '@wheelhouse/charter/charter';
import { countVotes, evaluate, type Standing } from '@wheelhouse/charter/evaluate';
import { explain, uncountedInWords } from '@wheelhouse/charter/explain';
import type { ProposalFile } from '@wheelhouse/charter/proposal-files';
import { seatsOfPerson } from '@wheelhouse/charter/seats-of-person';
import { isTrained } from '@wheelhouse/charter/training';
import { belongsTo, exclusions, type VoiceContext, voicesOf } from '@wheelhouse/charter/voice';
import type { Action } from '@wheelhouse/protocol/action';
import type { Principal } from '@wheelhouse/protocol/identity';
import type { ProposalLine, ProposalView, VoteView, YourPart } from '@wheelhouse/protocol/proposal';
import type { ProposalContext } from '@wheelhouse/charter/decide-proposal';
import type { ProposalFacts } from '@wheelhouse/charter/proposal';

export type ViewParts = {
  /** What a proposal is decided under, as it was opened. */
  readonly contextOf: (file: ProposalFile) => ProposalContext;
  /** What of its act only some are shown; `mayVote`: whether the reader's vote could count. */
  readonly askedOf: (file: ProposalFile, viewer: Principal, mayVote: boolean) => Promise<Action | null>;
  readonly nameOf: (person: string) => string;
};

/** Proposals as one person sees them. */
export class ProposalViews {
  readonly #parts: ViewParts;
  readonly #seats = new WeakMap<Charter, { readonly asOf: string; readonly seats: Map<string, readonly string[]> }>();

  constructor(parts: ViewParts) {
    this.#parts = parts;
  }

  /** Whether a proposal waits for a vote of this person's. Cheap: it is asked of every open proposal for each look at an inbox. */
  waitsFor(person: string, file: ProposalFile): boolean {
    const { life } = file;
    if (life.state !== 'open' || life.votes.some((vote) => vote.person === person)) return false;
    const context = this.#parts.contextOf(file);
    if (this.#near(person, context.charter, context.facts).length === 0) return false;
    const your = this.#yours(person, file, context);
    return your.excluded === null && your.seats.length > 0;
  }

  /** Everybody whose yes or no would count now and who has not voted. */
  mayVoteNow(file: ProposalFile): string[] {
    const context = this.#parts.contextOf(file);
    const { now } = context.facts;
    const { openSeats } = standingOf(file, context).tally;
    return [...new Set(openSeats.flatMap(({ who }) => who.filter(({ from }) => from <= now).map(({ person }) => person)))];
  }

  /**
   * Whether this reader's vote could count, now or when their turn comes, or did until it ended: such a reader is shown the whole of what is voted on. They belong
   * to a seat of the power and are not excluded, or to one that may veto, or somebody delegated to them; or they have voted already.
   */
  mayCount(viewer: Principal, file: ProposalFile): boolean {
    if (viewer.kind !== 'person') return false;
    const { person } = viewer;
    const context = this.#parts.contextOf(file);
    const { charter } = context;
    const { proposal, votes } = file.life;
    if (votes.some((vote) => vote.person === person)) return true;
    const power = charter.powers.get(proposal.power);
    if (power === undefined) return false;
    const facts = factsThen(file, context);
    const voices = { charter, proposal, facts, excluded: exclusions(charter, power, proposal, facts.conflicts) };
    const seats = [...(voices.excluded.has(person) ? [] : power.seats), ...power.vetoSeats];
    return seats.some(
      (seat) => belongsTo(voices, seat, person, facts.now) || voicesOf(voices, seat, facts.now).some((voice) => voice.person === person),
    );
  }

  /** When it passes unless vetoed; null where the quorum is not there yet. */
  passesAt(file: ProposalFile): number | null {
    const standing = standingOf(file, this.#parts.contextOf(file));
    return file.life.state === 'open' && standing.state === 'open' ? standing.passesAt : null;
  }

  line(viewer: Principal, file: ProposalFile): ProposalLine {
    return this.#line(viewer, file, this.#parts.contextOf(file));
  }

  async view(viewer: Principal, file: ProposalFile): Promise<ProposalView> {
    const context = this.#parts.contextOf(file);
    const standing = standingOf(file, context);
    const { charter } = context;
    const { life } = file;
    const { proposal } = life;
    const open = standing.state === 'open' && life.state === 'open';
    return {
      ...this.#line(viewer, file, context),
      act: file.act,
      preview: file.preview,
      asked: await this.#parts.askedOf(file, viewer, this.mayCount(viewer, file)),
      digest: proposal.digest,
      about: proposal.subject,
      charter: proposal.charter,
      policy: proposal.policy,
      authors: [...proposal.authors],
      passesAt: open ? isoOf(standing.passesAt) : null,
      passedAt: life.state === 'passed' ? isoOf(life.passedAt) : null,
      executeBy: life.state === 'passed' ? isoOf(life.executeBy) : null,
      explanation:
        file.ended === null ? [...explain(charter, standing, context.facts.now)] : [`${capital(life.state)}: ${file.ended.because}`],
      needed: open ? this.#needed(charter, standing) : { votes: 0, bodies: 0, seats: [] },
      votes: this.#votes(file, standing),
      ended: file.ended === null ? null : { at: isoOf(file.ended.at) ?? '', because: file.ended.because, entry: file.ended.entry },
      practice: file.practiceSalt !== null,
      entry: file.entry,
    };
  }

  #line(viewer: Principal, file: ProposalFile, context: ProposalContext): ProposalLine {
    const { life, preview } = file;
    const { proposal } = life;
    const { charter } = context;
    const power = charter.powers.get(proposal.power);
    const counts = countVotes(charter, proposal, life.votes, factsThen(file, context));
    const yours = this.#yours(viewer.person, file, context);
    const open = life.state === 'open';
    return {
      id: proposal.id,
      power: proposal.power,
      title: preview.title,
      reason: shownWords(proposal.proposer, file.reason),
      proposer: file.proposer,
      proposerName: this.#parts.nameOf(proposal.proposer),
      openedAt: new Date(proposal.openedAt).toISOString(),
      state: life.state,
      closesAt: new Date(proposal.openedAt + (power?.voteWithinMs ?? 0)).toISOString(),
      yes: counts.yes,
      no: counts.no,
      takes: power?.votes ?? 0,
      from: open && power !== undefined ? missingFrom(charter, power, counts) : [],
      yours,
      waitsForYou: open && yours.voted === null && yours.excluded === null && yours.seats.length > 0 && viewer.kind === 'person',
    };
  }

  /** A person's seats: the same for every proposal under one charter, until something happens to a seat. */
  #near(person: string, charter: Charter, facts: ProposalFacts): readonly string[] {
    const asOf = `${facts.seatEvents.length}/${facts.delegations.length}`;
    const known = this.#seats.get(charter);
    const seats = known?.asOf === asOf ? known.seats : new Map<string, readonly string[]>();
    if (known?.asOf !== asOf) this.#seats.set(charter, { asOf, seats });
    const near = seats.get(person) ?? seatsOfPerson(charter, facts, person);
    seats.set(person, near);
    return near;
  }

  /** Judged with the exclusions of this proposal, so that nobody is offered a vote that would not count. */
  #yours(person: string, file: ProposalFile, { charter, facts }: ProposalContext): YourPart {
    const { proposal, votes, state } = file.life;
    const power = charter.powers.get(proposal.power);
    const voted = votes.findLast((vote) => vote.person === person)?.choice ?? null;
    const none = { proposer: proposal.proposer === person, seats: [], vetoSeats: [], excluded: null, voted };
    if (power === undefined || state !== 'open') return none;
    const excluded = exclusions(charter, power, proposal, facts.conflicts);
    const exclusion = excluded.get(person);
    const context = { charter, proposal, facts, excluded };
    const near = this.#near(person, charter, facts);
    const speaksFor = (seats: readonly string[]) =>
      seatsOf(
        person,
        near.filter((seat) => seats.includes(seat)),
        context,
      );
    return {
      ...none,
      seats: excluded.has(person)
        ? []
        : speaksFor(power.seats).filter((seat) => isTrained(charter, power, facts.trainings, { person, seat, at: facts.now })),
      vetoSeats: speaksFor(power.vetoSeats),
      excluded: exclusion === undefined ? null : `Your vote does not count here: ${uncountedInWords(exclusion)}.`,
    };
  }

  #needed(charter: Charter, { tally }: Standing): ProposalView['needed'] {
    const seats = tally.openSeats.map(({ seat, body, who }) => ({
      seat,
      body,
      bodyTitle: charter.bodies.get(body)?.title ?? body,
      who: who.map(({ person, from }) => ({ person, name: this.#parts.nameOf(person), from: isoOf(from) ?? '' })),
    }));
    return { votes: tally.missingVotes, bodies: tally.missingBodies, seats: seats.filter(({ who }) => who.length > 0) };
  }

  #votes(file: ProposalFile, { tally }: Standing): VoteView[] {
    return tally.judged.flatMap(({ vote, uncounted }) => {
      const note = file.votes.get(vote.id);
      if (note === undefined) return [];
      return {
        vote: vote.id,
        person: vote.person,
        name: this.#parts.nameOf(vote.person),
        seat: vote.seat,
        choice: vote.choice,
        reason: shownWords(vote.person, note.reason),
        at: new Date(vote.at).toISOString(),
        uncounted: uncounted === null ? null : uncountedInWords(uncounted),
        seconds: note.seconds,
        evidence: note.evidence,
        entry: note.entry,
      };
    });
  }
}

/** Where a proposal stands; one that has ended, as it stood then. */
function standingOf(file: ProposalFile, context: ProposalContext): Standing {
  return evaluate(context.charter, file.life.proposal, file.life.votes, factsThen(file, context));
}

function factsThen({ life: { proposal }, ended }: ProposalFile, { facts }: ProposalContext): ProposalFacts {
  const then = ended === null ? facts : { ...facts, now: ended.at };
  return { ...then, charter: proposal.charter, policy: proposal.policy };
}

/** Whose yes is missing: bodies that have voted already are none of them where every further yes has to come from another. */
function missingFrom(charter: Charter, power: Power, { yes, bodies }: ReturnType<typeof countVotes>): string[] {
  const [votes, others] = [power.votes - yes, power.bodies - bodies.length];
  if (votes <= 0 && others <= 0) return [];
  return power.from.filter((body) => votes > others || !bodies.includes(body)).map((body) => charter.bodies.get(body)?.title ?? body);
}

function seatsOf(person: string, seats: readonly string[], context: VoiceContext): string[] {
  const { now } = context.facts;
  return seats.filter((seat) => voicesOf(context, seat, now).some((voice) => voice.person === person && voice.from <= now));
}

function isoOf(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
