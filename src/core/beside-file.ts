import type { AppSettings } from "./attributes.ts";
import type { Ecosystem } from "./ecosystem-apps.ts";

/** Flags beside a file of apps, as pm2 takes them. */
export interface BesideFile {
  /** Said of every app, whatever the file says. */
  readonly over: Pick<AppSettings, "instances" | "uid" | "gid">;
  /** Said of the apps of which the file says nothing. */
  readonly under: Pick<AppSettings, "namespace" | "watch" | "ignore_watch">;
}

export function withBeside(ecosystem: Ecosystem, beside: BesideFile | undefined): Ecosystem {
  if (beside === undefined) return ecosystem;
  const { over, under } = beside;
  const apps = ecosystem.apps.map((app) => ({ ...app, settings: { ...under, ...app.settings, ...over } }));
  return { ...ecosystem, apps };
}
