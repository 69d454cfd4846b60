import type { ImportedApp, ImportSource } from "../core/imported-app.ts";
import { composeSize, goDuration } from "./amounts.ts";
import { type AppNames, neededApps } from "./app-names.ts";
import { environmentOf, folderOf, mountsOf, portOf } from "./compose-surroundings.ts";
import { jsonObject, type Values } from "./json-text.ts";
import type { Remarks } from "./remarks.ts";
import { type Section, scalarText } from "./section.ts";
import { quoted, scriptOf } from "./shell-words.ts";

interface Around {
  readonly source: ImportSource;
  readonly names: AppNames;
  readonly remarks: Remarks;
  /** As the file calls it. */
  readonly called: string;
  /** The names that docker's network has for the services. */
  readonly hosts: ReadonlySet<string>;
  /** What others that need it wait for: `service_healthy` and so on. */
  readonly conditions: ReadonlySet<string>;
}

/** A service whose words are known, as an app. */
export function appFrom(name: string, words: readonly string[], section: Section, around: Around): ImportedApp {
  const { source, names, remarks, hosts } = around;
  const mounts = mountsOf(section, source.folder);
  const environment = environmentOf(section, source);
  for (const [key, value] of Object.entries(environment.env ?? {})) {
    const host = hostIn(key, value, hosts);
    if (host !== undefined && host !== around.called)
      section.changed("environment", `${key} names the host '${host}', which docker alone knows: here it is localhost`);
  }
  const app: ImportedApp = {
    name,
    ...scriptOf(words),
    cwd: folderOf(section, source.folder, mounts),
    ...instancesOf(section, environment, portOf(section, environment.env?.["PORT"])),
    depends_on: dependsOf(section, names, remarks),
    autostart: autostartOf(section, around.conditions),
    ...restartOf(section),
    ...endOf(section),
    ...healthOf(section, around.conditions.has("service_healthy")),
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

/** In containers of their own they may all listen on one port; on one machine they cannot. */
function instancesOf(
  section: Section,
  environment: Pick<ImportedApp, "env" | "env_file">,
  port: number | undefined,
): Partial<ImportedApp> {
  const replicas = section.number("scale") ?? Number(scalarText(deployOf(section)?.["replicas"]) ?? 1);
  if (!Number.isInteger(replicas) || replicas <= 1) return { port, ...environment };
  if (replicas > mostInstances) {
    section.lost("deploy", `${replicas} replicas are more than ${mostInstances}`);
    return { port, ...environment };
  }
  const first = environment.env?.["PORT"] ?? port;
  if (first === undefined) return { ...environment, instances: replicas };
  section.changed(
    "deploy",
    `its ${replicas} replicas listen on ports of their own here, from ${first} on (increment_var)`,
  );
  const env = { ...environment.env, PORT: String(first) };
  return { ...environment, env, instances: replicas, increment_var: "PORT" };
}

const mostInstances = 1000;

function deployOf(section: Section): Values | undefined {
  return jsonObject(section.value("deploy"));
}

function dependsOf(section: Section, names: AppNames, remarks: Remarks): readonly string[] | undefined {
  const value = section.value("depends_on");
  const conditions = Object.entries(jsonObject(value) ?? {}).map(
    ([name, how]) => [name, scalarText(jsonObject(how)?.["condition"])] as const,
  );
  const wanted = Array.isArray(value) ? section.texts("depends_on") : conditions.map(([name]) => name);
  const ending = conditions.filter(([, how]) => how === "service_completed_successfully").map(([name]) => name);
  for (const name of ending) section.lost("depends_on", `nothing here waits for an end: run '${name}' first`);
  const staying = wanted.filter((name) => !ending.includes(name));
  return neededApps(staying, names, remarks, section.place("depends_on"));
}

function autostartOf(section: Section, conditions: ReadonlySet<string>): false | undefined {
  const isProfiled = section.texts("profiles").length > 0;
  if (isProfiled) section.changed("profiles", "it is not started with the others (autostart: false)");
  else if (conditions.has("service_completed_successfully"))
    section.changed("restart", "it runs once and ends: it is not started with the others (autostart: false)");
  return isProfiled || conditions.has("service_completed_successfully") ? false : undefined;
}

function restartOf(section: Section): Pick<ImportedApp, "autorestart" | "max_restarts" | "restart_delay"> {
  const policy = jsonObject(deployOf(section)?.["restart_policy"]);
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
    section.lost("stop_grace_period", `'${grace.slice(0, 40)}' is not a length of time`);
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
  // Where it is waited for, it is how long a start may take.
  for (const key of ["timeout", "start_interval", ...(waitedFor ? [] : ["start_period"])])
    if (check.text(key) !== undefined) section.lost("healthcheck", `${key} cannot be set here`);
  const interval = goDuration(check.text("interval") ?? "");
  const start = goDuration(check.text("start_period") ?? "");
  return {
    health: `cmd:${command}`,
    health_interval: interval,
    health_failures: check.number("retries"),
    ...(waitedFor ? { ready: `cmd:${command}`, ready_timeout: start === undefined ? undefined : start + 30_000 } : {}),
  };
}

function memoryOf(section: Section): string | number | undefined {
  const limits = jsonObject(jsonObject(deployOf(section)?.["resources"])?.["limits"]);
  if (limits?.["cpus"] !== undefined) section.lost("deploy", `cpus: ${whyNot.get("cpus")}`);
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

/** `db` in `postgres://u@db:5432/x`; alone, only where the name of the variable speaks of a host. */
function hostIn(key: string, value: string, hosts: ReadonlySet<string>): string | undefined {
  if (hosts.has(value)) return /HOST|UR[IL]|ADDR|SERVER|DSN|BROKER/i.test(key) ? value : undefined;
  if (!/[:@,]/.test(value)) return undefined;
  for (const [, name = ""] of value.matchAll(/(?:\/\/|@|,|^)([\w.-]+)(?=:\d|[/,?]|$)/g))
    if (hosts.has(name)) return name;
  return undefined;
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
