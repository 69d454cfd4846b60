import { resolve } from "node:path";
import { TsmError } from "../core/errors.ts";
import type { Imported, ImportedApp, ImportSource } from "../core/imported-app.ts";
import { type AppNames, appNames, neededApps } from "./app-names.ts";
import { inEveryText, interpolate } from "./interpolate.ts";
import { jsonObject, type Values } from "./json-text.ts";
import { collectRemarks, type Remarks, wholeFile } from "./remarks.ts";
import { Section, scalarText } from "./section.ts";
import { scriptOf, scriptOfLine } from "./shell-words.ts";
import { parseYaml } from "./yaml-text.ts";

/** The processes of a process-compose.yaml. */
export function fromProcessCompose(source: ImportSource): Imported {
  const remarks = collectRemarks();
  const yaml = parseYaml(source.text, source.file);
  const file = jsonObject(filledIn(yaml.value, source, remarks));
  const processes = jsonObject(file?.["processes"]);
  if (file === undefined || processes === undefined)
    throw new TsmError("BAD_DATA", `${source.file} has no processes`, { hint: "As in process-compose.yaml" });
  const whole = new Section(file, yaml, [], null, remarks);
  const common = whole.variables("environment");
  for (const [key, what] of wholeFileAlone) if (whole.values[key] !== undefined) whole.lost(key, what);
  const names = appNames(remarks);
  const waitedToEnd = new Set(Object.values(processes).flatMap(endsNeeded));
  const found = Object.entries(processes).flatMap(([called, described]) => {
    const at = { app: called, line: yaml.lineOf(["processes", called]) };
    const values = jsonObject(described);
    if (values === undefined) {
      remarks.lost(at, called, "describes nothing");
      return [];
    }
    const notFilled = new Set<string>();
    const filled = withVars(values, jsonObject(whole.value("vars")), (key) => notFilled.add(key));
    const section = new Section(filled, yaml, ["processes", called], called, remarks);
    for (const key of notFilled) section.changed(key, "{{…}} is not filled in here");
    const program = programOf(section);
    const runsOnce = waitedToEnd.has(called);
    return program === undefined ? [] : [{ name: names.take(called, at), section, program, runsOnce }];
  });
  const dotEnv = source.has(".env") ? `${source.folder}/.env` : undefined;
  const apps = found.map(({ name, section, program, runsOnce }) =>
    appFrom(name, program, section, { source, names, remarks, common, dotEnv, runsOnce }),
  );
  if (dotEnv !== undefined && apps.some(({ env_file: file }) => file !== dotEnv))
    remarks.changed(wholeFile, ".env", "is not read by what has an env_file of its own: an app has one");
  return { apps, remarks: remarks.all };
}

/** Each `$VAR` of the file, from the environment and its `.env`; those of a command are left to the shell that runs it. */
function filledIn(raw: unknown, source: ImportSource, remarks: Remarks): unknown {
  const asWritten = jsonObject(raw);
  if (asWritten === undefined || asWritten["disable_env_expansion"] === true) return raw;
  const dotEnv = source.variables(".env");
  const unset = new Set<string>();
  const withoutCommands = Object.entries(jsonObject(asWritten["processes"]) ?? {}).map(([name, described]) => {
    const values = jsonObject(described);
    return [name, values === undefined ? described : { ...values, command: undefined }] as const;
  });
  const file = jsonObject(
    interpolate(
      { ...asWritten, processes: Object.fromEntries(withoutCommands) },
      (name) => source.env[name] ?? dotEnv?.get(name),
      ({ name }) => unset.add(name),
    ),
  );
  for (const name of unset) remarks.lost(wholeFile, `\${${name}}`, "is not set: it is empty");
  const processes = Object.entries(jsonObject(file?.["processes"]) ?? {}).map(([name, described]) => {
    const command = jsonObject(jsonObject(asWritten["processes"])?.[name])?.["command"];
    return [name, command === undefined ? described : { ...jsonObject(described), command }] as const;
  });
  return asWritten["processes"] === undefined ? file : { ...file, processes: Object.fromEntries(processes) };
}

/** `{{.NAME}}` from the `vars` of the process and of the file, where process-compose has it; more than that stays as it is. */
function withVars(values: Values, common: Values | undefined, notFilled: (key: string) => void): Values {
  if (values["is_template_disabled"] === true) return values;
  const vars = { ...common, ...jsonObject(values["vars"]) };
  const named = (name: string) => (Object.hasOwn(vars, name) ? scalarText(vars[name]) : undefined);
  const parts = Object.entries(values).flatMap(([key, part]) => {
    if (!templated.includes(key)) return [];
    const fill = (text: string): string => {
      const filled = text.replace(/\{\{\s*\.(\w+)\s*\}\}/g, (as, name: string) => named(name) ?? as);
      if (/\{\{.*\}\}/s.test(filled)) notFilled(key);
      return filled;
    };
    return [[key, inEveryText(part, fill)] as const];
  });
  return { ...values, ...Object.fromEntries(parts) };
}

const templated: readonly string[] = [
  "command",
  "working_dir",
  "log_location",
  "environment",
  "readiness_probe",
  "liveness_probe",
];

function programOf(section: Section): Pick<ImportedApp, "script" | "args" | "interpreter"> | undefined {
  const entrypoint = section.texts("entrypoint");
  const command = section.text("command");
  // `$$` is how the file keeps a dollar from being filled in; that is left to the shell here.
  const line = command?.replaceAll("$$", "$");
  if (entrypoint.length > 0 && line === undefined) return scriptOf(entrypoint);
  if (line === undefined || line.trim() === "") {
    section.lost("command", "there is none");
    return undefined;
  }
  return scriptOfLine(line);
}

interface Around {
  readonly source: ImportSource;
  readonly names: AppNames;
  readonly remarks: Remarks;
  /** What the file says of every process. */
  readonly common: Readonly<Record<string, string>>;
  readonly dotEnv: string | undefined;
  /** Another one waits until it has ended. */
  readonly runsOnce: boolean;
}

/** What a process waits for until it has ended. */
function endsNeeded(described: unknown): string[] {
  return Object.entries(jsonObject(jsonObject(described)?.["depends_on"]) ?? {}).flatMap(([name, how]) =>
    scalarText(jsonObject(how)?.["condition"])?.startsWith("process_completed") ? [name] : [],
  );
}

function appFrom(
  name: string,
  program: Pick<ImportedApp, "script" | "args" | "interpreter">,
  section: Section,
  { source, names, remarks, common, dotEnv, runsOnce }: Around,
): ImportedApp {
  const env = { ...common, ...section.variables("environment") };
  const folder = resolve(source.folder, section.text("working_dir") ?? ".");
  const [envFile, anotherFile] = section.texts("env_file");
  if (anotherFile !== undefined) section.lost("env_file", `${anotherFile}: an app has one`);
  const disabled = section.truth("disabled") === true;
  const logFile = section.text("log_location");
  if (runsOnce && !disabled)
    section.changed("availability", "it runs once and ends: it is not started with the others (autostart: false)");
  const replicas = section.number("replicas") ?? 1;
  const app: ImportedApp = {
    name,
    namespace: section.text("namespace"),
    ...program,
    cwd: folder,
    env: Object.keys(env).length === 0 ? undefined : env,
    env_file: envFile === undefined ? dotEnv : resolve(source.folder, envFile),
    instances: Number.isInteger(replicas) && replicas > 1 && replicas <= 1000 ? replicas : undefined,
    instance_var: replicas > 1 ? "PC_REPLICA_NUM" : undefined,
    depends_on: dependsOf(section, names, remarks),
    autostart: disabled || runsOnce ? false : undefined,
    ...restartOf(section),
    ...endOf(section),
    ...probesOf(section),
    log_file: logFile === undefined ? undefined : resolve(source.folder, logFile),
  };
  for (const key of ["description", "is_tty", "is_strict", "vars", "is_template_disabled"]) section.value(key);
  for (const key of section.rest()) section.lost(key, whyNot.get(key) ?? "means nothing here");
  return app;
}

function dependsOf(section: Section, names: AppNames, remarks: Remarks): readonly string[] | undefined {
  const needed = jsonObject(section.value("depends_on")) ?? {};
  const ending = endsNeeded(section.values);
  for (const name of ending) section.lost("depends_on", `nothing here waits for an end: run '${name}' first`);
  const staying = Object.keys(needed).filter((name) => !ending.includes(name));
  return neededApps(staying, names, remarks, section.place("depends_on"));
}

function restartOf(section: Section): Pick<ImportedApp, "autorestart" | "max_restarts" | "restart_delay"> {
  const part = section.part("availability");
  const said = part?.text("restart") ?? "no";
  const delay = part?.number("backoff_seconds");
  const most = part?.number("max_restarts");
  const autorestart = said === "on_failure" || said === "exit_on_failure" ? "on-failure" : said === "always";
  if (said === "exit_on_failure")
    section.changed("availability", "exit_on_failure: it is brought back, and the others go on");
  for (const key of part?.rest() ?? [])
    section.lost("availability", `${key}: one that ends does not end the others here`);
  return {
    autorestart,
    // 0 is no limit there.
    max_restarts: most === undefined ? undefined : most === 0 ? 1_000_000 : most,
    restart_delay: delay === undefined ? undefined : Math.round(delay * 1000),
  };
}

function endOf(section: Section): Pick<ImportedApp, "kill_signal" | "kill_timeout"> {
  const part = section.part("shutdown");
  const number = part?.number("signal");
  const seconds = part?.number("timeout_seconds");
  const command = part?.text("command");
  const signal = number === undefined ? undefined : signalNames[number];
  if (number !== undefined && signal === undefined)
    section.lost("shutdown", `${number} is not a signal that is known everywhere`);
  if (command !== undefined) section.lost("shutdown", "its command is not run: a signal ends it");
  if (part?.truth("parent_only") === true) section.lost("shutdown", "all that a process started is ended with it");
  return {
    kill_signal: signal,
    kill_timeout: seconds === undefined ? undefined : Math.round(seconds * 1000),
  };
}

const signalNames: Readonly<Record<number, string>> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  9: "SIGKILL",
  15: "SIGTERM",
};

function probesOf(section: Section): Partial<ImportedApp> {
  const readiness = section.part("readiness_probe");
  const liveness = section.part("liveness_probe");
  const line = section.text("ready_log_line");
  const ready = readiness === undefined ? undefined : probeOf(readiness, section, "readiness_probe");
  const health = liveness === undefined ? undefined : probeOf(liveness, section, "liveness_probe");
  const initial = readiness?.number("initial_delay_seconds") ?? 0;
  const period = readiness?.number("period_seconds") ?? 10;
  const failures = readiness?.number("failure_threshold") ?? 3;
  const interval = liveness?.number("period_seconds");
  return {
    ready: ready ?? (line === undefined ? undefined : `log:/${line.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")}/`),
    ready_timeout: ready === undefined ? undefined : Math.round((initial + period * failures) * 1000),
    health,
    health_interval: health === undefined || interval === undefined ? undefined : Math.round(interval * 1000),
    health_failures: health === undefined ? undefined : liveness?.number("failure_threshold"),
  };
}

function probeOf(part: Section, section: Section, key: string): string | undefined {
  const exec = part.part("exec");
  const http = part.part("http_get");
  const command = exec?.text("command");
  for (const each of ["timeout_seconds", "success_threshold"])
    if (part.text(each) !== undefined) section.lost(key, `${each} cannot be set here`);
  if (command !== undefined) {
    const folder = exec?.text("working_dir");
    return `cmd:${folder === undefined ? "" : `cd '${folder.replaceAll("'", "'\\''")}' && `}${command}`;
  }
  if (http === undefined) {
    section.lost(key, "asks nothing that is known here");
    return undefined;
  }
  const host = (http.text("host") ?? "127.0.0.1").replace(/^0\.0\.0\.0$/, "127.0.0.1");
  const port = http.text("port") ?? http.text("num_port");
  const path = http.text("path") ?? "/";
  const address = `${(http.text("scheme") ?? "http").toLowerCase()}://${host}${port === undefined ? "" : `:${port}`}${path.startsWith("/") ? "" : "/"}${path}`;
  if (http.values["headers"] !== undefined) section.lost(key, "headers are not sent here");
  if (URL.canParse(address)) return address;
  section.lost(key, "its address cannot be read");
  return undefined;
}

const wholeFileAlone: readonly (readonly [string, string])[] = [
  ["shell", "lines are run by bash here"],
  ["env_cmds", "no command is run to find a value out: put it into an env file"],
  ["extends", "another file is imported by itself"],
  ["log_location", "each process has its own logs here"],
];

const whyNot: ReadonlyMap<string, string> = new Map([
  ["is_daemon", "a process that leaves for the background cannot be held: run it in the foreground"],
  ["launch_timeout_seconds", "it belongs to a daemon"],
  ["is_foreground", "tsm fg and tsm logs show a process"],
  ["is_elevated", "nothing is run as another user but by uid, as root"],
  ["schedule", "cron_restart restarts a process at set times"],
  ["log_configuration", "log sets the size of logs"],
  ["disable_ansi_colors", "logs are kept as they are written"],
]);
