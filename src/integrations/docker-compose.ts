import { basename, resolve } from "node:path";
import { TsmError } from "../core/errors.ts";
import type { Imported, ImportedApp, ImportSource } from "../core/imported-app.ts";
import { composeSize, goDuration, portIn } from "./amounts.ts";
import { type AppNames, appNames, neededApps } from "./app-names.ts";
import { interpolate, type Unset } from "./interpolate.ts";
import { jsonObject, type Values } from "./json-text.ts";
import { collectRemarks, type Place, type Remarks, wholeFile } from "./remarks.ts";
import { Section, scalarText } from "./section.ts";
import { scriptOf, splitWords } from "./shell-words.ts";
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
    const words = commandOf(section);
    return words === undefined ? [] : [{ name: names.take(name, at), called: name, section, words }];
  });
  const hosts = Object.keys(services);
  const apps = found.map(({ name, called, section, words }) => {
    const waitedFor = isWaitedFor(called, services);
    return appFrom(name, words, section, {
      source,
      names,
      remarks,
      hosts: hosts.filter((host) => host !== called),
      waitedFor,
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
function commandOf(section: Section): readonly string[] | undefined {
  const entrypoint = wordsOf(section, "entrypoint");
  const command = wordsOf(section, "command");
  if (entrypoint === null || command === null) return undefined;
  const words = [...(entrypoint ?? []), ...(command ?? [])];
  const image = section.text("image");
  const build = section.value("build");
  if (words.length > 0) return words;
  if (build !== undefined) {
    section.lost("build", "what it runs stands in its Dockerfile: give it a command here and import again");
  } else {
    const what =
      image === undefined
        ? "it has no command"
        : `what it runs is in the image ${image}: leave it to docker, or install it`;
    section.lost(image === undefined ? "command" : "image", what);
  }
  return undefined;
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

interface Around {
  readonly source: ImportSource;
  readonly names: AppNames;
  readonly remarks: Remarks;
  /** The other services: the names that docker's network has for them. */
  readonly hosts: readonly string[];
  /** Does another one wait until it is healthy? */
  readonly waitedFor: boolean;
}

function appFrom(name: string, words: readonly string[], section: Section, around: Around): ImportedApp {
  const { source, names, remarks, hosts } = around;
  const mounts = mountsOf(section, source.folder);
  const environment = environmentOf(section, source);
  for (const [key, value] of Object.entries(environment.env ?? {})) {
    const host = hosts.find((each) => new RegExp(`(?:^|[/@,=])${escaped(each)}(?=[:/,?]|$)`).test(value));
    if (host !== undefined)
      section.changed("environment", `${key} names the host '${host}', which docker alone knows: here it is localhost`);
  }
  const app: ImportedApp = {
    name,
    ...scriptOf(words),
    cwd: folderOf(section, source.folder, mounts),
    port: portOf(section, environment.env?.["PORT"]),
    ...environment,
    instances: instancesOf(section),
    depends_on: dependsOf(section, names, remarks),
    autostart: section.texts("profiles").length > 0 ? profiled(section) : undefined,
    ...restartOf(section),
    ...endOf(section),
    ...healthOf(section, around.waitedFor),
    max_memory_restart: memoryOf(section),
    log: logOf(section),
  };
  const image = section.text("image");
  if (image !== undefined)
    section.changed("image", `${image}: what the command needs has to be installed on this machine`);
  for (const key of section.rest())
    if (!key.startsWith("x-") && !harmless.has(key))
      section.lost(key, whyNot.get(key) ?? "means nothing outside a container");
  return app;
}

/** `./api:/app` as [inside, outside], of folders of this machine alone. */
function mountsOf(section: Section, folder: string): readonly (readonly [string, string])[] {
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

function folderOf(section: Section, folder: string, mounts: readonly (readonly [string, string])[]): string {
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
function environmentOf(section: Section, source: ImportSource): Pick<ImportedApp, "env" | "env_file"> {
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
function portOf(section: Section, said: string | undefined): number | undefined {
  const value = section.value("ports");
  const listed = (Array.isArray(value) ? value : []).map((item) => {
    const long = jsonObject(item);
    if (long !== undefined) return { outside: scalarText(long["published"]), inside: scalarText(long["target"]) ?? "" };
    const [ports = ""] = (scalarText(item) ?? "").split("/");
    const parts = ports.split(":");
    return { outside: parts.at(-2), inside: parts.at(-1) ?? "" };
  });
  const [first, ...more] = listed;
  if (first === undefined) return undefined;
  const inside = portIn(first.inside);
  if (inside === undefined) {
    section.lost("ports", `'${first.inside.slice(0, 40)}' is no one port`);
    return undefined;
  }
  if (more.length > 0)
    section.lost(
      "ports",
      `${more.map((each) => each.inside.slice(0, 20)).join(", ")}: a process is known by one port; it may listen on more`,
    );
  if (first.outside !== undefined && first.outside !== first.inside)
    section.changed("ports", `was reached on ${first.outside}; here it listens on ${said ?? inside} itself`);
  return said === undefined ? inside : undefined;
}

function instancesOf(section: Section): number | undefined {
  const replicas =
    section.number("scale") ?? Number(scalarText(jsonObject(section.values["deploy"])?.["replicas"]) ?? 1);
  return Number.isInteger(replicas) && replicas > 1 && replicas <= 1000 ? replicas : undefined;
}

function dependsOf(section: Section, names: AppNames, remarks: Remarks): readonly string[] | undefined {
  const value = section.value("depends_on");
  const wanted = Array.isArray(value) ? section.texts("depends_on") : Object.keys(jsonObject(value) ?? {});
  for (const [name, how] of Object.entries(jsonObject(value) ?? {}))
    if (jsonObject(how)?.["condition"] === "service_completed_successfully")
      section.changed("depends_on", `'${name}' is waited for until it is up, not until it has ended`);
  return neededApps(wanted, names, remarks, section.place("depends_on"));
}

function profiled(section: Section): false {
  section.changed("profiles", "it is not started with the others (autostart: false)");
  return false;
}

function restartOf(section: Section): Pick<ImportedApp, "autorestart" | "max_restarts" | "restart_delay"> {
  const policy = jsonObject(jsonObject(section.values["deploy"])?.["restart_policy"]);
  if (policy !== undefined) {
    const condition = scalarText(policy["condition"]) ?? "any";
    const attempts = Number(scalarText(policy["max_attempts"]) ?? Number.NaN);
    return {
      autorestart: condition === "on-failure" ? condition : condition !== "none",
      max_restarts: Number.isInteger(attempts) && attempts >= 0 ? attempts : undefined,
      restart_delay: goDuration(scalarText(policy["delay"]) ?? ""),
    };
  }
  const said = section.text("restart") ?? "no";
  const [, count] = /^on-failure(?::(\d+))?$/.exec(said) ?? [];
  if (said.startsWith("on-failure"))
    return { autorestart: "on-failure", max_restarts: count === undefined ? undefined : Number(count) };
  return { autorestart: said === "always" || said === "unless-stopped" };
}

function endOf(section: Section): Pick<ImportedApp, "kill_signal" | "kill_timeout"> {
  const signal = section.text("stop_signal")?.toUpperCase();
  const grace = section.text("stop_grace_period");
  const timeout = grace === undefined ? undefined : goDuration(grace);
  if (grace !== undefined && timeout === undefined)
    section.lost("stop_grace_period", `'${grace.slice(0, 40)}' is no length of time`);
  return {
    kill_signal: signal === undefined ? undefined : signal.startsWith("SIG") ? signal : `SIG${signal}`,
    kill_timeout: timeout,
  };
}

/** Asked on this machine, as docker asks it in the container. */
function healthOf(section: Section, waitedFor: boolean): Partial<ImportedApp> {
  const check = section.part("healthcheck");
  if (check === undefined || check.truth("disable") === true) return {};
  const test = check.values["test"];
  const [kind, ...words] = Array.isArray(test)
    ? test.map((word) => scalarText(word) ?? "")
    : ["CMD-SHELL", scalarText(test) ?? ""];
  if (kind === "NONE") return {};
  const command = kind === "CMD" ? words.map(quoted).join(" ") : (words[0] ?? "");
  if (command.trim() === "") {
    section.lost("healthcheck", "says nothing to be run");
    return {};
  }
  section.changed("healthcheck", "is asked on this machine, and restarts what fails it");
  const interval = goDuration(check.text("interval") ?? "");
  const start = goDuration(check.text("start_period") ?? "");
  return {
    health: `cmd:${command}`,
    health_interval: interval,
    health_failures: check.number("retries"),
    ...(waitedFor ? { ready: `cmd:${command}`, ready_timeout: start === undefined ? undefined : start + 30_000 } : {}),
  };
}

function isWaitedFor(name: string, services: Values): boolean {
  return Object.values(services).some((service) => {
    const needed = jsonObject(jsonObject(jsonObject(service)?.["depends_on"])?.[name]);
    return needed?.["condition"] === "service_healthy";
  });
}

function memoryOf(section: Section): string | number | undefined {
  const limits = jsonObject(jsonObject(jsonObject(section.value("deploy"))?.["resources"])?.["limits"]);
  const said = section.text("mem_limit") ?? scalarText(limits?.["memory"]);
  const size = said === undefined ? undefined : composeSize(said);
  if (size !== undefined && size !== 0) {
    section.changed(
      section.values["mem_limit"] === undefined ? "deploy" : "mem_limit",
      "it is restarted when it uses more, and not stopped from using it",
    );
    return size;
  }
  return undefined;
}

function logOf(section: Section): ImportedApp["log"] {
  const logging = section.part("logging");
  const options = jsonObject(logging?.values["options"]);
  const size = composeSize(scalarText(options?.["max-size"]) ?? "");
  const keep = Number(scalarText(options?.["max-file"]) ?? Number.NaN);
  const driver = logging?.text("driver");
  if (driver !== undefined && driver !== "json-file" && driver !== "local")
    section.lost("logging", `${driver}: logs are files here`);
  if (size === undefined && !Number.isInteger(keep)) return undefined;
  return { max_size: size === undefined ? undefined : String(size), keep: Number.isInteger(keep) ? keep : undefined };
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function some<T extends object>(values: T): T | undefined {
  return Object.keys(values).length === 0 ? undefined : values;
}

/** Said of a container, and true or of no matter here. */
const harmless: ReadonlySet<string> = new Set([
  "container_name",
  "hostname",
  "expose",
  "tty",
  "stdin_open",
  "init",
  "platform",
  "pull_policy",
  "develop",
  "deploy",
]);

const whyNot: ReadonlyMap<string, string> = new Map([
  ["networks", "there is one network here, this machine's"],
  ["network_mode", "there is one network here, this machine's"],
  ["links", "there is one network here, this machine's"],
  ["extra_hosts", "/etc/hosts is this machine's"],
  ["dns", "names are resolved as this machine does"],
  ["user", "a user of the image; uid runs it as one of this machine (root only)"],
  ["secrets", "a file of this machine, or env_file, holds it"],
  ["configs", "a file of this machine holds it"],
  ["cpus", "nice says how far a process stands back"],
  ["ulimits", "tsm start --limit-nofile sets one"],
]);

/** What a compose file is called where nobody says. */
export function isComposeName(file: string): boolean {
  return /^(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml$/.test(basename(file));
}
