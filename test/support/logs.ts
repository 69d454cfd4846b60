import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { onTestFinished } from "vitest";
import type { LogPaths, Stream } from "../../src/core/log-parts.ts";

/** A folder with the logs of one process, written by the test. */
export function makeLogs(): LogPaths {
  const folder = mkdtempSync(join(tmpdir(), "tsm-logs-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, out: join(folder, "current.out"), err: join(folder, "current.err") };
}

/** Lays a log down as rotations leave it: archives (oldest first), the live file, its state. */
export function layLog(folder: string, { archives = [], live = "", stream = "out", plain = false }: Laid): void {
  mkdirSync(folder, { recursive: true });
  for (const [index, text] of archives.entries()) {
    const path = join(folder, `current.${stream}.${archives.length - index}`);
    if (plain) writeFileSync(path, text);
    else writeFileSync(`${path}.gz`, gzipSync(text));
  }
  writeFileSync(join(folder, `current.${stream}`), live);
  const base = Buffer.byteLength(archives.join(""));
  if (base > 0) writeFileSync(join(folder, `rotation.${stream}`), JSON.stringify({ base }));
}

interface Laid {
  readonly archives?: readonly string[];
  readonly live?: string;
  readonly stream?: Stream;
  readonly plain?: boolean;
}

/** `line 3\nline 4\n` … */
export function numbered(from: number, to: number, word = "line"): string {
  return Array.from({ length: to - from + 1 }, (_, index) => `${word} ${from + index}\n`).join("");
}
