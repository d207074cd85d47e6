/** How deep brackets may be nested, and how many operators one policy may have: what Cedar's small stack still takes. */
const DEEPEST = 30;
const MOST_OPERATORS = 240;

/**
 * What Cedar must not be given, in words; null where there is nothing against the text. Nested brackets and long chains of operators (counted between
 * two semicolons) make its parser call itself. What gets past this costs a fresh Cedar, no more: see cedar-machine.ts.
 */
export function hostileText(text: string): string | null {
  let depth = 0;
  let operators = 0;
  const tokens = /"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|[([{]|[)\]}]|;|&&|\|\||[.+*!-]|\b(?:if|in|is|Set)\b/gu;
  for (const [token] of text.matchAll(tokens)) {
    if (token.startsWith('"') || token.startsWith('//')) continue;
    if (token === ';') operators = 0;
    else if ('([{'.includes(token)) depth += 1;
    else if (')]}'.includes(token)) depth = Math.max(0, depth - 1);
    else operators += 1;
    if (depth > DEEPEST) return `more than ${DEEPEST} brackets within each other: split the condition into policies of their own`;
    if (operators > MOST_OPERATORS)
      return `more than ${MOST_OPERATORS} operators in one policy: split it into several, or compare with a set`;
  }
  return null;
}
