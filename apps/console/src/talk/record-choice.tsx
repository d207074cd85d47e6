import { RETENTION_DAYS, type Recordable, type RecordRequest } from '@wheelhouse/protocol/content';
import { recordedInWords } from '../content/content-words.ts';

/** Where the consent is on file: these words, shown and agreed to. Change the number when the words change. */
const CONSENT = 'agreed to on the Talk page, wording 1';
const RETENTION = 'regulated';

type Choice = { readonly mayRecord: readonly Recordable[]; readonly isOn: boolean; readonly onChoice: (isOn: boolean) => void };

/** What this page sends that may be recorded. It has no camera, and asks for no consent to what it does not do. */
function ofTalk(mayRecord: readonly Recordable[]): Recordable[] {
  return mayRecord.filter((what) => what !== 'video');
}

/** Recording is off unless the person turns it on, next to what they agree to. */
export function RecordChoice({ mayRecord, isOn, onChoice }: Choice) {
  const what = ofTalk(mayRecord);
  if (what.length === 0) return null;
  return (
    <div className="choice record-choice">
      <label>
        <input
          type="checkbox"
          data-testid="record"
          checked={isOn}
          aria-describedby="consent"
          onChange={(event) => {
            onChoice(event.currentTarget.checked);
          }}
        />
        Record this conversation
      </label>
      <p id="consent" className="soft" data-testid="consent">
        By turning this on I agree that the {recordedInWords(what)} of this conversation are kept for {RETENTION_DAYS[RETENTION]} days,
        encrypted under a key of mine. Reviewers and administrators can listen and read; each time is recorded. I can ask for their erasure.
      </p>
    </div>
  );
}

/** What to ask of the server: everything of it that the deployment may record, or nothing. */
export function recordRequest(mayRecord: readonly Recordable[], isOn: boolean): { record?: RecordRequest } {
  const what = ofTalk(mayRecord);
  return isOn && what.length > 0 ? { record: { what, retention: RETENTION, consent: CONSENT } } : {};
}
