import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { afterAll } from "vitest";

/** Bundles the toy shell, as the real program is bundled, for the tests of one file. The path of its entry. */
export async function buildToyShell(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "tsm-toy-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const bundle = await rolldown({ input: join(import.meta.dirname, "shell.ts"), platform: "node", logLevel: "silent" });
  await bundle.write({
    dir: folder,
    format: "esm",
    entryFileNames: "shell.mjs",
    chunkFileNames: "[name].mjs",
    minify: true,
  });
  await bundle.close();
  return join(folder, "shell.mjs");
}
