import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Home } from "./home.ts";

/** The folder that the home lies in: where orgs are, as nobody sets TETRA_DIR. */
export function tetraOf(home: Home): string {
  return dirname(home.path);
}

/** Where ORG/NAME is defined. */
export function definitionOf(home: Home, ref: string): string {
  const [org = "", name = ""] = ref.split("/");
  return join(tetraOf(home), "orgs", org, "tsm/services-available", `${name}.tsm`);
}

/** Writes a definition by hand; one that says nothing of an env file has none. Its path. */
export function define(home: Home, ref: string, text: string): string {
  const file = definitionOf(home, ref);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, /\bTSM_ENV/.test(text) ? text : `${text.replace(/(?<!\n)$/, "\n")}TSM_ENV=none\n`);
  return file;
}

/** The link ORG-NAME of an enabled service. */
export function enabledLink(home: Home, name: string): string {
  return join(home.path, "services-enabled", `${name}.tsm`);
}
