import type { MessagePort } from 'node:worker_threads';

/** So many messages may be on their way to a thread that has not taken them; of what comes on top, sound is left out. Some six seconds of a session. */
const WINDOW = 64;
/** The other end is told that messages were taken once so many were. */
const ACK_EVERY = 8;

type Letter<Message> = { readonly message: Message } | { readonly taken: number };

/**
 * A line between two stream threads (or one and itself) that sound takes past the control thread, which only makes it. It is bounded: `sound` is left
 * out while the other end does not keep up. `word` always goes: there is little of it.
 */
export class SuperviseLine<Out, In> {
  readonly #port: MessagePort;
  #waiting = 0;
  #taken = 0;

  constructor(port: MessagePort, on: { take: (message: In) => void; closed: () => void }) {
    this.#port = port;
    port.on('message', (letter: Letter<In>) => {
      if ('taken' in letter) {
        this.#waiting -= letter.taken;
        return;
      }
      this.#taken += 1;
      if (this.#taken === ACK_EVERY) this.#acknowledge();
      on.take(letter.message);
    });
    port.on('close', on.closed);
  }

  /** Sends sound, whose memory is given away. False where the other end has too much waiting already. */
  sound(message: Out, memory: ArrayBuffer): boolean {
    if (this.#waiting >= WINDOW) return false;
    this.#post({ message }, [memory]);
    return true;
  }

  word(message: Out): void {
    this.#post({ message }, []);
  }

  close(): void {
    this.#port.close();
  }

  #acknowledge(): void {
    this.#port.postMessage({ taken: this.#taken } satisfies Letter<Out>);
    this.#taken = 0;
  }

  #post(letter: Letter<Out>, memory: ArrayBuffer[]): void {
    this.#waiting += 1;
    this.#port.postMessage(letter, memory);
  }
}
