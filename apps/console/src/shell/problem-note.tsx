import { inWords } from '../rest/call.ts';

/** Says in place what went wrong with what the person just did. */
export function ProblemNote({ error }: { error: unknown }) {
  if (error === null || error === undefined) return null;
  return (
    <p role="alert" className="problem">
      {typeof error === 'string' ? error : inWords(error)}
    </p>
  );
}
