import type { OperatorEvent } from '@wheelhouse/protocol/operator-message';

/**
 * An event and whom it concerns: a tenant's people and those of the house, or everybody who is signed in (null); with a `person`, that person
 * and nobody else.
 */
export type Announcement = { readonly event: OperatorEvent; readonly tenant: string | null; readonly person: string | null };

/** Where services pin up what operators should know at once; the operator gateway reads it out. */
export class Bulletin {
  readonly #readers = new Set<(announcement: Announcement) => void>();

  post(event: OperatorEvent, tenant: string | null): void {
    this.#readOut({ event, tenant, person: null });
  }

  /** For one person's own consoles; their keys do not hear it. */
  tell(event: OperatorEvent, person: string): void {
    this.#readOut({ event, tenant: null, person });
  }

  subscribe(read: (announcement: Announcement) => void): () => void {
    this.#readers.add(read);
    return () => this.#readers.delete(read);
  }

  #readOut(announcement: Announcement): void {
    for (const read of this.#readers) read(announcement);
  }
}
