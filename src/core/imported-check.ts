import { bytesIn } from "./amounts.ts";
import { WrongValue, watchOptions } from "./attribute-values.ts";
import { TsmError } from "./errors.ts";
import type { ImportedApp, Remark } from "./imported-app.ts";
import { killSignals } from "./policy.ts";
import { validPort } from "./port-choice.ts";
import { parseProbe } from "./probe.ts";
import type { World } from "./world.ts";

/**
 * What can be started: a value that no app may have is taken away and told, as one of them would keep a whole file from
 * being started.
 */
export function startable(
  world: World,
  apps: readonly ImportedApp[],
): { apps: readonly ImportedApp[]; remarks: Remark[] } {
  const remarks: Remark[] = [];
  const checked = apps.map((app) => {
    const lost = (attribute: string, what: string): undefined => {
      remarks.push({ app: app.name, line: null, attribute, kind: "lost", what });
    };
    /** The value, unless it is none that is allowed. */
    const kept = <K extends keyof ImportedApp>(key: K, isAllowed: (value: NonNullable<ImportedApp[K]>) => boolean) => {
      const value = app[key];
      if (value === undefined || value === null || isAllowed(value)) return value;
      return lost(key, `'${String(value).slice(0, 60)}' cannot be said here`);
    };
    const time = (value: number) => value >= 0 && value <= mostMs;
    const asOther = (key: "uid" | "gid") => {
      if (app[key] === undefined || world.platform.accounts.isRoot()) return app[key];
      return lost(key, `${app[key]}: root alone may run it as another, it is yours here`);
    };
    const codes = app.stop_exit_codes?.filter((code) => Number.isInteger(code) && code >= 0 && code <= 255);
    return {
      ...app,
      port: kept("port", (port) => validPort(String(port)) !== undefined),
      stop_exit_codes: codes?.length === 0 ? undefined : codes,
      max_restarts: kept("max_restarts", (count) => Number.isInteger(count) && count >= 0 && count <= 1_000_000),
      min_uptime: kept("min_uptime", time),
      restart_delay: kept("restart_delay", time),
      exp_backoff_restart_delay: kept("exp_backoff_restart_delay", time),
      kill_timeout: kept("kill_timeout", time),
      listen_timeout: kept("listen_timeout", time),
      ready_timeout: kept("ready_timeout", time),
      health_interval: kept("health_interval", time),
      health_failures: kept("health_failures", (count) => Number.isInteger(count) && count >= 1),
      kill_signal: kept("kill_signal", (signal) => killSignals.some((known) => known === signal)),
      ready: kept("ready", isProbe),
      health: kept("health", isProbe),
      cron_restart: kept("cron_restart", (cron) => /^@[a-z]+$/i.test(cron) || /^\S+(?:\s+\S+){4,5}$/.test(cron.trim())),
      max_memory_restart: kept("max_memory_restart", (size) => (bytesIn(String(size)) ?? 0) >= 1),
      watch_options:
        app.watch_options === undefined || isReadable(app.watch_options)
          ? app.watch_options
          : lost("watch_options", "it has what cannot be said here"),
      uid: asOther("uid"),
      gid: asOther("gid"),
      log: {
        max_size: app.log?.max_size === undefined || bytesIn(app.log.max_size) ? app.log?.max_size : undefined,
        keep: app.log?.keep === undefined ? undefined : Math.min(1000, Math.max(0, Math.trunc(app.log.keep))),
      },
    };
  });
  return { apps: checked.map(withoutEmptyLog), remarks };
}

/** A day. */
const mostMs = 86_400_000;

function isReadable(options: Readonly<Record<string, unknown>>): boolean {
  try {
    watchOptions(options);
    return true;
  } catch (error) {
    if (error instanceof WrongValue) return false;
    throw error;
  }
}

function isProbe(text: string): boolean {
  try {
    parseProbe(text);
    return true;
  } catch (error) {
    if (error instanceof TsmError) return false;
    throw error;
  }
}

function withoutEmptyLog(app: ImportedApp): ImportedApp {
  const isEmpty = app.log?.keep === undefined && app.log?.max_size === undefined;
  return isEmpty ? { ...app, log: undefined } : app;
}
