import { createContext, useContext } from 'react';
import type { AppAbility } from '@wheelhouse/access/abilities';
import type { Me } from '@wheelhouse/protocol/identity';

/** The signed-in person and what they may do. The server decides; the console only leaves out what would be refused. */
export type SignedIn = { readonly me: Me; readonly ability: AppAbility };

export const MeContext = createContext<SignedIn | null>(null);

export function useMe(): SignedIn {
  const signedIn = useContext(MeContext);
  if (signedIn === null) throw new Error('useMe outside of the signed-in pages');
  return signedIn;
}
