const DIGIT = 1;
const LETTER = 2;
const UNDERSCORE = 4;

const classes = new Uint8Array(128);
for (let code = 48; code < 58; code += 1) classes[code] = DIGIT;
for (let code = 65; code < 91; code += 1) classes[code] = classes[code + 32] = LETTER;
classes[95] = UNDERSCORE;

/** Codes are UTF-16 units, NaN past the text's end. */
export const isDigit = (code: number): boolean => code >= 48 && code <= 57;

/** ASCII letters, and everything beyond Latin-1's signs: near enough to a letter for finding where words end. */
export const isLetter = (code: number): boolean => (code < 128 ? classes[code] === LETTER : code > 0xbf);

export const isAlphanumeric = (code: number): boolean => (code < 128 ? (classes[code] ?? 0) !== 0 && code !== 95 : code > 0xbf);

/** Letters, digits and the underscore. */
export const isWord = (code: number): boolean => (code < 128 ? (classes[code] ?? 0) !== 0 : code > 0xbf);
