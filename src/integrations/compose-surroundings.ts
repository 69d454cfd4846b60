import { resolve } from "node:path";
import type { ImportedApp, ImportSource } from "../core/imported-app.ts";
import { portIn } from "./amounts.ts";
import { jsonObject } from "./json-text.ts";
import { type Section, scalarText } from "./section.ts";

/** `./api:/app` as [inside, outside], of folders of this machine alone. */
export function mountsOf(section: Section, folder: string): readonly (readonly [string, string])[] {
  const value = section.value("volumes");
  if (!Array.isArray(value)) return [];
  const named: string[] = [];
  const mounts = value.flatMap((item): (readonly [string, string])[] => {
    const long = jsonObject(item);
    const [short, inside] =
      long === undefined
        ? (scalarText(item) ?? "").split(":")
        : [scalarText(long["source"]), scalarText(long["target"])];
    if (short !== undefined && inside !== undefined && /^[./~]/.test(short))
      return [[inside.replace(/(.)\/+$/, "$1"), resolve(folder, short)]];
    named.push(short ?? "?");
    return [];
  });
  if (named.length > 0)
    section.lost("volumes", `${named.slice(0, 5).join(", ")}: there is no volume here, only this machine's folders`);
  else if (mounts.length > 0)
    section.changed("volumes", "files are where they are on this machine, not where the container saw them");
  return mounts;
}

/** Where the command runs on this machine. */
export function folderOf(section: Section, folder: string, mounts: readonly (readonly [string, string])[]): string {
  const asked = section.text("working_dir");
  const build = section.value("build");
  const context = typeof build === "string" ? build : scalarText(jsonObject(build)?.["context"]);
  const built = context === undefined || /^[a-z+]+:\/\/|^git@/.test(context) ? undefined : resolve(folder, context);
  if (build !== undefined) section.changed("build", "nothing is built: the command runs in the folder as it is");
  if (asked !== undefined) {
    for (const [inside, outside] of mounts)
      if (asked === inside || asked.startsWith(`${inside}/`)) return resolve(outside, `.${asked.slice(inside.length)}`);
    section.changed("working_dir", `${asked} is a folder of the container: it is ${built ?? folder} here`);
  }
  return built ?? folder;
}

/** One file stays a file; the values of several are written down, as an app has one. */
export function environmentOf(section: Section, source: ImportSource): Pick<ImportedApp, "env" | "env_file"> {
  const own = section.variables("environment");
  const value = section.value("env_file");
  const listed = (Array.isArray(value) ? value : [value]).flatMap((item) => {
    const path = scalarText(item) ?? scalarText(jsonObject(item)?.["path"]);
    return path === undefined ? [] : [{ path, required: jsonObject(item)?.["required"] !== false }];
  });
  const there = listed.filter(({ path, required }) => {
    if (source.has(path)) return true;
    if (required) section.lost("env_file", `${path} is not there`);
    return false;
  });
  const [only, another] = there;
  if (only === undefined || another === undefined) {
    return { env: some(own), env_file: only === undefined ? undefined : resolve(source.folder, only.path) };
  }
  section.changed("env_file", "there are several: their values are written into env");
  const read = there.flatMap(({ path }) => [...(source.variables(path) ?? [])]);
  return { env: some({ ...Object.fromEntries(read), ...own }) };
}

/** What it listens on inside: on this machine there is no other port for it. */
export function portOf(section: Section, said: string | undefined): number | undefined {
  const value = section.value("ports");
  const listed = (Array.isArray(value) ? value : []).map((item) => {
    const long = jsonObject(item);
    if (long !== undefined) return { outside: scalarText(long["published"]), inside: scalarText(long["target"]) ?? "" };
    const [ports = ""] = (scalarText(item) ?? "").split("/");
    const parts = ports.split(":");
    return { outside: parts.at(-2), inside: parts.at(-1) ?? "" };
  });
  const one = listed.find((each) => portIn(each.inside) !== undefined);
  const shown = listed.filter((each) => each !== one).map((each) => each.inside.slice(0, 40));
  if (one === undefined) {
    if (shown.length > 0) section.lost("ports", `'${shown.join(", ")}' is not one port`);
    return undefined;
  }
  if (shown.length > 0)
    section.lost("ports", `${shown.join(", ")}: a process is known by one port; it may listen on more`);
  const inside = portIn(one.inside);
  if (one.outside !== undefined && one.outside !== one.inside)
    section.changed("ports", `was reached on ${one.outside}; here it listens on ${said ?? inside} itself`);
  return said === undefined ? inside : undefined;
}

function some<T extends object>(values: T): T | undefined {
  return Object.keys(values).length === 0 ? undefined : values;
}
