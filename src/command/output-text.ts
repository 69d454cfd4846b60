/** What was written, as text. */
export function textOf(output: string | Uint8Array): string {
  return typeof output === "string" ? output : Buffer.from(output.buffer, output.byteOffset, output.length).toString();
}
