import { TsmError } from "../core/errors.ts";
import type { Imported, ImportedApp, ImportSource } from "../core/imported-app.ts";
import { appNames } from "./app-names.ts";
import { jsonObject, parseJson } from "./json-text.ts";
import { collectRemarks } from "./remarks.ts";

/**
 * The scripts of a package.json that stay up, run as `npm run NAME` does, so `pre` and `post` scripts run too. Of those
 * that are one and the same server (`start`, `dev`, …) the first; `only` takes any.
 */
export function fromPackageScripts(source: ImportSource): Imported {
  const file = jsonObject(parseJson(source.text, source.file));
  if (file === undefined)
    throw new TsmError("BAD_DATA", `${source.file} holds no object`, { hint: "As in package.json" });
  const scripts = Object.entries(jsonObject(file["scripts"]) ?? {});
  if (scripts.length === 0)
    throw new TsmError("BAD_DATA", `${source.file} has no scripts`, {
      hint: `tsm start node ${String(file["main"] ?? "server.js")}`,
    });
  const remarks = collectRemarks();
  const names = appNames(remarks);
  const base = typeof file["name"] === "string" ? (file["name"].split("/").at(-1) ?? "") : "";
  const lines = source.text.split("\n");
  const manager = managerOf(source, file["packageManager"]);
  const server = servers.find((name) => scripts.some(([script]) => script === name));
  const apps: ImportedApp[] = [];
  for (const [script, line] of scripts) {
    const found = lines.findIndex((text) => text.trimStart().startsWith(`${JSON.stringify(script)}:`));
    const place = { app: script, line: found === -1 ? null : found + 1 };
    const called = script === "start" || script === server ? base || script : [base, script].filter(Boolean).join("-");
    const wanted =
      source.only.length > 0
        ? source.only.includes(script) || source.only.includes(called)
        : script === server || staysUp.test(script);
    if (typeof line !== "string") {
      remarks.lost(place, script, "is not text");
    } else if (wanted) {
      const port = Number(
        /(?:^|[\s;&])PORT=(\d{2,5})\b|--port[= ](\d{2,5})\b/.exec(line)?.slice(1).find(Boolean) ?? Number.NaN,
      );
      apps.push({
        name: names.take(called.replaceAll(":", "-"), place),
        script: manager,
        args: ["run", script],
        interpreter: "none",
        cwd: source.folder,
        port: Number.isInteger(port) && port > 0 && port <= 65_535 ? port : undefined,
      });
    } else if (source.only.length === 0 && !isStep(script, scripts)) {
      const what = servers.includes(script) ? `is another way to run '${server}'` : "does not seem to stay up";
      remarks.lost(place, script, `${what}; --only ${script} takes it`);
    }
  }
  return { apps, remarks: remarks.all };
}

/** One and the same thing in different ways, the one that is meant first. */
const servers: readonly string[] = [
  "start",
  "serve",
  "server",
  "start:prod",
  "start:production",
  "dev",
  "develop",
  "start:dev",
  "preview",
];

const staysUp =
  /^(?:(?:start|run|serve)[:-])?(?:workers?|queues?|jobs?|scheduler|cron|consumer|bot|web|api|backend|frontend|client)(?:[:-](?!build|test|lint)\w+)?$/;

/** npm runs it around another script, or by itself. */
function isStep(script: string, scripts: readonly (readonly [string, unknown])[]): boolean {
  const around = /^(?:pre|post)(.+)$/.exec(script)?.[1];
  return (
    /^(?:prepare|prepublish\w*|prepack|postpack|install|preinstall|postinstall)$/.test(script) ||
    scripts.some(([name]) => name === around)
  );
}

function managerOf(source: ImportSource, said: unknown): string {
  const named = typeof said === "string" ? /^(npm|pnpm|yarn|bun)@/.exec(said)?.[1] : undefined;
  if (named !== undefined) return named;
  if (source.has("pnpm-lock.yaml")) return "pnpm";
  if (source.has("yarn.lock")) return "yarn";
  return source.has("bun.lock") || source.has("bun.lockb") ? "bun" : "npm";
}
