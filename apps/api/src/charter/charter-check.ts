import { Worker } from 'node:worker_threads';
import type { CoalitionReport } from '@wheelhouse/charter/analyse';
import { nameOf } from '@wheelhouse/charter/charter';
import { type CharterReading, readAdopted, readCharter } from '@wheelhouse/charter/read-charter';
import { seatAt } from '@wheelhouse/charter/seat-history';
import type { CharterFile } from '@wheelhouse/protocol/charter';
import { AnalysisView, type CheckedCharter } from '@wheelhouse/protocol/charter-view';
import type { ProposedAct } from '@wheelhouse/protocol/proposed-act';
import type { z } from 'zod';
import { Refusal } from '../problem/refusal.ts';
import type { AnalysisTask } from './analysis-worker.ts';
import type { CharterKeeper } from './charter-keeper.ts';
import { fileWithSeat } from './file-with-seat.ts';

type Checked = z.infer<typeof CheckedCharter>;

/** A hostile charter can take seconds; the control thread has orders to give meanwhile, so it is analysed in a thread, this long at most. */
const WITHIN_MS = 20_000;
const MOST_REMEMBERED = 50;
/** Analyses that somebody asked for, waiting or being made. */
const MOST_ASKED = 8;

type Analyse = (task: AnalysisTask) => Promise<CoalitionReport>;

/** Holds charters against law 5: at an amendment, at a change of a seat, and whenever somebody asks. */
export class CharterCheck {
  readonly #keeper: CharterKeeper;
  readonly #known = new Map<string, AnalysisView>();
  #turn: Promise<unknown> = Promise.resolve();
  #asked = 0;
  #askedTurn: Promise<undefined> = Promise.resolve(undefined);

  constructor(keeper: CharterKeeper) {
    this.#keeper = keeper;
  }

  /** What a text would mean: its faults, or who could do what under it from now on. */
  check(text: string): Promise<Checked> {
    return this.#checkWith(text, (task) => this.#inThread(task));
  }

  async #checkWith(text: string, analyse: Analyse): Promise<Checked> {
    const adopted = readAdopted(text);
    if (!adopted.ok) return { faults: faultsOf(adopted), analysis: null };
    // One that was adopted before a fault was looked for is in force with it, and can be analysed.
    const reading = readCharter(text);
    return { faults: reading.ok ? [] : faultsOf(reading), analysis: await this.#analysis(text, adopted, analyse) };
  }

  /** As `check`, for whoever asks. What acts depend on never waits behind this: it has a line of its own, with few places. */
  async checkAsked(text: string): Promise<Checked> {
    if (this.#asked >= MOST_ASKED) throw new Refusal('rate_limited', 'Other charters are being analysed. Ask again in a moment.');
    this.#asked += 1;
    const before = this.#askedTurn;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#askedTurn = promise;
    try {
      await before;
      return await this.#checkWith(text, analyseInThread);
    } finally {
      this.#asked -= 1;
      resolve(undefined);
    }
  }

  /** As `check`, from this moment on: nothing that was found before is believed, because time has passed. */
  checkNow(text: string): Promise<Checked> {
    this.#known.delete(text);
    return this.check(text);
  }

  /**
   * Refuses an act that would leave a charter which can't be read or breaks law 5; the refusal spells the offending chain out. `anew`: nothing that
   * was found before is believed, because time has passed. Seats are looked at as they stand by now, so that what one change alone may do, several
   * can't do together.
   */
  async refuseBroken(act: ProposedAct, anew = false): Promise<void> {
    if (act.power !== 'charter.amend' && act.power !== 'seat.change') return;
    const text = act.power === 'charter.amend' ? act.text : this.#withSeats(act);
    const { faults, analysis } = await (anew ? this.checkNow(text) : this.check(text));
    const [fault] = faults;
    // What is broken by what happened already is mended seat by seat: people leave, and terms end.
    const isMending = act.power === 'seat.change' && analysis !== null && (await this.#isBroken(this.#withSeats(null)));
    if (isMending) return;
    if (fault !== undefined)
      throw new Refusal('charter_refused', `Line ${fault.line ?? '?'} of the charter can't be used: ${fault.path}: ${fault.message}.`);
    const [breach] = analysis?.breaches ?? [];
    if (breach === undefined) return;
    throw new Refusal('charter_refused', `It breaks law 5 (no one person). ${breach.message} ${breach.chain.join(' ')}`.trim());
  }

  /** The charter in force as it stands now, as text: with every seat as it has become. Null before there is one. */
  textNow(): string | null {
    return this.#keeper.record.inForce === null ? null : this.#withSeats(null);
  }

  async #isBroken(text: string): Promise<boolean> {
    this.#known.delete(text);
    const { faults, analysis } = await this.check(text);
    return faults.length > 0 || (analysis?.breaches ?? []).length > 0;
  }

  /** The charter in force with its seats as they stand, and as `act` would have one of them. */
  #withSeats(act: Extract<ProposedAct, { power: 'seat.change' }> | null): string {
    const { inForce, seats } = this.#keeper.record;
    const reading = inForce === null ? null : readAdopted(inForce.text);
    if (reading === null || !reading.ok) throw new Refusal('conflict', 'There is no charter in force, so there are no seats to change.');
    const changed = new Set(seats.events.map(({ seat }) => seat));
    const standing = [...changed].flatMap((seat) => seatAt(reading.charter, seats.events, seat, this.#keeper.now()) ?? []);
    const file = standing.reduce<CharterFile>((before, { id, holder, alternates, term }) => {
      const span = term === null ? null : { from: isoOf(term.from), until: isoOf(term.until) };
      return fileWithSeat(before, { seat: id, holder, alternates, term: holder === null ? null : span });
    }, reading.file);
    return JSON.stringify(act === null ? file : fileWithSeat(file, act));
  }

  async #analysis(text: string, reading: Extract<CharterReading, { ok: true }>, analyse: Analyse): Promise<AnalysisView> {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const from = this.#keeper.now();
    const view = viewOf(await analyse({ text, from }), reading);
    if (this.#known.size >= MOST_REMEMBERED) this.#known.clear();
    this.#known.set(text, view);
    return view;
  }

  /** One analysis at a time: each takes a core. */
  #inThread(task: AnalysisTask): Promise<CoalitionReport> {
    const turn = this.#turn.then(
      () => analyseInThread(task),
      () => analyseInThread(task),
    );
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

function analyseInThread(task: AnalysisTask): Promise<CoalitionReport> {
  const worker = new Worker(new URL('./analysis-worker.js', import.meta.url), { workerData: task, name: 'charter-analysis' });
  const { promise, resolve, reject } = Promise.withResolvers<CoalitionReport>();
  const timer = setTimeout(() => {
    reject(new Refusal('charter_refused', `This charter could not be analysed within ${WITHIN_MS / 1000} s; make it simpler.`));
  }, WITHIN_MS);
  worker.once('message', (report: CoalitionReport | null) => {
    if (report === null) reject(new Error('the analysis was given a charter that it could not read'));
    else resolve(report);
  });
  worker.once('error', reject);
  worker.once('exit', () => {
    reject(new Error('the analysis ended without an answer'));
  });
  return promise.finally(() => {
    clearTimeout(timer);
    return worker.terminate();
  });
}

function faultsOf(reading: Extract<CharterReading, { ok: false }>): Checked['faults'] {
  return reading.faults.map(({ line, path, message }) => ({ line, path: path.map(String).join('.'), message }));
}

function viewOf(report: CoalitionReport, { charter }: Extract<CharterReading, { ok: true }>): AnalysisView {
  const names = (people: readonly string[]) => people.map((person) => nameOf(charter, person));
  return AnalysisView.parse({
    from: new Date(report.from).toISOString(),
    powers: report.powers.map(({ power, quorum, bar, smallest, routes, minimal }) => ({
      ...{ power, quorum, bar, smallest, routes },
      ...{ minimal: minimal.count, examples: minimal.examples.map(names) },
    })),
    breaches: report.breaches.map((breach) => ({ ...breach, people: names(breach.people) })),
  });
}

function isoOf(at: number): string {
  return new Date(at).toISOString();
}
