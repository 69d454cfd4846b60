import { scalarText } from "./section.ts";

/** What a stage of a Dockerfile, by default the last one, runs: ENTRYPOINT, then CMD. undefined when it does not say. */
export function dockerfileCommand(text: string, target: string | undefined): readonly string[] | undefined {
  let stage: Stage = { name: undefined, entrypoint: [], command: [] };
  for (const [keyword, rest] of instructionsOf(text)) {
    if (keyword === "FROM") {
      if (target !== undefined && stage.name === target) break;
      stage = { name: /\sAS\s+(\S+)/i.exec(rest)?.[1], entrypoint: [], command: [] };
    }
    if (keyword === "ENTRYPOINT") stage = { ...stage, entrypoint: wordsOf(rest), command: [] };
    if (keyword === "CMD") stage = { ...stage, command: wordsOf(rest) };
  }
  const words = [...stage.entrypoint, ...stage.command];
  return words.length === 0 ? undefined : words;
}

interface Stage {
  readonly name: string | undefined;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
}

/** A line each, what is continued by `\` being one. */
function* instructionsOf(text: string): Iterable<readonly [string, string]> {
  let open = "";
  for (const line of text.split("\n")) {
    if (/^\s*#/.test(line) || line.trim() === "") continue;
    const goesOn = line.trimEnd().endsWith("\\");
    open += goesOn ? `${line.trimEnd().slice(0, -1)} ` : line;
    if (goesOn) continue;
    const instruction = open.trim();
    open = "";
    const blank = instruction.search(/\s/);
    if (blank > 0) yield [instruction.slice(0, blank).toUpperCase(), instruction.slice(blank).trim()];
  }
}

/** `["node", "server.js"]` is exact; anything else is a shell's line. */
function wordsOf(rest: string): readonly string[] {
  if (rest.startsWith("[")) {
    try {
      const words: unknown = JSON.parse(rest);
      if (Array.isArray(words)) return words.map((word) => scalarText(word) ?? "");
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return ["sh", "-c", rest];
}
