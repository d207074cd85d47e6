/** Said first and over the whole page: the digest of what is shown is not the one that would be signed. */
export function NotToBeSigned({ fault }: { fault: string }) {
  return (
    <div role="alert" className="alert-card" data-testid="not-to-be-signed">
      <h2>▲ Do not sign this</h2>
      <p>
        What this page shows is not what would be signed. Either the server is broken, or somebody wants your signature for something else.
      </p>
      <p>Nothing can be signed here. Tell your colleagues, by another way than this console.</p>
      <p className="whole soft">{fault}</p>
    </div>
  );
}
