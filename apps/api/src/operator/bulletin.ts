import type { OperatorEvent } from '@wheelhouse/protocol/operator-message';

/** An event and whom it concerns: a tenant's people and those of the house, or everybody who is signed in (null). */
export type Announcement = { readonly event: OperatorEvent; readonly tenant: string | null };

/** Where services pin up what operators should know at once; the operator gateway reads it out. */
export class Bulletin {
  readonly #readers = new Set<(announcement: Announcement) => void>();

  post(event: OperatorEvent, tenant: string | null): void {
    for (const read of this.#readers) read({ event, tenant });
  }

  subscribe(read: (announcement: Announcement) => void): () => void {
    this.#readers.add(read);
    return () => this.#readers.delete(read);
  }
}
