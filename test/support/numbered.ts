import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Home } from "./home.ts";
import { folderOf } from "./managed.ts";

/** Writes `NAME 0`, `NAME 1`, … as fast as it can, in bursts with a breath between them so that the disk lasts. */
export function numberedWriter(
  home: Home,
  options: { readonly writers?: number; readonly burst?: number } = {},
): string {
  const { writers = 1, burst = 1000 } = options;
  const path = join(home.folder, "writer.sh");
  writeFileSync(
    path,
    `write() { local i=0; while :; do echo "$1 $i"; i=$((i + 1)); ((i % ${burst})) || read -t 0.01 <> <(:); done; }
for name in ${Array.from({ length: writers - 1 }, (_, at) => `child${at}`).join(" ")}; do write "$name" & done
write main
`,
  );
  return path;
}

/** All that a process has written to stdout: archives, oldest first, then the live log. */
export function wholeLog(home: Home, name: string, stream = "out"): Buffer {
  const folder = folderOf(home, name);
  const archives = readdirSync(folder)
    .flatMap((file) => {
      const [, number, ending] = new RegExp(`^current\\.${stream}\\.(\\d+)(\\.gz)?$`).exec(file) ?? [];
      return number === undefined ? [] : [{ number: Number(number), file, isPlain: ending === undefined }];
    })
    .sort((a, b) => b.number - a.number);
  return Buffer.concat([
    ...archives.map(({ file, isPlain }) => {
      const bytes = readFileSync(join(folder, file));
      return isPlain ? bytes : gunzipSync(bytes);
    }),
    readFileSync(join(folder, `current.${stream}`)),
  ]);
}

/** What is wrong with numbered lines: a number left out, doubled, or out of order. Empty when nothing is. */
export function faultsIn(log: Buffer): string[] {
  const next = new Map<string, number>();
  const faults: string[] = [];
  const lines = log.toString("utf8").split("\n");
  if (lines.pop() !== "") faults.push("the last line has no end");
  for (const [at, line] of lines.entries()) {
    const [name = "", number] = line.split(" ");
    const expected = next.get(name) ?? 0;
    if (String(expected) !== number)
      faults.push(`line ${at}: '${line.slice(0, 40)}' where ${name} ${expected} should be`);
    next.set(name, Number(number) + 1);
    if (faults.length > 5) break;
  }
  return faults;
}
