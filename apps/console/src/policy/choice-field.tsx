type Choice<T extends string | number> = {
  readonly label: string;
  readonly options: readonly T[];
  readonly value: T;
  readonly onChange: (value: T) => void;
  readonly testId?: string;
  readonly words?: (value: T) => string;
};

/** One of a few, chosen from a menu. */
export function ChoiceField<T extends string | number>({ label, options, value, onChange, testId, words = String }: Choice<T>) {
  return (
    <label>
      {label}
      <select
        value={value}
        data-testid={testId}
        onChange={(event) => {
          const chosen = options.find((option) => String(option) === event.currentTarget.value);
          if (chosen !== undefined) onChange(chosen);
        }}
      >
        {options.map((option) => (
          <option key={option} value={option}>
            {words(option)}
          </option>
        ))}
      </select>
    </label>
  );
}
