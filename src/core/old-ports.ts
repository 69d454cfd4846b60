import { isAbsolute } from "node:path";
import { isErrno } from "./errors.ts";
import { mostBytes } from "./old-facts.ts";
import { validPort } from "./port-choice.ts";
import { type Promised, promiseIn } from "./port-registry.ts";
import type { World } from "./world.ts";

/** The ports that an older TSM had on its list, by the name of the service. Read once: from now on they stand in the records. */
export function oldPorts(world: World): {
  readonly ports: ReadonlyMap<string, number>;
  readonly file: string | undefined;
  /** Lines that give no port to a name, in words. */
  readonly strange: readonly string[];
} {
  const asked = world.env["TSM_PORTS_FILE"];
  const own = asked !== undefined && isAbsolute(asked) ? asked : undefined;
  const ports = new Map<string, number>();
  const strange: string[] = [];
  for (const path of [`${world.home.root}/runtime/ports/registry.tsv`, own]) {
    for (const [index, line] of linesOf(world, path).entries()) {
      if (/^\s*(?:#|$)/.test(line)) continue;
      const found = line.includes("\t") ? promiseInColumns(line) : promiseIn(line);
      if (found !== undefined) ports.set(found.name, found.port);
      else if (!isHeading(line)) strange.push(`${path}: line ${index + 1} is no NAME:PORT: ${line.slice(0, 100)}`);
    }
  }
  return { ports, file: own !== undefined && linesOf(world, own).length > 0 ? own : undefined, strange };
}

/** id, name, port. */
function promiseInColumns(line: string): Promised | undefined {
  const [name = "", digits = ""] = line.split("\t").slice(1, 3);
  const port = validPort(digits.trim());
  return port === undefined || name.trim() === "" ? undefined : { name: name.trim(), port };
}

/** The first line of registry.tsv, and what it says of a process without a port. */
function isHeading(line: string): boolean {
  return line.includes("\t") && !/^[^\t]*\t[^\t]*\t\s*\d/.test(line);
}

function linesOf({ platform: { files } }: World, path: string | undefined): string[] {
  if (path === undefined) return [];
  try {
    if (files.kind(path) !== "file" || (files.stat(path)?.size ?? 0) > mostBytes) return [];
    const text = files.readText(path) ?? "";
    return text.trim() === "" ? [] : text.split("\n");
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM", "ELOOP", "ENAMETOOLONG", "EIO")) return [];
    throw error;
  }
}
