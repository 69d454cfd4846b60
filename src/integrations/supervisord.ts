import { basename, resolve } from "node:path";
import type { Imported, ImportedApp, ImportSource } from "../core/imported-app.ts";
import { appNames } from "./app-names.ts";
import { type IniSection, parseIni } from "./ini-text.ts";
import { collectRemarks, type Place, type Remarks } from "./remarks.ts";
import { Program } from "./supervisord-program.ts";

/** `[program:x]` sections, those of the files that `[include]` names too, and `[group:x]`. */
export function fromSupervisord(source: ImportSource): Imported {
  const remarks = collectRemarks();
  const files = [{ file: source.file, text: source.text }, ...includedFiles(source, remarks)];
  const found = files.flatMap(({ file, text }) => {
    const { sections, wrong } = parseIni(text);
    for (const line of wrong) remarks.lost({ app: null, line }, basename(file), "is neither a [section] nor KEY=VALUE");
    return sections.map((section) => ({ section, file }));
  });
  const own = found.find(({ section }) => section.name === "supervisord")?.section;
  const groups = groupsIn(found.map(({ section }) => section));
  const names = appNames(remarks);
  const programs: { readonly priority: number; readonly apps: ImportedApp[] }[] = [];
  for (const { section, file } of found) {
    const [kind = "", name = ""] = section.name.split(/:(.*)/s);
    const place: Place = { app: name || section.name, line: section.line };
    if (kind === "program" && name !== "") {
      const program = new Program(section, { name, file, group: groups.get(name), own, source, remarks });
      programs.push({
        priority: program.priority(),
        apps: program.apps().map((app) => ({ ...app, name: names.take(app.name, place) })),
      });
    } else if (kind === "eventlistener" || kind === "fcgi-program") {
      remarks.lost(
        place,
        section.name,
        `${kind === "eventlistener" ? "listens to supervisord's own events" : "is handed a socket by supervisord"}`,
      );
    }
  }
  programs.sort((a, b) => a.priority - b.priority);
  return { apps: programs.flatMap(({ apps }) => apps), remarks: remarks.all };
}

/** Files are read and never run; one level deep, as supervisord does. */
function includedFiles(source: ImportSource, remarks: Remarks): readonly { file: string; text: string }[] {
  const include = parseIni(source.text).sections.find(({ name }) => name === "include");
  const patterns = include?.entries.get("files");
  if (patterns === undefined) return [];
  return patterns.value.split(/\s+/).flatMap((pattern) => {
    const path = resolve(source.folder, pattern.replaceAll("%(here)s", source.folder));
    const found = source.matching(path);
    if (found.length === 0) remarks.lost({ app: null, line: patterns.line }, "include", `${pattern} matches no file`);
    return found;
  });
}

/** Of which group each program is. */
function groupsIn(sections: readonly IniSection[]): Map<string, string> {
  const groups = new Map<string, string>();
  for (const { name, entries } of sections) {
    const group = /^group:(.+)$/.exec(name)?.[1]?.trim();
    const programs = entries.get("programs")?.value.split(/[\s,]+/) ?? [];
    if (group !== undefined) for (const program of programs) if (program !== "") groups.set(program, group);
  }
  return groups;
}
