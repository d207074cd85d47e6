/**
 * A cell that no spreadsheet runs as a formula: one that begins like a formula gets an apostrophe before it, which spreadsheets take as "this is
 * text". Numbers are left as they are.
 */
export function safeCell(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'string') return String(value);
  // Leading blanks do not keep a spreadsheet from seeing the formula.
  return /^\s*[=+\-@\t\r]/.test(value) || /^[\t\r\n]/.test(value) ? `'${value}` : value;
}
