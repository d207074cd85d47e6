import { RULES_BEFORE_A_CHARTER } from '@wheelhouse/protocol/charter';

/**
 * The rules that decide until an installation has a policy bundle and a charter of its own: the abilities of the roles (`abilities.ts`), and that a
 * release takes two people. Recorded with every act of a human; give them new numbers when what they allow changes.
 */
export const RULES = { policy: 'built-in/1', charter: RULES_BEFORE_A_CHARTER } as const;
