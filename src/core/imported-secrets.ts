import type { ImportedApp } from "./imported-app.ts";
import { maskedArguments, maskedValue } from "./secrets.ts";

/** The app as a screen may show it. */
export function maskedApp(app: ImportedApp): ImportedApp {
  const [script = ""] = maskedArguments([app.script]);
  return {
    ...app,
    script,
    args: app.args === undefined ? undefined : maskedArguments(app.args),
    env: app.env === undefined ? undefined : maskedVariables(app.env),
    environments:
      app.environments === undefined
        ? undefined
        : Object.fromEntries(Object.entries(app.environments).map(([name, env]) => [name, maskedVariables(env)])),
    ready: maskedLine(app.ready),
    health: maskedLine(app.health),
  };
}

function maskedVariables(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, maskedValue(name, value)]));
}

function maskedLine(line: string | undefined): string | undefined {
  return line === undefined ? undefined : maskedArguments([line])[0];
}
