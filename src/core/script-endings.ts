import type { ProcessType } from "./program.ts";

/** What runs a script when it does not say so itself, by the ending of its name. */
export const interpreterOfEnding: Readonly<
  Record<string, { type: ProcessType; names: readonly string[]; before?: readonly string[] }>
> = {
  ".js": { type: "node", names: ["node"] },
  ".mjs": { type: "node", names: ["node"] },
  ".cjs": { type: "node", names: ["node"] },
  ".ts": { type: "node", names: ["node"] },
  ".mts": { type: "node", names: ["node"] },
  ".py": { type: "python", names: ["python3", "python"] },
  ".sh": { type: "bash", names: ["bash"] },
  ".bash": { type: "bash", names: ["bash"] },
  ".rb": { type: "ruby", names: ["ruby"] },
  ".go": { type: "go", names: ["go"], before: ["run"] },
  ".lua": { type: "lua", names: ["lua", "luajit", "lua5.4", "lua5.3"] },
  ".php": { type: "php", names: ["php"] },
  ".pl": { type: "perl", names: ["perl"] },
};

/** The ending of a script that we know what runs it; undefined for any other file. */
export function endingOf(path: string): string | undefined {
  const match = /[^/](\.[a-z]+)$/.exec(path);
  return match?.[1] !== undefined && match[1] in interpreterOfEnding ? match[1] : undefined;
}
