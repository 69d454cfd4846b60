import { TsmError } from "./errors.ts";
import { parsedJson } from "./parsed-json.ts";
import { validPort } from "./port-choice.ts";
import { type Promised, promiseIn } from "./port-registry.ts";

/** How ports are written for others. */
export const portFormats = ["text", "json", "env", "toml"] as const;
export type PortFormat = (typeof portFormats)[number];

/** Lines of `name:port`, an object, variables `NAME_PORT`, or a table `[ports]`. */
export function exportPorts(promised: readonly Promised[], format: PortFormat): string {
  switch (format) {
    case "text":
      return promised.map(({ name, port }) => `${name}:${port}`).join("\n");
    case "json":
      return JSON.stringify(Object.fromEntries(promised.map(({ name, port }) => [name, port])), null, 2);
    case "env":
      return variables(promised);
    case "toml":
      return ["[ports]", ...promised.map(({ name, port }) => `${keyOf(name)} = ${port}`)].join("\n");
  }
}

/** A variable cannot hold every name: a comment before it does. Two names never make one variable. */
function variables(promised: readonly Promised[]): string {
  const taken = new Set<string>();
  const lines = promised.flatMap(({ name, port }) => {
    let variable = variableOf(name);
    for (let count = 2; taken.has(variable); count += 1) variable = variableOf(`${name}_${count}`);
    taken.add(variable);
    return [...(nameOf(variable) === name ? [] : [`# name: ${name}`]), `${variable}=${port}`];
  });
  return lines.join("\n");
}

/** Any of them. @throws TsmError BAD_DATA with the first that is none */
export function parsePorts(text: string, file: string): Promised[] {
  return /^\s*\{/.test(text) ? fromJson(text, file) : fromLines(text, file);
}

function fromJson(text: string, file: string): Promised[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw bad(file, "is not valid JSON");
  }
  if (typeof value !== "object" || value === null) throw bad(file, "is not an object");
  const fields = new Map<string, unknown>(Object.entries(value));
  const ports = fields.get("ports");
  // What others write may keep them one level down.
  const inner = typeof ports === "object" && ports !== null ? Object.entries(ports) : [...fields];
  return inner.map(([name, port]) => {
    const number = validPort(String(port));
    if (number === undefined) throw bad(file, `says ${JSON.stringify(port)} of '${name}', which is not a port`);
    return { name, port: number };
  });
}

/**
 * `name:port`, `NAME_PORT=port`, before which a comment may say the name, and `name = port`. Tables that are not
 * `[ports]` say other things.
 */
function fromLines(text: string, file: string): Promised[] {
  let told: string | undefined;
  let isPorts = true;
  return text.split("\n").flatMap((line, index): Promised[] => {
    const before = told;
    told = /^# name: (.+)$/.exec(line)?.[1];
    const head = /^\s*\[\s*"?([^\]"]*?)"?\s*\]\s*(?:#.*)?$/.exec(line)?.[1];
    if (head !== undefined) isPorts = head === "ports";
    if (head !== undefined || !isPorts || /^\s*(?:#.*)?$/.test(line)) return [];
    const [, variable, key, quoted, digits = ""] =
      /^\s*(?:(?:export\s+)?(_?[A-Z0-9][A-Z0-9_]*_PORT|_PORT)|([\w.-]+)|("(?:[^"\\]|\\.)*"))\s*=\s*["']?(\d+)["']?\s*(?:#.*)?$/.exec(
        line,
      ) ?? [];
    const name = variable === undefined ? (key ?? (quoted && unquoted(quoted))) : (before ?? nameOf(variable));
    const port = validPort(digits);
    if (name !== undefined && port !== undefined) return [{ name, port }];
    const promised = promiseIn(line);
    if (promised !== undefined) return [promised];
    throw bad(file, `line ${index + 1} is not a name with its port: ${line.trim().slice(0, 60)}`);
  });
}

function unquoted(word: string): string | undefined {
  const value = parsedJson(word);
  return typeof value === "string" ? value : undefined;
}

function bad(file: string, what: string): TsmError {
  return new TsmError("BAD_DATA", `${file}: ${what}`, { hint: "Nothing was imported. A line is name:port" });
}

function variableOf(name: string): string {
  const upper = name.toUpperCase().replaceAll(/[^A-Z0-9]+/g, "_");
  return `${/^\d/.test(upper) ? "_" : ""}${upper}_PORT`;
}

function nameOf(variable: string): string {
  return variable
    .replace(/_PORT$/, "")
    .toLowerCase()
    .replaceAll("_", "-");
}

function keyOf(name: string): string {
  // What looks like a variable would come back as the name that it stands for.
  return /^[\w-]+$/.test(name) && !name.endsWith("_PORT") ? name : JSON.stringify(name);
}
