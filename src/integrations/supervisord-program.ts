import { dirname, resolve } from "node:path";
import type { ImportedApp, ImportSource } from "../core/imported-app.ts";
import type { IniSection } from "./ini-text.ts";
import { isVariable } from "./pm2-environment.ts";
import { memory } from "./pm2-values.ts";
import type { Place, Remarks } from "./remarks.ts";
import { scriptOf, splitWords } from "./shell-words.ts";

interface ProgramPlace {
  readonly name: string;
  /** The file that it stands in. */
  readonly file: string;
  readonly group: string | undefined;
  /** `[supervisord]`: what it says of the environment and the folder is every program's. */
  readonly own: IniSection | undefined;
  readonly source: ImportSource;
  readonly remarks: Remarks;
}

/** More processes of one program than anybody means. */
const mostProcesses = 1000;

/** A `[program:x]`, read key by key; what nobody asked for is said. */
export class Program {
  readonly #section: IniSection;
  readonly #at: ProgramPlace;
  readonly #read = new Set<string>();

  constructor(section: IniSection, at: ProgramPlace) {
    this.#section = section;
    this.#at = at;
  }

  priority(): number {
    return this.#number("priority") ?? 999;
  }

  apps(): ImportedApp[] {
    const { name, remarks } = this.#at;
    const count = this.#number("numprocs") ?? 1;
    const first = this.#number("numprocs_start") ?? 0;
    if (count > mostProcesses) {
      remarks.lost(this.#place("numprocs"), "numprocs", `${count} is more than ${mostProcesses}`);
      return [];
    }
    if (this.#raw("command") === undefined) {
      remarks.lost(this.#place("command"), "command", "there is none");
      return [];
    }
    const pattern =
      this.#raw("process_name") ?? (count > 1 ? "%(program_name)s_%(process_num)02d" : "%(program_name)s");
    const apps: ImportedApp[] = [];
    for (let number = first; number < first + count; number += 1) {
      const app = this.#app(this.#expand(pattern, "process_name", number) || name, number, number === first);
      if (app !== undefined) apps.push(app);
    }
    for (const [key, { line }] of this.#section.entries)
      if (!this.#read.has(key)) remarks.lost({ app: name, line }, key, whyNot.get(key) ?? "means nothing here");
    return apps;
  }

  /** @param isFirst what is said of all of them is said once. */
  #app(name: string, number: number, isFirst: boolean): ImportedApp | undefined {
    const { remarks, source } = this.#at;
    const command = this.#text("command", number) ?? "";
    const words = splitWords(command);
    if (words === undefined || words.length === 0) {
      if (isFirst)
        remarks.lost(
          this.#place("command"),
          "command",
          words === undefined ? "its quote is never closed" : "it is empty",
        );
      return undefined;
    }
    const directory = this.#text("directory", number) ?? this.#common("directory", number);
    const env = {
      ...this.#environment(this.#at.own?.entries.get("environment")?.value, number, isFirst),
      ...this.#environment(this.#raw("environment"), number, isFirst),
    };
    const restart = this.#restart(number, isFirst);
    const stop = this.#text("stopsignal", number)?.toUpperCase().replace(/^SIG/, "");
    return {
      name,
      namespace: this.#at.group,
      ...scriptOf(words),
      cwd: directory === undefined ? source.folder : resolve(source.folder, directory),
      env: Object.keys(env).length === 0 ? undefined : env,
      autostart: this.#truth("autostart", number) === false ? false : undefined,
      ...restart,
      max_restarts: this.#number("startretries"),
      min_uptime: milliseconds(this.#number("startsecs")),
      kill_signal: stop === undefined ? undefined : `SIG${stop}`,
      kill_timeout: milliseconds(this.#number("stopwaitsecs")),
      // A group is always ended as a whole.
      ...this.#ignored(
        "stopasgroup",
        "killasgroup",
        "priority",
        "numprocs",
        "numprocs_start",
        "process_name",
        "redirect_stderr",
      ),
      uid: this.#text("user", number),
      ...this.#logs(number),
    };
  }

  #restart(number: number, isFirst: boolean): Pick<ImportedApp, "autorestart" | "stop_exit_codes"> {
    const said = this.#text("autorestart", number)?.toLowerCase() ?? "unexpected";
    const codes = (this.#text("exitcodes", number) ?? "0").split(",").map((code) => Number(code.trim()));
    if (said !== "unexpected")
      return { autorestart: said === "true" || said === "1" || said === "yes" || said === "on" };
    if (codes.every((code) => Number.isInteger(code) && code >= 0 && code <= 255))
      return { autorestart: "on-failure", ...(codes.join() === "0" ? {} : { stop_exit_codes: codes }) };
    if (isFirst) this.#at.remarks.lost(this.#place("exitcodes"), "exitcodes", "are no numbers from 0 to 255");
    return { autorestart: "on-failure" };
  }

  #logs(number: number): Partial<ImportedApp> {
    const merged = this.#truth("redirect_stderr", number) === true;
    const out = this.#logFile("stdout_logfile", number);
    const err = this.#logFile("stderr_logfile", number);
    const size = memory(this.#size("stdout_logfile_maxbytes"));
    const keep = this.#number("stdout_logfile_backups");
    this.#ignored("stderr_logfile_maxbytes", "stderr_logfile_backups");
    const log =
      size === undefined && keep === undefined
        ? undefined
        : { max_size: size === undefined || size === 0 ? undefined : String(size), keep };
    if (merged && out !== undefined) return { log_file: out, log };
    return { out_file: out, error_file: err, log };
  }

  /** AUTO is a file of supervisord's own choice, which is TSM's then. */
  #logFile(key: string, number: number): string | undefined {
    const path = this.#text(key, number);
    if (path === undefined || /^auto$/i.test(path)) return undefined;
    if (/^none$/i.test(path)) return "/dev/null";
    if (/^\/dev\/(?:stdout|stderr|fd\/\d)$/.test(path) || /^syslog$/i.test(path)) {
      this.#at.remarks.changed(
        this.#place(key),
        key,
        `${path} was supervisord's own: TSM keeps the log, tsm logs shows it`,
      );
      return undefined;
    }
    return resolve(this.#at.source.folder, path);
  }

  /** `A="1",B='two words',C=%(here)s/x` */
  #environment(raw: string | undefined, number: number, isFirst: boolean): Record<string, string> {
    this.#read.add("environment");
    const found: [string, string][] = [];
    let rest = (raw ?? "").trim();
    while (rest !== "") {
      const match = /^([^=,\s]+)\s*=\s*("(?:[^"\\]|\\.)*"|'[^']*'|[^,\n]*)\s*(?:,\s*|\n\s*|$)/s.exec(rest);
      const [all, key = "", value = ""] = match ?? [];
      if (all === undefined || all === "" || !isVariable(key)) {
        if (isFirst)
          this.#at.remarks.lost(
            this.#place("environment"),
            "environment",
            `cannot be read from '${(/^[^=,\s]*/.exec(rest)?.[0] ?? "").slice(0, 40)}' on`,
          );
        break;
      }
      found.push([key, this.#expand(unquoted(value), "environment", number)]);
      rest = rest.slice(all.length);
    }
    return Object.fromEntries(found);
  }

  #common(key: string, number: number): string | undefined {
    const value = this.#at.own?.entries.get(key)?.value;
    return value === undefined || value === "" ? undefined : this.#expand(value, key, number);
  }

  #raw(key: string): string | undefined {
    this.#read.add(key);
    const value = this.#section.entries.get(key)?.value;
    return value === "" ? undefined : value;
  }

  #text(key: string, number: number): string | undefined {
    const raw = this.#raw(key);
    return raw === undefined ? undefined : this.#expand(raw.replaceAll("\n", " "), key, number);
  }

  #number(key: string): number | undefined {
    const raw = this.#raw(key);
    if (raw === undefined) return undefined;
    if (/^-?\d+$/.test(raw)) return Math.max(0, Number(raw));
    this.#at.remarks.lost(this.#place(key), key, `'${raw.slice(0, 40)}' is not a number`);
    return undefined;
  }

  #size(key: string): number | undefined {
    const raw = this.#raw(key);
    if (raw === undefined) return undefined;
    const [, digits, unit = ""] = /^(\d+)\s*(KB|MB|GB)?$/i.exec(raw) ?? [];
    if (digits !== undefined) return Number(digits) * 1024 ** ["", "KB", "MB", "GB"].indexOf(unit.toUpperCase());
    this.#at.remarks.lost(this.#place(key), key, `'${raw.slice(0, 40)}' is not a size`);
    return undefined;
  }

  #truth(key: string, number: number): boolean | undefined {
    const said = this.#text(key, number)?.toLowerCase();
    if (said === undefined) return undefined;
    return said === "true" || said === "yes" || said === "on" || said === "1";
  }

  /** What needs no word, as it is so here, or has become something else. */
  #ignored(...keys: readonly string[]): Record<string, never> {
    for (const key of keys) this.#read.add(key);
    return {};
  }

  #place(key: string): Place {
    return { app: this.#at.name, line: this.#section.entries.get(key)?.line ?? this.#section.line };
  }

  /** `%(here)s`, `%(ENV_HOME)s`, `%(process_num)02d`, `%%`. */
  #expand(text: string, key: string, number: number): string {
    const { name, group, file, source, remarks } = this.#at;
    const known: Readonly<Record<string, string>> = {
      here: dirname(file),
      program_name: name,
      process_num: String(number),
      group_name: group ?? name,
      host_node_name: source.hostName,
      numprocs: this.#section.entries.get("numprocs")?.value ?? "1",
    };
    return text.replace(
      /%%|%\(([^)]*)\)(0?)(\d*)([sd])/g,
      (whole, variable?: string, zero?: string, width?: string) => {
        if (variable === undefined) return "%";
        const value = variable.startsWith("ENV_") ? source.env[variable.slice("ENV_".length)] : known[variable];
        if (value === undefined) {
          remarks.lost(this.#place(key), key, `${whole} is unknown here`);
          return whole;
        }
        return value.padStart(Number(width || 0), zero === "0" ? "0" : " ");
      },
    );
  }
}

function unquoted(value: string): string {
  if (/^'.*'$/s.test(value)) return value.slice(1, -1);
  if (/^".*"$/s.test(value)) return value.slice(1, -1).replace(/\\(["\\])/g, "$1");
  return value;
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

const whyNot: ReadonlyMap<string, string> = new Map([
  ["umask", "a process has the umask of whoever starts it"],
  ["serverurl", "there is no server here to be asked"],
  ["stdout_capture_maxbytes", "there are no events of supervisord here"],
  ["stderr_capture_maxbytes", "there are no events of supervisord here"],
  ["stdout_events_enabled", "there are no events of supervisord here"],
  ["stderr_events_enabled", "there are no events of supervisord here"],
  ["stdout_syslog", "logs go to files"],
  ["stderr_syslog", "logs go to files"],
]);
