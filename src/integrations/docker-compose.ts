import { basename, resolve } from "node:path";
import { TsmError } from "../core/errors.ts";
import type { Imported, ImportSource } from "../core/imported-app.ts";
import { appNames } from "./app-names.ts";
import { appFrom } from "./compose-app.ts";
import { dockerfileCommand } from "./dockerfile.ts";
import { interpolate, type Unset } from "./interpolate.ts";
import { jsonObject, type Values } from "./json-text.ts";
import { collectRemarks, type Place, type Remarks, wholeFile } from "./remarks.ts";
import { Section, scalarText } from "./section.ts";
import { splitWords } from "./shell-words.ts";
import { parseYaml } from "./yaml-text.ts";

/** The services of a compose file that say what they run. An image cannot be carried. */
export function fromDockerCompose(source: ImportSource): Imported {
  const remarks = collectRemarks();
  const yaml = parseYaml(source.text, source.file);
  const dotEnv = source.variables(".env");
  const unset = new Map<string, Unset>();
  const value = interpolate(
    yaml.value,
    (name) => source.env[name] ?? dotEnv?.get(name),
    (missing) => unset.set(missing.name, missing),
  );
  const file = jsonObject(value);
  const services = jsonObject(file?.["services"]);
  if (file === undefined || services === undefined)
    throw new TsmError("BAD_DATA", `${source.file} has no services`, { hint: "As in docker-compose.yml" });
  for (const { name, required } of unset.values())
    remarks.lost(
      wholeFile,
      `\${${name}}`,
      required ? "must be set, and is not: it is empty" : "is not set: it is empty",
    );
  if (file["include"] !== undefined)
    remarks.lost(
      { app: null, line: yaml.lineOf(["include"]) },
      "include",
      "files that it names are imported by themselves",
    );
  const names = appNames(remarks);
  const found = Object.entries(services).flatMap(([name, described]) => {
    const at = { app: name, line: yaml.lineOf(["services", name]) };
    const values = extended(name, described, services, remarks, at);
    if (values === undefined) return [];
    const section = new Section(values, yaml, ["services", name], name, remarks);
    const words = commandOf(section, source);
    return words === undefined ? [] : [{ name: names.take(name, at), called: name, section, words }];
  });
  const hosts = new Set(Object.keys(services));
  const conditions = conditionsIn(services);
  const apps = found.map(({ name, called, section, words }) => {
    return appFrom(name, words, section, {
      source,
      names,
      remarks,
      hosts,
      called,
      conditions: conditions.get(called) ?? new Set(),
    });
  });
  return { apps, remarks: remarks.all };
}

/** A service with what `extends` names in the same file below it. */
function extended(
  name: string,
  described: unknown,
  services: Values,
  remarks: Remarks,
  place: Place,
): Values | undefined {
  let values = jsonObject(described);
  if (values === undefined) {
    remarks.lost(place, name, "describes nothing");
    return undefined;
  }
  const seen = new Set([name]);
  for (let next = values["extends"]; next !== undefined; ) {
    const base = typeof next === "string" ? next : scalarText(jsonObject(next)?.["service"]);
    const other = jsonObject(next)?.["file"];
    const below = base === undefined ? undefined : jsonObject(services[base]);
    if (base === undefined || below === undefined || other !== undefined || seen.has(base)) {
      const why = other !== undefined ? "another file is not read" : "leads to no service, or in a circle";
      remarks.lost(place, "extends", why);
      break;
    }
    seen.add(base);
    next = below["extends"];
    values = above(values, below);
  }
  const { extends: _extends, ...rest } = values;
  return rest;
}

/** What a service says, and what the one below it says where it says nothing. */
function above(values: Values, below: Values): Values {
  const [own, theirs] = [jsonObject(values["environment"]), jsonObject(below["environment"])];
  const both = own !== undefined && theirs !== undefined ? { environment: { ...theirs, ...own } } : {};
  return { ...below, ...values, ...both };
}

/** Entrypoint and command, word for word; undefined when the image alone knows. */
function commandOf(section: Section, source: ImportSource): readonly string[] | undefined {
  const entrypoint = wordsOf(section, "entrypoint");
  const command = wordsOf(section, "command");
  if (entrypoint === null || command === null) return undefined;
  const words = [...(entrypoint ?? []), ...(command ?? [])];
  const image = section.text("image");
  const build = section.value("build");
  if (words.length > 0) return words;
  if (build !== undefined) {
    const built = builtCommand(build, source);
    if (built !== undefined) return built;
    section.lost("build", "no Dockerfile says what it runs: give it a command here and import again");
  } else {
    const what =
      image === undefined
        ? "it has no command"
        : `what it runs is in the image ${image}: leave it to docker, or install it`;
    section.lost(image === undefined ? "command" : "image", what);
  }
  return undefined;
}

/** What the Dockerfile of a folder runs. */
function builtCommand(build: unknown, { folder, matching }: ImportSource): readonly string[] | undefined {
  const values = jsonObject(build);
  const context = scalarText(build) ?? scalarText(values?.["context"]) ?? ".";
  const file = resolve(folder, context, scalarText(values?.["dockerfile"]) ?? "Dockerfile");
  const [found] = matching(file);
  return found === undefined ? undefined : dockerfileCommand(found.text, scalarText(values?.["target"]));
}

/** null: what is there cannot be read, which is said. */
function wordsOf(section: Section, key: string): readonly string[] | undefined | null {
  const value = section.value(key);
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return section.texts(key);
  const words = splitWords(section.text(key) ?? "");
  if (words !== undefined) return words;
  section.lost(key, "its quote is never closed");
  return null;
}

/** Of each service what those that need it wait for. */
function conditionsIn(services: Values): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const service of Object.values(services)) {
    for (const [name, how] of Object.entries(jsonObject(jsonObject(service)?.["depends_on"]) ?? {})) {
      const conditions = found.get(name) ?? new Set();
      found.set(name, conditions.add(scalarText(jsonObject(how)?.["condition"]) ?? ""));
    }
  }
  return found;
}

/** What a compose file is called where nobody says. */
export function isComposeName(file: string): boolean {
  return /^(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml$/.test(basename(file));
}
