import type { Imported, ImportedApp, ImportSource } from "../core/imported-app.ts";
import { appNames } from "./app-names.ts";
import { collectRemarks } from "./remarks.ts";
import { scriptOfLine } from "./shell-words.ts";

/** `web: bundle exec puma -p $PORT`, a process a line, with the `.env` beside it. */
export function fromProcfile(source: ImportSource): Imported {
  const remarks = collectRemarks();
  const names = appNames(remarks);
  const env = source.variables(".env");
  const first = firstPort(env?.get("PORT"));
  const apps: ImportedApp[] = [];
  let nth = 0;
  for (const [index, text] of source.text.split("\n").entries()) {
    const place = { app: null, line: index + 1 };
    if (/^\s*(?:#.*)?$/.test(text)) continue;
    const [, name, command] = entry.exec(text) ?? [];
    if (name === undefined || command === undefined) {
      remarks.lost(place, "Procfile", "is not a NAME: COMMAND");
      continue;
    }
    const at = { app: name, line: index + 1 };
    if (command.trim() === "") {
      remarks.lost(at, name, "has no command");
      continue;
    }
    // As foreman counts: a hundred ports for the instances of each.
    const port = first + 100 * nth;
    nth += 1;
    if (name === "release") {
      remarks.lost(at, name, "runs once before a release, and is no process that stays");
      continue;
    }
    // Or what .env says of PORT would be the port of all.
    const takesPort = env?.has("PORT") === true || name === "web" || /\$\{?PORT\b/.test(command);
    if (takesPort && port <= 65_535) remarks.changed(at, "PORT", `is ${port}, as foreman would give it`);
    apps.push({
      name: names.take(name, at),
      ...scriptOfLine(command),
      cwd: source.folder,
      env_file: env === undefined ? undefined : `${source.folder}/.env`,
      ...(takesPort && port <= 65_535 ? { env: { PORT: String(port) } } : {}),
    });
  }
  return { apps, remarks: remarks.all };
}

const entry = /^\s*([A-Za-z0-9_][\w.-]*)\s*:(?!\/\/)(.*)$/;

/** Does the text look like nothing but a Procfile? */
export function looksLikeProcfile(text: string): boolean {
  const lines = text.split("\n").filter((line) => !/^\s*(?:#.*)?$/.test(line));
  return lines.length > 0 && lines.every((line) => /^[A-Za-z0-9_][\w.-]*:\s+\S/.test(line));
}

function firstPort(said: string | undefined): number {
  const port = Number(said);
  return said !== undefined && Number.isInteger(port) && port > 0 && port <= 65_535 ? port : 5000;
}
