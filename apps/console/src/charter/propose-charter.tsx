import { ProposeCard } from './propose-card.tsx';

type Proposing = {
  readonly text: string;
  readonly isFirst: boolean;
  /** Why it can't be proposed; null where it can. */
  readonly blocked: string | null;
  readonly onProposed: () => void;
};

export function ProposeCharter({ text, isFirst, ...rest }: Proposing) {
  const then = isFirst
    ? 'Everyone whom it seats signs it with their passkey. Then it is in force.'
    : 'It is voted on under the charter in force, which stays so until then.';
  return <ProposeCard act={{ power: 'charter.amend', text }} then={then} testId="propose-charter" {...rest} />;
}
