import type { Frame } from '@wheelhouse/protocol/frame';
import type { EngineEvent, GateEvent } from '@wheelhouse/protocol/stream-event';
import type { Attachment } from '@wheelhouse/protocol/session';
import { StreamClient } from '@wheelhouse/sdk/stream-client';

/** A stream client that remembers everything it was told, with the time at which it arrived. */
export class Listener {
  readonly frames: { readonly at: number; readonly frame: Frame }[] = [];
  readonly gate: GateEvent[] = [];
  readonly engine: EngineEvent[] = [];
  readonly said: string[] = [];
  closed: { readonly code: number; readonly reason: string } | null = null;
  client: StreamClient | null = null;

  static async attach(attachment: Attachment): Promise<Listener & { client: StreamClient }> {
    const listener = new Listener();
    const client = await StreamClient.attach(
      attachment,
      {
        frame: (frame) => listener.frames.push({ at: performance.now(), frame }),
        gate: (event) => listener.gate.push(event),
        engine: (event) => listener.engine.push(event),
        said: (text) => listener.said.push(text),
        closed: (code, reason) => {
          listener.closed = { code, reason };
        },
      },
      () => performance.now(),
    );
    return Object.assign(listener, { client });
  }

  /** Frames of the engine's, as they arrived. */
  get fromEngine(): readonly { readonly at: number; readonly frame: Frame }[] {
    return this.frames.filter(({ frame }) => frame.header.source === 'engine');
  }

  /** Number of the last engine frame that arrived; 0 before the first. */
  get lastSequence(): number {
    return this.fromEngine.at(-1)?.frame.header.sequence ?? 0;
  }

  audioFrames(): readonly Frame[] {
    return this.fromEngine.map(({ frame }) => frame).filter((frame) => frame.header.kind === 'audio');
  }

  gateEvent<T extends GateEvent['type']>(type: T): Extract<GateEvent, { type: T }> | undefined {
    return this.gate.find((event): event is Extract<GateEvent, { type: T }> => event.type === type);
  }
}
