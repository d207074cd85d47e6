import { useMemo, type ReactNode, type RefObject } from 'react';

export type LineFault = { readonly line: number; readonly message: string };

type Editor = {
  readonly text: string;
  readonly faults: readonly LineFault[];
  readonly label: string;
  readonly describedBy: string;
  readonly area: RefObject<HTMLTextAreaElement | null>;
  readonly onChange: (text: string) => void;
};

/** As editor.css has them: what stands beside a line has to meet it. */
const [LINE_PX, PAD_PX] = [19, 8];

/**
 * A plain text area as tall and as wide as its text, in a box that scrolls, so that line numbers and faults stand beside their lines without
 * any copying of scroll positions. What a fault says is in words after the line; the list under the editor has the same for readers of the page.
 */
export function TextEditor({ text, faults, label, describedBy, area, onChange }: Editor) {
  const lines = useMemo(() => text.split('\n'), [text]);
  const messages = useMemo(() => byLine(faults), [faults]);
  const widest = lines.reduce((most, line) => Math.max(most, line.length), 0);
  return (
    <div className="editor" data-testid="editor">
      <div className="editor-text" style={{ height: lines.length * LINE_PX + 2 * PAD_PX }}>
        <div className="editor-gutter" aria-hidden="true">
          {lines.map((_, i) => (
            // The line's number is what it is.
            <span key={i} className={messages.has(i + 1) ? 'editor-faulty' : undefined} title={messages.get(i + 1)}>
              {messages.has(i + 1) ? '▸ ' : ''}
              {i + 1}
            </span>
          ))}
        </div>
        <div className="editor-area" style={{ minWidth: `${widest + 4}ch` }}>
          <div aria-hidden="true">
            {[...messages].map(([line, message]) => (
              <Remark key={line} line={line} after={lines[line - 1]?.length ?? 0}>
                {message}
              </Remark>
            ))}
          </div>
          <textarea
            ref={area}
            value={text}
            aria-label={label}
            aria-describedby={describedBy}
            aria-invalid={faults.length > 0}
            data-testid="charter-text"
            wrap="off"
            spellCheck={false}
            autoCapitalize="off"
            autoComplete="off"
            onChange={(event) => {
              onChange(event.currentTarget.value);
            }}
          />
        </div>
      </div>
    </div>
  );
}

function Remark({ line, after, children }: { line: number; after: number; children: ReactNode }) {
  return (
    <span className="editor-remark" style={{ top: (line - 1) * LINE_PX + PAD_PX, left: `${after + 3}ch` }} data-testid={`remark-${line}`}>
      {children}
    </span>
  );
}

function byLine(faults: readonly LineFault[]): ReadonlyMap<number, string> {
  const messages = new Map<number, string>();
  for (const { line, message } of faults) messages.set(line, [messages.get(line) ?? [], message].flat().join('; '));
  return messages;
}

/** Focuses the text with the whole line chosen, and brings it into view: the field itself does not scroll, so the browser would not. */
export function goToLine(area: RefObject<HTMLTextAreaElement | null>, line: number): void {
  const element = area.current;
  if (element === null) return;
  const lines = element.value.split('\n');
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  element.focus({ preventScroll: true });
  element.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  const box = element.closest('.editor');
  if (box === null) return;
  box.scrollTo({ top: Math.max(0, (line - 1) * LINE_PX - box.clientHeight / 2), left: 0 });
  box.scrollIntoView({ block: 'nearest' });
}

/** The faults that can be put beside a line. */
export function faultsWithLines(
  faults: readonly { readonly line: number | null; readonly path: string; readonly message: string }[],
): LineFault[] {
  return faults.flatMap(({ line, path, message }) =>
    line === null ? [] : [{ line, message: path === '' ? message : `${path}: ${message}` }],
  );
}
