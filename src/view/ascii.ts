/** Printable ASCII, a column each and harmless: nearly every text, and no machinery is loaded for it. */
export function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text);
}
