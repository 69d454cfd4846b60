import type { Screen } from "../view/screen.ts";
import type { AnyVerb } from "./define.ts";
import { flagName, usageOf } from "./parse.ts";

const widest = 100;
/** Less room than this beside the names, and summaries go below them. */
const narrowest = 24;

/** One verb's page: what it does, what it takes, how it is typed. */
export function* helpFor(verb: AnyVerb, aliases: readonly string[], screen: Screen): Iterable<string> {
  const { paint } = screen;
  const width = Math.min(screen.columns ?? widest, widest);
  for (const line of wrap(`tsm ${usageOf(verb)}`, width, "")) yield paint.strong(line);
  yield* wrap(`${verb.summary}.${aliases.length > 0 ? ` Also: ${aliases.join(", ")}.` : ""}`, width, "  ");
  for (const paragraph of verb.details ?? []) {
    yield "";
    yield* wrap(paragraph, width, "  ");
  }
  const args = Object.values(verb.args).map((arg): [string, string] => [arg.type.label, arg.summary]);
  const flags = Object.entries(verb.flags).map(([key, spec]): [string, string] => {
    const short = spec.short === undefined ? "" : `-${spec.short}, `;
    const label = spec.type?.label;
    const value = label === undefined ? "" : spec.bare === undefined ? ` ${label}` : `[=${label}]`;
    // What is no word is told by the summary.
    const isWord = typeof spec.fallback === "string" || typeof spec.fallback === "number";
    const fallback = isWord ? ` (default ${spec.fallback})` : "";
    const also = spec.also === undefined ? "" : `; also ${spec.also.join(", ")}`;
    return [`${short}${flagName(key)}${value}`, `${spec.summary}${fallback}${also}`];
  });
  const common: [string, string][] = [
    ["--json", "The answer as JSON"],
    ["-h, --help", "This page"],
    [verb.flags["signal"]?.short === "s" ? "--silent" : "-s, --silent", "Say nothing of what is done, but for errors"],
    ["--no-color", "No colours"],
  ];
  yield* section("Takes", args, width, screen);
  yield* section("Flags", [...flags, ...common], width, screen);
  if (verb.ignores !== undefined) {
    yield "";
    yield* wrap(`Taken and ignored, for scripts of pm2: ${verb.ignores.join(", ")}.`, width, "  ");
  }
  yield "";
  yield paint.faint("Examples");
  for (const example of verb.examples) yield* wrap(`tsm ${example}`, width, "  ");
}

function* section(
  title: string,
  rows: readonly (readonly [string, string])[],
  width: number,
  { paint }: Screen,
): Iterable<string> {
  if (rows.length === 0) return;
  yield "";
  yield paint.faint(title);
  const left = Math.min(Math.max(...rows.map(([name]) => name.length)) + 2, 34);
  if (width - left - 2 < narrowest) {
    for (const [name, summary] of rows) {
      yield `  ${name}`;
      yield* wrap(summary, width, "      ");
    }
    return;
  }
  for (const [name, summary] of rows) {
    const [first = "", ...more] = [...wrap(summary, width - left - 2, "")];
    if (name.length + 2 > left) {
      yield `  ${name}`;
      yield `  ${" ".repeat(left)}${first}`;
    } else {
      yield `  ${name.padEnd(left)}${first}`;
    }
    for (const line of more) yield `  ${" ".repeat(left)}${line}`;
  }
}

/** A verb's names with its summary beside them, or below where there is no room. */
export function* verbLines(
  names: string,
  summary: string,
  width: number,
  paint: (names: string) => string = (text) => text,
): Iterable<string> {
  if (width - besideNames < narrowest) {
    for (const line of wrap(names, width, "  ")) yield paint(line);
    yield* wrap(summary, width, "      ");
    return;
  }
  const [first = "", ...more] = wrap(summary, width - besideNames, "");
  if (names.length > besideNames - 4) {
    for (const line of wrap(names, width, "  ")) yield paint(line);
    for (const line of [first, ...more]) yield `${" ".repeat(besideNames)}${line}`;
    return;
  }
  yield `  ${paint(names.padEnd(besideNames - 2))}${first}`;
  for (const line of more) yield `${" ".repeat(besideNames)}${line}`;
}

/** Columns up to where a summary begins. */
const besideNames = 26;

/** Words to lines of at most `width` columns; help is ASCII but for `…`, so a character is a column. */
export function* wrap(text: string, width: number, indent: string): Iterable<string> {
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent.length + line.length + 1 + word.length > width) {
      yield indent + line;
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  if (line !== "") yield indent + line;
}
