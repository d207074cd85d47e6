/** Where a progress bar is drawn: standard error, so that the report can go into a file. */
type Terminal = { readonly isTTY?: boolean; readonly write: (text: string) => unknown };

const WIDTH = 30;

/** A bar that shows how far it is, on a terminal; nothing anywhere else. Draws only when the percentage changes. */
export function progressBar(terminal: Terminal): { readonly show: (done: number, of: number) => void; readonly clear: () => void } {
  let shown = -1;
  return {
    show: (done, of) => {
      const percent = of === 0 ? 100 : Math.floor((100 * done) / of);
      if (terminal.isTTY !== true || percent === shown) return;
      shown = percent;
      const filled = Math.round((WIDTH * percent) / 100);
      terminal.write(`\r[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${percent} % of ${of} entries`);
    },
    clear: () => {
      if (shown >= 0) terminal.write('\r\x1b[K');
      shown = -1;
    },
  };
}
