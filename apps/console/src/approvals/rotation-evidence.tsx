/** What another master key reaches, in words: the preview says what is done, this what follows. */
export function RotationEvidence() {
  return (
    <ul className="will-happen">
      <li>
        Sessions, orders and releases go on as they are. Erasures wait until all keys are wrapped anew: seconds, or with very many minutes.
      </li>
      <li>
        It cannot be taken back; another rotation makes yet another key. A server that stops in the middle finishes it when it starts.
      </li>
      <li>Backups of the database from before open with the old key alone. Keep that for as long as you keep them.</li>
      <li>Other servers on the same database make no new keys until whoever runs them has given them the new one.</li>
      <li>It is no help against somebody who had the old key and a copy of the database: they have the subjects’ keys.</li>
    </ul>
  );
}
