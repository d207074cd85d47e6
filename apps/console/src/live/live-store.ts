import type { OperatorEvent } from '@wheelhouse/protocol/operator-message';
import type { RestrictiveOrder } from '@wheelhouse/protocol/order';
import { withLine, type SpokenLine } from '../transcript/transcript.ts';
import { Cell } from './cell.ts';
import { EMPTY, evolve, given, hindered, refused, type LiveState } from './live-state.ts';
import { nextMeter, type Meter } from './meter.ts';

/** How the operator channel stands. `down`: nothing on the page is live, and orders go by POST. */
export type ChannelState = 'connecting' | 'open' | 'down';

/** Events of many sessions at once (an order over everything) are shown together, one rendering for all of them. */
const GATHER_MS = 40;

const NO_LINES: readonly SpokenLine[] = [];

/** Everything live, outside React: one cell for what changes seldom, one a session for its meter and its transcript. */
export class LiveStore {
  readonly state = new Cell<LiveState>(EMPTY);
  readonly channel = new Cell<ChannelState>('connecting');
  /** The last thing that went wrong and belongs to no order: an unreadable message, a refusal without a request. */
  readonly trouble = new Cell<string | null>(null);
  readonly #meters = new Map<string, Cell<Meter | null>>();
  readonly #transcripts = new Map<string, Cell<readonly SpokenLine[]>>();
  #next: LiveState = EMPTY;
  #timer: number | null = null;

  apply(event: OperatorEvent, at: number): void {
    switch (event.event) {
      case 'meters':
        for (const meter of event.data) {
          const cell = this.meter(meter[0]);
          cell.set(nextMeter(cell.get(), meter));
        }
        return;
      case 'transcript':
        for (const line of event.data) {
          const cell = this.transcript(line.session);
          cell.set(withLine(cell.get(), line));
        }
        return;
      case 'session':
        this.#next = evolve(this.#next, event, at);
        if (event.data.state === 'ended') this.#meters.delete(event.data.id);
        this.#publishSoon();
        return;
      case 'refused':
        if (event.data.request === null) this.trouble.set(event.data.problem.detail);
        break;
      case 'proposal':
      case 'notice':
        return;
      case 'welcome':
      case 'latch':
      case 'latch.released':
      case 'release':
      case 'alarm':
      case 'supervision':
      case 'action':
      case 'order.ack':
      case 'order.settled':
      case 'order.stored':
        break;
    }
    this.#publish(evolve(this.#next, event, at));
  }

  given(request: RestrictiveOrder, pressedAt: number): void {
    this.#publish(given(this.#next, request, pressedAt));
  }

  refused(order: string, detail: string): void {
    this.#publish(refused(this.#next, order, detail));
  }

  hindered(order: string, trouble: string): void {
    this.#publish(hindered(this.#next, order, trouble));
  }

  isWaiting(order: string): boolean {
    return this.#next.given.get(order)?.progress.state === 'sent';
  }

  /** Orders given from this page that are in force but not yet known to be in the ledger. */
  unstored(): string[] {
    return [...this.#next.given.values()]
      .filter((order) => order.progress.state === 'in force' && order.entry === null)
      .map((order) => order.request.id);
  }

  meter(session: string): Cell<Meter | null> {
    return cellOf(this.#meters, session, null);
  }

  transcript(session: string): Cell<readonly SpokenLine[]> {
    return cellOf(this.#transcripts, session, NO_LINES);
  }

  /** Called when a session is no longer watched: its lines would have a hole when it is watched again. */
  forgetTranscript(session: string): void {
    this.#transcripts.get(session)?.set(NO_LINES);
  }

  #publish(next: LiveState): void {
    this.#next = next;
    if (this.#timer !== null) window.clearTimeout(this.#timer);
    this.#timer = null;
    this.state.set(next);
  }

  #publishSoon(): void {
    this.#timer ??= window.setTimeout(() => {
      this.#publish(this.#next);
    }, GATHER_MS);
  }
}

function cellOf<T>(cells: Map<string, Cell<T>>, id: string, initial: NoInfer<T>): Cell<T> {
  const known = cells.get(id);
  if (known !== undefined) return known;
  const cell = new Cell(initial);
  cells.set(id, cell);
  return cell;
}
