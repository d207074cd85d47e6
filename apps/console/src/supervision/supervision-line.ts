import { SuperviseTicket, type SuperviseEvent } from '@wheelhouse/protocol/supervision';
import type { SupervisionVerb } from '@wheelhouse/protocol/supervisor';
import { type Supervised, SupervisionClient } from '@wheelhouse/sdk/supervision-client';
import { Cell } from '../live/cell.ts';
import { newId } from '../live/new-id.ts';
import { call, inWords } from '../rest/call.ts';
import { AudioIn } from '../talk/audio-in.ts';
import { AudioOut } from '../talk/audio-out.ts';

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 8_000;

/** Where this page stands in a session. `cut`: the connection is lost and being made anew; nobody hears this person then. */
export type LineState =
  | { readonly phase: 'out'; readonly problem: string | null }
  | { readonly phase: 'joining' }
  | { readonly phase: 'in'; readonly verb: SupervisionVerb; readonly attached: boolean; readonly notice: string | null }
  | { readonly phase: 'cut'; readonly why: string };

type Sources = Readonly<Record<'client' | 'engine' | 'human', AudioOut>>;
type Open = { readonly session: string; readonly outs: Sources; client: SupervisionClient | null; mic: AudioIn | null; over: boolean };

/** A person's line into a live session: its sound comes out of the loudspeaker, and their microphone goes in while, and only while, a verb is held that is heard. */
export class SupervisionLine {
  readonly state = new Cell<LineState>({ phase: 'out', problem: null });
  readonly levels = { client: new Cell(0), engine: new Cell(0), human: new Cell(0), own: new Cell(0) } as const;
  #open: Open | null = null;
  /** What this person wants to be doing: a key that was let go before the answer came must not leave the microphone open. */
  #wanted: SupervisionVerb = 'monitor';

  /** Called within the person's click, or the browser keeps the sound asleep. */
  async join(session: string): Promise<void> {
    if (this.#open !== null) return;
    const outs: Sources = { client: new AudioOut(), engine: new AudioOut(), human: new AudioOut() };
    const open: Open = { session, outs, client: null, mic: null, over: false };
    this.#open = open;
    this.#wanted = 'monitor';
    this.state.set({ phase: 'joining' });
    try {
      await Promise.all([outs.client.open(), outs.engine.open(), outs.human.open()]);
      for (const source of ['client', 'engine', 'human'] as const) {
        const { report } = outs[source];
        report.subscribe(() => {
          this.levels[source].set(report.get().level);
        });
      }
      await this.#connect(open);
    } catch (error) {
      await this.#hangUp(open, inWords(error));
    }
  }

  async leave(): Promise<void> {
    const open = this.#open;
    if (open === null) return;
    open.client?.leave();
    await this.#hangUp(open, null);
  }

  /** Speaks along from now on, or takes the session over. Asks for the microphone where this page has none yet. */
  async speak(verb: 'barge' | 'take_over'): Promise<void> {
    this.#wanted = verb;
    const open = this.#open;
    if (open?.client == null) return;
    try {
      // A take-over is an order: it does not wait for anybody to allow a microphone.
      const taken = verb === 'take_over' ? open.client.verb({ verb, order: newId() }) : null;
      await Promise.all([taken, this.#microphone(open)]);
      if (verb === 'barge' && this.#isWanted('barge')) await open.client.verb({ verb });
      // The key was let go meanwhile.
      if (this.#isWanted('monitor')) await open.client.verb({ verb: 'monitor' });
    } catch (error) {
      // Without a microphone nobody is on air, whatever was granted; a take-over stays in force.
      await this.hush();
      this.#notice(inWords(error));
    }
  }

  /** Goes on listening. */
  async hush(): Promise<void> {
    const { phase } = this.state.get();
    if (this.#isWanted('monitor') || phase !== 'in') return;
    this.#wanted = 'monitor';
    this.levels.own.set(0);
    const client = this.#open?.client;
    if (client == null) return;
    await client.verb({ verb: 'monitor' }).catch((error: unknown) => {
      this.#notice(inWords(error));
    });
  }

  /** Guidance that only the engine hears. Rejects in words for the person. */
  async whisper(text: string): Promise<void> {
    const client = this.#open?.client;
    if (client == null) throw new Error('Join the session first.');
    await client.whisper(text);
  }

  #isWanted(verb: SupervisionVerb): boolean {
    return this.#wanted === verb;
  }

  async #microphone(open: Open): Promise<void> {
    if (open.mic !== null) return;
    const mic = new AudioIn();
    open.mic = mic;
    try {
      await mic.open({ type: 'microphone' }, ({ pcm, level }) => {
        if (!this.#isHeard()) return;
        this.levels.own.set(level);
        open.client?.speak(pcm);
      });
    } catch (error) {
      open.mic = null;
      await mic.close();
      throw error;
    }
  }

  /** Both what the person wants and what the server said: neither alone opens the microphone. */
  #isHeard(): boolean {
    const state = this.state.get();
    return state.phase === 'in' && state.verb !== 'monitor' && this.#wanted === state.verb;
  }

  async #connect(open: Open): Promise<void> {
    const ticket = await call(SuperviseTicket, 'POST', `/v1/sessions/${open.session}/supervise`);
    const client = await SupervisionClient.join(ticket, () => performance.now());
    if (this.#isOver(open)) {
      client.leave();
      return;
    }
    open.client = client;
    // Whoever was cut off while they spoke does not speak again before they ask for it.
    this.#wanted = 'monitor';
    this.state.set({ phase: 'in', verb: 'monitor', attached: true, notice: null });
    void this.#listen(open, client);
  }

  #isOver(open: Open): boolean {
    return open.over;
  }

  async #listen(open: Open, client: SupervisionClient): Promise<void> {
    for await (const heard of client.frames()) this.#take(open, heard);
    open.client = null;
    if (!open.over) await this.#again(open);
  }

  /** Silence is a stop: what a lost connection left behind is not played, and nobody hears this person until they ask for it again. */
  async #again(open: Open): Promise<void> {
    for (const out of Object.values(open.outs)) out.flush();
    this.levels.own.set(0);
    this.state.set({ phase: 'cut', why: 'The connection was lost.' });
    for (let ms = FIRST_RETRY_MS; !open.over; ms = Math.min(LAST_RETRY_MS, ms * 2)) {
      await new Promise((resolve) => window.setTimeout(resolve, ms));
      if (this.#isOver(open)) return;
      try {
        await this.#connect(open);
        return;
      } catch (error) {
        this.state.set({ phase: 'cut', why: inWords(error) });
      }
    }
  }

  #take(open: Open, heard: Supervised): void {
    if (open.over) return;
    if (heard.type === 'event') {
      this.#told(open, heard.event);
      return;
    }
    const { source, samples } = heard;
    open.outs[source].play(new Uint8Array(samples.buffer));
  }

  #told(open: Open, event: SuperviseEvent): void {
    const state = this.state.get();
    switch (event.type) {
      case 'verb':
        if (state.phase !== 'in') return;
        // Handed back: what is not heard any more is not sent either.
        if (event.verb === 'monitor') this.levels.own.set(0);
        this.state.set({ ...state, verb: event.verb, notice: null });
        return;
      case 'client':
        if (state.phase === 'in') this.state.set({ ...state, attached: event.attached });
        return;
      case 'gate':
        // An order is about the engine; of the human's voice and the person's nothing is dropped.
        if (event.event.type === 'flush' || event.event.type === 'cut') open.outs.engine.flush();
        return;
      case 'error':
        this.#notice(event.message);
        return;
      case 'ended':
        void this.#hangUp(open, event.reason === 'You left.' ? null : event.reason);
        return;
      case 'ready':
      case 'whispered':
      case 'refused':
      case 'supervision':
      case 'transcript':
      case 'typed':
    }
  }

  #notice(notice: string): void {
    const state = this.state.get();
    if (state.phase === 'in') this.state.set({ ...state, notice });
  }

  async #hangUp(open: Open, problem: string | null): Promise<void> {
    if (open.over) return;
    open.over = true;
    if (this.#open === open) this.#open = null;
    this.state.set({ phase: 'out', problem });
    for (const level of Object.values(this.levels)) level.set(0);
    open.client?.close();
    await Promise.all([open.mic?.close(), ...Object.values(open.outs).map((out) => out.close())]);
  }
}
