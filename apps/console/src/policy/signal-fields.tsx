import { FINDINGS, RISKS, type Finding, type Signals } from '@wheelhouse/protocol/signals';
import { ChoiceField } from './choice-field.tsx';

const FLAGS = { hasText: 'text', hasAudio: 'audio', hasImage: 'an image', speech: 'speech' } as const;
const FLAG_NAMES = ['hasText', 'hasAudio', 'hasImage', 'speech'] as const;
const RISK_NAMES = { injection: 'Prompt injection', toxicity: 'Abusive words', unsafeImage: 'Unsafe image' } as const;

type Fields = { readonly signals: Signals; readonly onChange: (signals: Signals) => void };

/** What detectors would have read off a tick. */
export function SignalFields({ signals, onChange }: Fields) {
  return (
    <fieldset className="policy-signals">
      <legend>Signals of the tick</legend>
      <fieldset className="choice">
        <legend>It carries</legend>
        {FLAG_NAMES.map((name) => (
          <label key={name}>
            <input
              type="checkbox"
              checked={signals[name]}
              onChange={(event) => {
                onChange({ ...signals, [name]: event.currentTarget.checked });
              }}
            />
            {FLAGS[name]}
          </label>
        ))}
      </fieldset>
      <Findings
        label="Found in its words"
        chosen={signals.found}
        testId="found"
        onChange={(found) => {
          onChange({ ...signals, found });
        }}
      />
      <Findings
        label="Found on the screen"
        chosen={signals.foundOnScreen}
        testId="on-screen"
        onChange={(foundOnScreen) => {
          onChange({ ...signals, foundOnScreen });
        }}
      />
      <div className="policy-fields">
        {(['injection', 'toxicity', 'unsafeImage'] as const).map((name) => (
          <ChoiceField
            key={name}
            label={RISK_NAMES[name]}
            options={RISKS}
            value={signals[name]}
            testId={`signal-${name}`}
            onChange={(risk) => {
              onChange({ ...signals, [name]: risk });
            }}
          />
        ))}
        <ChoiceField
          label="Loudness"
          options={['silent', 'normal', 'loud'] as const}
          value={signals.loudness}
          onChange={(loudness) => {
            onChange({ ...signals, loudness });
          }}
        />
      </div>
    </fieldset>
  );
}

type FindingsField = {
  readonly label: string;
  readonly chosen: readonly Finding[];
  readonly testId: string;
  readonly onChange: (chosen: Finding[]) => void;
};

function Findings({ label, chosen, testId, onChange }: FindingsField) {
  return (
    <fieldset className="choice">
      <legend>{label}</legend>
      {FINDINGS.map((finding) => (
        <label key={finding}>
          <input
            type="checkbox"
            data-testid={`${testId}-${finding}`}
            checked={chosen.includes(finding)}
            onChange={(event) => {
              const others = chosen.filter((one) => one !== finding);
              onChange(event.currentTarget.checked ? [...others, finding] : others);
            }}
          />
          {finding.replaceAll('_', ' ')}
        </label>
      ))}
    </fieldset>
  );
}
