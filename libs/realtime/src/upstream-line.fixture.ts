import { base64OfBytes, bytesOfSamples } from './audio-base64.ts';
import type { UpstreamClientEvent } from './upstream-client-events.ts';
import { takeMessage, takeServerEvent, takeSocket, takeTick, type UpstreamStep } from './upstream-conversation.ts';
import { readUpstreamEvent, type UpstreamEvent } from './upstream-events.ts';
import type { UpstreamTick } from './upstream-input.ts';
import type { UpstreamAnswer } from './upstream-output.ts';
import { initialUpstream, type LinkAct, type UpstreamState } from './upstream-state.ts';

/** Sound of so many samples, all of one value: what comes out says where it came from. */
export const soundOf = (samples: number, value: number): string => base64OfBytes(bytesOfSamples(new Int16Array(samples).fill(value)));

/** A conversation with an upstream that is driven by hand. */
export class Line {
  state: UpstreamState;
  readonly sent: UpstreamClientEvent[] = [];
  readonly troubles: string[] = [];
  readonly links: LinkAct[] = [];
  readonly answers: UpstreamAnswer[] = [];

  constructor(transcription: string | null = 'listener', seed = 0) {
    this.state = initialUpstream({ seed, transcription });
  }

  /** One that stands, with nothing of its opening left to see. */
  static ready(): Line {
    const line = new Line();
    line.tick();
    line.greet();
    line.sent.length = 0;
    line.links.length = 0;
    return line;
  }

  greet(): void {
    this.follow(takeSocket(this.state, { type: 'opened' }));
    this.hear({ type: 'session.created' }, { type: 'session.updated' });
  }

  follow(step: UpstreamStep): void {
    this.state = step.state;
    this.sent.push(...step.send);
    this.troubles.push(...step.troubles);
    if (step.link !== null) this.links.push(step.link);
  }

  tick(more: Partial<UpstreamTick> = {}): UpstreamAnswer {
    const step = takeTick(this.state, { tick: this.answers.length, audio: 'AAAA', texts: [], whispers: [], ...more });
    this.follow(step);
    this.answers.push(step.answer);
    return step.answer;
  }

  ticks(count: number): UpstreamAnswer[] {
    return Array.from({ length: count }, () => this.tick());
  }

  hear(...events: UpstreamEvent[]): void {
    for (const event of events) this.follow(takeServerEvent(this.state, event));
  }

  /** A message as it comes off the wire. */
  read(text: string): void {
    this.follow(takeMessage(this.state, readUpstreamEvent(text), text.length));
  }

  closed(why = 'it is gone'): void {
    this.follow(takeSocket(this.state, { type: 'closed', why }));
  }

  /** Begins a response with one message in it. */
  begin(response: string, item: string): void {
    this.hear(
      { type: 'response.created', response: { id: response } },
      { type: 'response.output_item.added', response_id: response, item: { id: item, type: 'message' } },
    );
  }

  say(response: string, item: string, { words = '', samples = 0, value = 1 }: { words?: string; samples?: number; value?: number }): void {
    const ids = { response_id: response, item_id: item };
    if (words !== '') this.hear({ type: 'response.output_audio_transcript.delta', ...ids, delta: words });
    if (samples > 0) this.hear({ type: 'response.output_audio.delta', ...ids, delta: soundOf(samples, value) });
  }

  /** Ends a response as an upstream does, with everything that belongs to its one item. */
  end(response: string, item: string, status = 'completed'): void {
    const ids = { response_id: response, item_id: item };
    this.hear(
      { type: 'response.output_audio.done', ...ids },
      { type: 'response.output_audio_transcript.done', ...ids },
      { type: 'response.done', response: { id: response, status } },
    );
  }

  /** What was sent of one type since the last look. */
  take<T extends UpstreamClientEvent['type']>(type: T): Extract<UpstreamClientEvent, { type: T }>[] {
    const taken = this.sent.filter((event): event is Extract<UpstreamClientEvent, { type: T }> => event.type === type);
    const rest = this.sent.filter((event) => event.type !== type);
    this.sent.splice(0, this.sent.length, ...rest);
    return taken;
  }

  /** The samples that were handed out, one array for each tick that had any. */
  get sounds(): readonly Int16Array[] {
    return this.answers.flatMap(({ sound }) => (sound === null ? [] : [sound.samples]));
  }

  /** The texts of the history, oldest first. */
  get kept(): readonly string[] {
    return this.state.history.flatMap(({ item }) =>
      item?.type === 'message' ? item.content.map((part) => ('text' in part ? part.text : part.image_url)) : [],
    );
  }

  get said(): string {
    return this.answers
      .map(({ said }) => said)
      .filter((said) => said !== '')
      .join(' ');
  }
}
