import { basename } from "node:path";
import { TsmError } from "../core/errors.ts";
import type { Imported, ImportedApp, ImportSource } from "../core/imported-app.ts";
import { appNames } from "./app-names.ts";
import { jsonObject, parseJson, type Values } from "./json-text.ts";
import { isVariable, tellApart, textOf } from "./pm2-environment.ts";
import { flag, memory, number, numbers, text, unless, words } from "./pm2-values.ts";
import { collectRemarks, type Place, type Remarks } from "./remarks.ts";
import { scriptOf, splitWords } from "./shell-words.ts";

/** What `pm2 save` wrote, or what `pm2 jlist` printed. */
export function fromPm2(source: ImportSource): Imported {
  const remarks = collectRemarks();
  const names = appNames(remarks);
  const apps = grouped(processesIn(source, remarks)).map((group) => {
    const [first] = group;
    const place: Place = { app: nameOf(first), line: null };
    return appFrom(group, names.take(nameOf(first), place), source, remarks, place);
  });
  return { apps, remarks: remarks.all };
}

/** The processes of a list as pm2 saves it, or as it prints it. @throws TsmError when it is none. */
export function pm2Processes(text: string, file: string): Values[] {
  const list = parseJson(text, file);
  const bad = (what: string) =>
    new TsmError("BAD_DATA", `${file} is not a list of pm2: ${what}`, { hint: "pm2 save writes one anew" });
  if (!Array.isArray(list)) throw bad("it holds no array");
  return list.map((each, index) => {
    const values = jsonObject(each);
    if (values === undefined) throw bad(`its entry ${index} is not a process`);
    const env = jsonObject(values["pm2_env"]);
    // `jlist` has the pid, name and so on around what `save` writes.
    return env === undefined ? values : { name: values["name"], ...env };
  });
}

function processesIn({ text, file }: ImportSource, remarks: Remarks): Values[] {
  return pm2Processes(text, file).filter((values, index) => {
    const place: Place = { app: nameOf(values), line: null };
    if (values["pmx_module"] !== undefined && values["pmx_module"] !== false) {
      remarks.lost(place, "module", "is a module of pm2 itself; logs are rotated here without one");
      return false;
    }
    if (typeof values["pm_exec_path"] === "string" && values["pm_exec_path"] !== "") return true;
    remarks.lost(place, "pm_exec_path", `entry ${index} does not say what it runs`);
    return false;
  });
}

type Group = readonly [Values, ...Values[]];

/** Processes of one app: pm2 lists every instance. */
function grouped(processes: readonly Values[]): Group[] {
  const groups = new Map<string, [Values, ...Values[]]>();
  for (const values of processes) {
    const key = JSON.stringify([
      nameOf(values),
      values["pm_exec_path"],
      values["pm_cwd"],
      values["args"],
      values["namespace"],
    ]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [values]);
    else group.push(values);
  }
  return [...groups.values()];
}

function nameOf(values: Values): string {
  return textOf(values["name"]) || basename(textOf(values["pm_exec_path"]) ?? "app").replace(/\.\w+$/, "");
}

function appFrom(group: Group, name: string, source: ImportSource, remarks: Remarks, place: Place): ImportedApp {
  const [first] = group;
  const say = (attribute: string, what: string) => remarks.changed(place, attribute, what);
  const environments = environmentsOf(first);
  const env = environmentOf(first, environments, source, remarks, place);
  const watch = first["watch"];
  const instances = group.length > 1 ? instancesOf(group, env, say) : {};
  if (first["exec_mode"] === "cluster_mode" && group.length === 1 && !/\.ts$/.test(String(first["pm_exec_path"])))
    say("exec_mode", "cluster: it is a process of its own here, and listens by itself");
  const stopped = group.every((each) => each["status"] === "stopped");
  if (stopped) say("status", "pm2 had stopped it: it is not started with the others (autostart: false)");
  if (group.some((each) => each["status"] === "errored")) say("status", "pm2 had given it up as errored");
  for (const [attribute, what] of withoutCounterpart(first)) remarks.lost(place, attribute, what);
  return {
    name,
    namespace: unless(text(first, "namespace"), "default"),
    ...programOf(first),
    cwd: text(first, "pm_cwd") ?? text(first, "cwd"),
    port: undefined,
    env: Object.keys(env).length === 0 ? undefined : env,
    environments: Object.keys(environments).length === 0 ? undefined : environments,
    ...instances,
    instance_var: unless(text(first, "instance_var"), "NODE_APP_INSTANCE"),
    filter_env:
      Array.isArray(first["filter_env"]) && first["filter_env"].length === 0
        ? undefined
        : (words(first, "filter_env") ?? flag(first, "filter_env")),
    autostart: stopped || first["autostart"] === false ? false : undefined,
    // Said in any case: without a word, TSM brings back only what fails.
    autorestart: ![false, "false"].some((word) => word === first["autorestart"]),
    stop_exit_codes: numbers(first, "stop_exit_codes"),
    max_restarts: number(first, "max_restarts"),
    min_uptime: number(first, "min_uptime"),
    restart_delay: unless(number(first, "restart_delay"), 0),
    exp_backoff_restart_delay: unless(number(first, "exp_backoff_restart_delay"), 0),
    // What pm2 asks a process to end with.
    kill_signal: "SIGINT",
    kill_timeout: number(first, "kill_timeout"),
    treekill: first["treekill"] === false ? false : undefined,
    wait_ready: first["wait_ready"] === true ? true : undefined,
    listen_timeout: number(first, "listen_timeout"),
    max_memory_restart: memory(number(first, "max_memory_restart") ?? text(first, "max_memory_restart")),
    cron_restart: unless(text(first, "cron_restart"), "0"),
    watch: watch === true ? true : words(first, "watch"),
    ignore_watch: words(first, "ignore_watch"),
    watch_delay: number(first, "watch_delay"),
    watch_options: jsonObject(first["watch_options"]),
    // pm2 puts the number of the process behind its name, and so does each instance here.
    pid_file: ownPath(first, "pm_pid_path", "pids")?.replace(/-\d+(?=\.pid$)/, ""),
    uid: number(first, "uid") ?? text(first, "uid"),
    gid: number(first, "gid") ?? text(first, "gid"),
    ...logsOf(first, group.length),
  };
}

/** pm2 turns a command in quotes into `bash -c`; that is what it is again. */
function programOf(values: Values): Pick<ImportedApp, "script" | "args" | "interpreter" | "node_args"> {
  const script = text(values, "pm_exec_path") ?? "";
  const args = argumentsOf(values, "args");
  const interpreter = text(values, "exec_interpreter");
  const nodeArgs = argumentsOf(values, "node_args");
  if (interpreter === "none" || interpreter === undefined) return scriptOf([script, ...args]);
  return {
    script,
    ...(args.length === 0 ? {} : { args }),
    interpreter,
    ...(nodeArgs.length === 0 ? {} : { node_args: nodeArgs }),
  };
}

/** Text stands for several words, as in the file that pm2 read. */
function argumentsOf(values: Values, key: string): readonly string[] {
  const value = values[key];
  return (typeof value === "string" ? splitWords(value) : undefined) ?? words(values, key) ?? [];
}

function environmentsOf(values: Values): Record<string, Record<string, string>> {
  const found: Record<string, Record<string, string>> = {};
  for (const [key, value] of Object.entries(values)) {
    const name = /^env_(\w+)$/.exec(key)?.[1];
    const variables = jsonObject(value);
    if (name !== undefined && name !== "__proto__" && variables !== undefined) found[name] = variablesIn(variables);
  }
  return found;
}

function variablesIn(values: Values): Record<string, string> {
  const pairs = Object.entries(values).map(([key, value]) => [key, textOf(value)] as const);
  return Object.fromEntries(
    pairs.filter((pair): pair is [string, string] => isVariable(pair[0]) && pair[1] !== undefined),
  );
}

function environmentOf(
  values: Values,
  environments: Readonly<Record<string, Readonly<Record<string, string>>>>,
  source: ImportSource,
  remarks: Remarks,
  place: Place,
): Record<string, string> {
  const env = jsonObject(values["env"]) ?? {};
  const declared = new Set([...Object.values(environments).flatMap(Object.keys), ...source.keepEnv]);
  const increment = text(values, "increment_var");
  if (increment !== undefined) declared.add(increment);
  const { own, shell } = tellApart(env, nameOf(values), declared);
  if (shell.length > 0) {
    const names = shell.length > 8 ? `${shell.slice(0, 8).join(", ")} and ${shell.length - 8} more` : shell.join(", ");
    remarks.lost(place, "env", `${names}: of the shell that started it; --keep-env NAME carries one`);
  }
  const port = number(values, "port");
  return { ...(port === undefined ? {} : { PORT: String(port) }), ...own };
}

/** Instances of pm2's cluster share one port; here each listens by itself. */
function instancesOf(
  group: Group,
  env: Readonly<Record<string, string>>,
  say: (attribute: string, what: string) => void,
): Pick<ImportedApp, "instances" | "increment_var"> {
  const [first] = group;
  const count = group.length;
  const said = text(first, "increment_var");
  const port = Number(env["PORT"]);
  const isCluster = first["exec_mode"] === "cluster_mode";
  if (said !== undefined) {
    if (isCluster) say("exec_mode", `cluster: ${count} processes of their own here, each with its own ${said}`);
    return { instances: count, increment_var: said };
  }
  if (isCluster && Number.isInteger(port) && port > 0) {
    const ports = `${port} to ${port + count - 1}`;
    say("exec_mode", `cluster: its ${count} instances shared port ${port}; here they have ${ports} (increment_var)`);
    return { instances: count, increment_var: "PORT" };
  }
  if (isCluster)
    say("exec_mode", `cluster: ${count} processes of their own here; a port that they shared each needs alone`);
  return { instances: count };
}

/** Where pm2 kept logs of its own choice, TSM keeps them in its home. */
function logsOf(values: Values, count: number): Partial<ImportedApp> {
  const merged = values["merge_logs"] === true;
  const id = /-(\d+)\.pid$/.exec(text(values, "pm_pid_path") ?? "")?.[1];
  const path = (key: string) => {
    const found = ownPath(values, key, "logs");
    // Not merged, the file of an instance has its number behind its name.
    return merged || id === undefined ? found : found?.replace(new RegExp(`-${id}(\\.\\w+)?$`), "$1");
  };
  const format = text(values, "log_date_format");
  const time = values["time"] === true;
  return {
    out_file: path("pm_out_log_path"),
    error_file: path("pm_err_log_path"),
    log_file: path("pm_log_path"),
    merge_logs: merged && count > 1 ? true : undefined,
    disable_logs: values["disable_logs"] === true ? true : undefined,
    log_type: unless(text(values, "log_type"), "raw"),
    time: time ? true : undefined,
    log_date_format: time && format === "YYYY-MM-DDTHH:mm:ss" ? undefined : format,
  };
}

/** Of what stands in a folder of pm2's, wherever that is, nobody has said a word. */
function ownPath(values: Values, key: string, folder: "logs" | "pids"): string | undefined {
  const path = text(values, key);
  const home = text(values, "PM2_HOME") ?? text(jsonObject(values["env"]) ?? {}, "PM2_HOME");
  const isPm2s = path !== undefined && home !== undefined && path.startsWith(`${home}/${folder}/`);
  return isPm2s || path?.match(`/\\.?pm2/${folder}/`) ? undefined : path;
}

/** What is set there on purpose, and cannot be set here. */
function withoutCounterpart(values: Values): (readonly [string, string])[] {
  const delay = number(values, "kill_retry_time");
  const said: readonly (readonly [string, boolean, string])[] = [
    ["kill_retry_time", delay !== undefined && delay !== 100, "whether it has ended is seen at once"],
    [
      "shutdown_with_message",
      values["shutdown_with_message"] === true,
      "no channel leads to a process: it is sent SIGINT",
    ],
    ["source_map_support", values["source_map_support"] === true, "node_args: --enable-source-maps does it"],
    [
      "trace",
      [values["trace"], values["v8"], values["deep_monitoring"]].includes(true),
      "nothing is put into a process",
    ],
    ["post_update", (words(values, "post_update") ?? []).length > 0, "nothing is pulled"],
  ];
  return said.flatMap(([attribute, isSaid, what]) => (isSaid ? [[attribute, what] as const] : []));
}
