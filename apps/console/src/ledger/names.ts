import type { Actor } from '@wheelhouse/protocol/identity';

/** How ids are called: people by name, where the reader may know it. */
export type Names = { readonly actor: (actor: Actor) => string; readonly person: (id: string) => string };
