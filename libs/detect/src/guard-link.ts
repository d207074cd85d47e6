import type { MessagePort } from 'node:worker_threads';
import type { ScanAnswer, ScanRequest } from '@wheelhouse/protocol/signals';
import type { FromGuard, ToGuard } from './guard-messages.ts';

/**
 * Moving a view's buffer takes it from every other view on it, so that only a view of all of its own buffer moves; others are copied first.
 * Notes the buffer that moves.
 */
function movable(view: Int16Array | Uint8Array, moved: Set<ArrayBuffer>): boolean {
  const { buffer } = view;
  if (!(buffer instanceof ArrayBuffer) || view.byteLength !== buffer.byteLength || moved.has(buffer)) return false;
  moved.add(buffer);
  return true;
}

function movableSamples(samples: Int16Array, moved: Set<ArrayBuffer>): Int16Array {
  if (movable(samples, moved)) return samples;
  const copy = Int16Array.from(samples);
  moved.add(copy.buffer);
  return copy;
}

function movableBytes(bytes: Uint8Array, moved: Set<ArrayBuffer>): Uint8Array {
  if (movable(bytes, moved)) return bytes;
  const copy = Uint8Array.from(bytes);
  moved.add(copy.buffer);
  return copy;
}

/** The stream thread's end of its channel to the guard. What is asked in one turn goes in one message, on `flush`. */
export class GuardLink {
  readonly #port: MessagePort;
  #waiting: ScanRequest[] = [];

  /** `onAnswer` is called once for each request with `late: false`, and again with `late: true` when there is news on it. */
  constructor(port: MessagePort, onAnswer: (answer: ScanAnswer, late: boolean) => void) {
    this.#port = port;
    port.on('message', (message: FromGuard) => {
      for (const answer of message.answers) onAnswer(answer, message.late);
    });
  }

  /** Takes `audio` and `image` away where they are views of all of their own buffer. Nothing is sent before `flush`. */
  scan(request: ScanRequest): void {
    this.#waiting.push(request);
  }

  flush(): void {
    if (this.#waiting.length === 0) return;
    const moved = new Set<ArrayBuffer>();
    const requests = this.#waiting.map((request) => ({
      ...request,
      audio: request.audio === null ? null : movableSamples(request.audio, moved),
      image: request.image === null ? null : movableBytes(request.image, moved),
    }));
    this.#waiting = [];
    this.#port.postMessage({ type: 'scan', requests } satisfies ToGuard, [...moved]);
  }

  /** Drops all that the guard remembers of a session: call when it has ended, after its last scan. */
  forget(session: string): void {
    this.flush();
    this.#port.postMessage({ type: 'forget', session } satisfies ToGuard);
  }

  /** No answer comes after this. */
  close(): void {
    this.#port.close();
  }
}
