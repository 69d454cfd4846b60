/**
 * What ends a line or moves a cursor and shows nothing: C0 and DEL, to stand within the brackets of a regular expression.
 * As text, since the linter takes such a character in an expression for a slip: where this is used it is meant.
 */
export const controlCharacters = String.raw`\u0000-\u001f\u007f`;

/** What begins a sequence of a terminal (ECMA-48), to stand in a regular expression in the same way. */
export const escapeCharacter = String.raw`\u001b`;
