import { randomUUID } from 'node:crypto';
import type { MessagePort } from 'node:worker_threads';
import { levelOf } from '@wheelhouse/gate/gate-word';
import type { LatchTable } from '@wheelhouse/gate/latch-table';
import { sha256 } from '@wheelhouse/installation/node-crypto';
import type { Tallied } from '@wheelhouse/policy/policy-memo';
import type { PolicyBundle } from '@wheelhouse/protocol/policy';
import type { TranscriptLine } from '@wheelhouse/protocol/session';
import { setWindow } from '@wheelhouse/session/output-checkpoint';
import { playWords } from '@wheelhouse/session/draft';
import { settleDraft, takeScan } from '@wheelhouse/session/tick';
import { joinExtra } from '@wheelhouse/session/tick-extra';
import { NOTHING_TO_SAY, newOutcome, type Now, type SafeUtterance, type TickOutcome, type Way } from '@wheelhouse/session/tick-state';
import { refuseCall, sendCall } from '@wheelhouse/session/tool-checkpoint';
import type { MarkSequence } from '@wheelhouse/watermark/mark-sequence';
import { Marker } from '@wheelhouse/watermark/marker';
import type { DecidedReport } from './decided-tally.ts';
import { GuardLine } from './guard-line.ts';
import type { HumanDecision } from './human-decision.ts';
import type { LiveSession } from './live-session.ts';
import type { FromThread } from './thread-messages.ts';
import { type RuledSession, TickRules } from './tick-rules.ts';
import { transcriptOf } from './transcript.ts';

type Parts = {
  readonly table: LatchTable;
  readonly now: () => number;
  readonly report: (message: FromThread) => void;
  /** The mark that sound carries where policy asks for it. */
  readonly marks: MarkSequence;
};

/** Where a stream thread's ticks meet policy, detectors and humans: what `tick.ts` says came of a step is carried on from here. */
export class CheckpointStage {
  readonly #parts: Parts;
  readonly #guard: GuardLine<LiveSession>;
  #rules: TickRules;
  #safe: SafeUtterance = NOTHING_TO_SAY;

  constructor(parts: Parts, bundle: PolicyBundle | null) {
    this.#parts = parts;
    this.#rules = new TickRules(bundle);
    this.#guard = new GuardLine((live, answer, late) => {
      this.carry(live, takeScan(live.ticks, answer, late, { now: this.moment(), way: live.way }));
    });
  }

  /** Another policy epoch: every session is judged by it from its next step on. */
  adopt(bundle: PolicyBundle | null, lives: Iterable<LiveSession>): void {
    this.#rules = new TickRules(bundle);
    for (const live of lives) this.rule(live);
  }

  /** What was decided since the last time, allowed or not, with counts: what a shadow bundle is measured on. */
  takeTally(): readonly Tallied[] {
    return this.#rules.takeTally();
  }

  /** What is said from now on to a client whose engine is cut off. */
  setSafe(safe: SafeUtterance, lives: Iterable<LiveSession>): void {
    this.#safe = safe;
    for (const live of lives) live.ticks.safe = safe;
  }

  connectGuard(port: MessagePort): void {
    this.#guard.connect(port);
  }

  /** A session is attached: it is under the rules in force, and its window is known before its first tick. */
  welcome(live: LiveSession): void {
    live.ticks.marker = new Marker(this.#parts.marks);
    this.rule(live);
    setWindow(live.ticks.output, live.ticks.policy, levelOf(live.gate.word));
  }

  /** Puts a session under the rules in force. */
  rule(live: LiveSession): void {
    live.ticks.policy = this.#rules.of(live.facts);
    live.ticks.safe = this.#safe;
  }

  /** How a session's ticks reach the world. */
  wayOf(live: Pick<LiveSession, 'sink' | 'say'>, facts: RuledSession, self: () => LiveSession): Way {
    return {
      sink: live.sink,
      say: live.say,
      scan: (ask) => this.#guard.ask(self(), facts.session, ask),
      sha256,
      newAction: randomUUID,
    };
  }

  moment(): Now {
    const clock = this.#parts.now();
    return { clock, leased: this.#parts.table.leased(clock) };
  }

  /** What was asked of the detectors in this turn goes to them in one message. */
  flush(): void {
    this.#guard.flush();
  }

  /** Carries on what came of a step: recording, transcript, notices, what waits for a human, the record. */
  carry(live: LiveSession, outcome: TickOutcome): void {
    const { table, report, now } = this.#parts;
    const lines: TranscriptLine[] = [];
    for (const { output, frames, yielded } of outcome.left) {
      const { audio, said, heard, tick } = output;
      live.tap?.answered({ audio, yielded }, frames, now());
      for (const frame of frames) if (!frame.left) table.countWithheld(live.slot);
      lines.push(...transcriptOf(live.session, { tick, said, heard, yielded }, frames));
    }
    for (const sound of outcome.spoken) live.tap?.spoke(sound, now());
    if (outcome.left.length > 0) table.setLevels(live.slot, live.ticks.levelIn, live.ticks.levelOut);
    if (lines.length > 0) report({ type: 'transcript', lines });
    for (const notice of outcome.notices) live.notify(notice);
    for (const decided of outcome.decided) live.tally.add(decided);
    if (outcome.asks.length > 0) report({ type: 'wanted', slot: live.slot, session: live.session, asks: outcome.asks });
    if (live.ticks.inbox.texts.length === 0) this.#guard.flush();
  }

  /** A human decided on something that waited. */
  decide(live: LiveSession, decision: HumanDecision): void {
    const { ticks } = live;
    switch (decision.what) {
      case 'output':
        if (!settleDraft(ticks, decision.draft, decision.approved)) this.#missed(live, 'the draft is not held any more');
        return;
      case 'input':
        ticks.input.approved.push({ part: decision.part, text: decision.text });
        return;
      case 'speak':
        playWords(ticks.drafts, decision.text, decision.audio);
        ticks.extra = joinExtra(ticks.extra, { said: [{ who: 'human', text: decision.text }] });
        return;
      case 'refused':
        refuseCall(ticks, decision.call, { error: decision.error, reason: decision.reason });
        return;
      case 'answered':
        ticks.extra = joinExtra(ticks.extra, { results: [{ call: decision.call, output: decision.output }] });
        return;
      case 'call': {
        const { record } = ticks;
        const outcome = newOutcome();
        if (record === null) refuseCall(ticks, decision.call.call, { error: 'withheld', problems: ['the session is not running'] });
        else sendCall(ticks, decision.call, { record, now: this.moment(), way: live.way, outcome });
        this.carry(live, outcome);
      }
    }
  }

  #missed(live: LiveSession, message: string): void {
    this.#parts.report({ type: 'trouble', session: live.session, code: 'decision_missed', message });
  }

  /** Decisions since the last time, for the ledger. */
  decided(lives: Iterable<LiveSession>): DecidedReport[] {
    return [...lives].flatMap((live) => live.tally.take());
  }

  forget(live: LiveSession): void {
    const decisions = live.tally.take();
    if (decisions.length > 0) this.#parts.report({ type: 'decided', decisions });
    this.#guard.forget(live.session, live);
  }
}
