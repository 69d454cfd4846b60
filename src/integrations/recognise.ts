import { basename } from "node:path";
import { TsmError } from "../core/errors.ts";
import { isComposeName } from "./docker-compose.ts";
import { looksLikeProcfile } from "./procfile.ts";

/** Whose file it is. */
export const importKinds = [
  "pm2",
  "procfile",
  "docker-compose",
  "supervisord",
  "process-compose",
  "package.json",
] as const;
export type ImportKind = (typeof importKinds)[number];

/** What each is called in a sentence. */
export const kindNames: Readonly<Record<ImportKind, string>> = {
  pm2: "pm2's list",
  procfile: "Procfile",
  "docker-compose": "docker compose",
  supervisord: "supervisord",
  "process-compose": "process-compose",
  "package.json": "package.json",
};

/** Names under which each is looked for in a folder, the first one there being taken. */
export const usualNames: Readonly<Record<Exclude<ImportKind, "pm2">, readonly string[]>> = {
  procfile: ["Procfile"],
  "docker-compose": ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"],
  supervisord: ["supervisord.conf", "etc/supervisord.conf"],
  "process-compose": ["process-compose.yaml", "process-compose.yml"],
  "package.json": ["package.json"],
};

/** By its name, else by what is in it. @throws TsmError BAD_DATA when it is none that is known. */
export function recognise(file: string, text: string): ImportKind {
  const kind = byName(basename(file)) ?? byContent(text);
  if (kind !== undefined && kind !== "ecosystem" && kind !== "service") return kind;
  if (kind === "ecosystem")
    throw new TsmError("BAD_DATA", `${file} is an ecosystem file already`, { hint: `tsm start ${file}` });
  if (kind === "service") throw new TsmError("BAD_DATA", `${file} is a service already`, { hint: `tsm start ${file}` });
  throw new TsmError("BAD_DATA", `${file} is none of ${importKinds.join(", ")}`, {
    hint: "tsm import KIND FILE says what it is, as in: tsm import procfile FILE",
  });
}

type Known = ImportKind | "ecosystem" | "service";

function byName(name: string): Known | undefined {
  if (/^(?:procfile(?:[.-][\w.-]+)?|[\w.-]+\.procfile)$/i.test(name)) return "procfile";
  if (/^process-compose[\w.-]*\.ya?ml$/.test(name)) return "process-compose";
  if (isComposeName(name)) return "docker-compose";
  if (name === "package.json") return "package.json";
  if (/^supervisord?[\w.-]*\.(?:conf|ini)$/.test(name)) return "supervisord";
  if (/\.pm2(?:\.bak)?$/.test(name)) return "pm2";
  if (/\.config\.[cm]?js$|^ecosystem[\w.-]*\.(?:json|ya?ml)$/.test(name)) return "ecosystem";
  return name.endsWith(".tsm") ? "service" : undefined;
}

function byContent(text: string): Known | undefined {
  if (/^\s*\[/.test(text) && /"pm_exec_path"\s*:/.test(text)) return "pm2";
  if (/^\s*\{/.test(text)) {
    if (/"apps"\s*:\s*[[{]/.test(text)) return "ecosystem";
    if (/"scripts"\s*:\s*\{/.test(text)) return "package.json";
    if (/"services"\s*:\s*\{/.test(text)) return "docker-compose";
    if (/"processes"\s*:\s*\{/.test(text)) return "process-compose";
    return undefined;
  }
  if (/^\[(?:program|group|supervisord|include)\b[^\]]*\]/m.test(text)) return "supervisord";
  if (/^services\s*:/m.test(text)) return "docker-compose";
  if (/^processes\s*:/m.test(text)) return "process-compose";
  if (/^(?:apps|pm2)\s*:/m.test(text) || /^\s*module\.exports\b/m.test(text)) return "ecosystem";
  if (/^\s*(?:export\s+)?TSM_\w+=/m.test(text)) return "service";
  return looksLikeProcfile(text) ? "procfile" : undefined;
}
