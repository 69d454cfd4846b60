import { join, resolve } from "node:path";
import type { World } from "./world.ts";

/** What `start` looks for where no file is named. */
const usualNames = [
  "ecosystem.config.cjs",
  "ecosystem.config.js",
  "ecosystem.config.mjs",
  "ecosystem.config.ts",
  "ecosystem.json",
  "ecosystem.config.json",
  "ecosystem.yaml",
  "ecosystem.yml",
  "ecosystem.config.yaml",
  "ecosystem.config.yml",
] as const;

/** Is this word the name of such a file, or standard input? Says nothing about whether there is one. */
export function isEcosystemWord(word: string): boolean {
  return word === "-" || /\.(?:json|ya?ml|config\.[cm]?[jt]s)$/.test(word);
}

/** The file that a word means, whether it is there or not. */
export function ecosystemPath({ cwd }: Pick<World, "cwd">, word: string): string {
  return word === "-" ? word : resolve(cwd, word);
}

/** The one in the caller's folder; undefined when there is none. */
export function usualEcosystem({ platform: { files }, cwd }: World): string | undefined {
  return usualNames.map((name) => join(cwd, name)).find((path) => files.kind(path) === "file");
}
