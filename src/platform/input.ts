/** What is written to this program, up to its end or to so many bytes. */
export async function readInput(mostBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  // Piece by piece: whoever writes may never end.
  for await (const part of process.stdin) {
    const bytes = Buffer.from(part);
    parts.push(bytes);
    length += bytes.length;
    if (length >= mostBytes) break;
  }
  return Buffer.concat(parts).subarray(0, mostBytes);
}
