import { basename, dirname } from "node:path";
import { TsmError } from "../core/errors.ts";
import type { ImportedApp, ImportSource, Remark } from "../core/imported-app.ts";
import type { ImportedService } from "../core/imported-services.ts";
import type { Imports } from "../core/imports.ts";
import { ecosystemText, formOf } from "./ecosystem-text.ts";
import { importFile } from "./import-file.ts";
import { type ImportKind, importKinds, kindNames, recognise, usualNames } from "./recognise.ts";
import { remarkGroups, remarkText } from "./remark-groups.ts";
import { quoted } from "./shell-words.ts";

/** What a person asked `import` for. */
export interface Asked {
  /** A file, a folder, or what kind it is. */
  readonly source: string | undefined;
  /** The file, behind a kind. */
  readonly file: string | undefined;
  readonly output: string | undefined;
  /** The org that services are written to, instead of an ecosystem file. */
  readonly org: string | undefined;
  readonly only: readonly string[];
  readonly keepEnv: readonly string[];
}

/** What would be written, and what of the file would not. */
export interface Brought {
  readonly source: string;
  readonly kind: ImportKind;
  readonly apps: readonly ImportedApp[];
  readonly remarks: readonly Remark[];
  readonly target: Target;
  /** What pm2 runs of it now; null: pm2 does not run. */
  readonly pm2Runs: readonly string[] | null;
}

export type Target =
  | { readonly kind: "ecosystem"; readonly file: string; textOf(apps: readonly ImportedApp[]): string }
  | {
      readonly kind: "services";
      readonly org: string;
      readonly services: readonly ImportedService[];
      servicesOf(apps: readonly ImportedApp[]): readonly ImportedService[];
    };

/** Reads, and writes nothing. @throws TsmError when there is nothing to be read, or nothing in it that could run. */
export function bringIn(imports: Imports, asked: Asked): Brought {
  const { kind, path } = sourceFor(imports, asked);
  const source = imports.read(path, { keepEnv: asked.keepEnv, only: asked.only });
  const found = kind ?? recognise(source.file, source.text);
  const imported = importFile(found, source);
  const picked = chosen(imported.apps, asked.only, found);
  const { apps, remarks } = imports.startable(picked.apps);
  const said = [...imported.remarks, ...picked.remarks, ...remarks];
  if (apps.length === 0) throw nothingIn(source, said, found);
  const base = { source: source.file, kind: found, apps };
  const pm2Runs = found === "pm2" ? (imports.pm2Runs() ?? null) : null;
  if (asked.org !== undefined) {
    const { org } = asked;
    const { services, remarks: more } = imports.services(org, apps);
    const target: Target = {
      kind: "services",
      org,
      services,
      servicesOf: (each) => imports.services(org, each).services,
    };
    return { ...base, pm2Runs, remarks: [...said, ...more], target };
  }
  const file = imports.place(asked.output ?? "ecosystem.config.cjs");
  const form = formOf(file);
  if (form === undefined) {
    throw new TsmError("USAGE", `'${basename(file)}' is not a name for an ecosystem file`, {
      hint: "As ecosystem.config.cjs, or any name that ends in .config.js, .config.mjs, .json or .yaml",
    });
  }
  const head = [
    `From ${basename(source.file)} by tsm import.`,
    ...remarkGroups(said).map(
      (remark) => `${remark.kind === "lost" ? "Not carried" : "Not the same"}: ${remarkText(remark)}`,
    ),
  ];
  return {
    ...base,
    pm2Runs,
    remarks: said,
    target: { kind: "ecosystem", file, textOf: (each) => ecosystemText(each, form, head) },
  };
}

/** A kind alone is its file in this folder; nothing is the only file here that is known. */
function sourceFor(imports: Imports, { source, file }: Asked): { kind: ImportKind | undefined; path: string } {
  const kind = importKinds.find((each) => each === source?.toLowerCase());
  if (kind !== undefined && file !== undefined) return { kind, path: file };
  if (file !== undefined) {
    throw new TsmError("USAGE", `'${source}' is not a kind of file`, {
      hint: `The kinds are ${importKinds.join(", ")}`,
    });
  }
  if (kind === "pm2") return { kind, path: imports.pm2Dump() };
  if (kind !== undefined) {
    const [first] = imports.among(".", usualNames[kind]);
    if (first !== undefined) return { kind, path: first };
    throw new TsmError("NO_FILE", `there is no ${usualNames[kind].join(", no ")} here`, {
      hint: `tsm import ${kind} FILE`,
    });
  }
  if (source !== undefined && !imports.isFolder(source)) return { kind: undefined, path: source };
  const folder = source ?? ".";
  const here = Object.values(usualNames).flatMap((names) => imports.among(folder, names).slice(0, 1));
  const [only, another] = here;
  if (only === undefined)
    throw new TsmError("NO_FILE", `there is nothing to import ${source === undefined ? "here" : `in '${source}'`}`, {
      hint: "tsm import FILE, or tsm import pm2",
    });
  if (another === undefined) return { kind: undefined, path: only };
  throw new TsmError("USAGE", `there are several: ${here.map((each) => basename(each)).join(", ")}`, {
    hint: `Say which: tsm import ${basename(only)}`,
  });
}

/** @throws TsmError NOT_FOUND when there is none of a name. */
function chosen(
  apps: readonly ImportedApp[],
  only: readonly string[],
  kind: ImportKind,
): { apps: readonly ImportedApp[]; remarks: readonly Remark[] } {
  // The scripts of a package are chosen where they are read.
  if (only.length === 0 || (kind === "package.json" && apps.length > 0)) return { apps, remarks: [] };
  const missing = only.find((name) => !apps.some((app) => app.name === name));
  if (missing !== undefined) {
    throw new TsmError("NOT_FOUND", `there is no '${missing}' in it`, {
      hint:
        apps.length === 0
          ? "Nothing in it can be carried"
          : `There are ${apps
              .map(({ name }) => name)
              .join(", ")
              .slice(0, 300)}`,
    });
  }
  const kept = apps.filter(({ name }) => only.includes(name));
  const remarks: Remark[] = [];
  const apart = kept.map((app) => {
    const needed = (app.depends_on ?? []).filter((name) => only.includes(name));
    for (const name of app.depends_on ?? [])
      if (!only.includes(name))
        remarks.push({
          app: app.name,
          line: null,
          attribute: "depends_on",
          kind: "lost",
          what: `'${name}' was not asked for`,
        });
    return { ...app, depends_on: needed.length === 0 ? undefined : needed };
  });
  return { apps: apart, remarks };
}

function nothingIn({ file }: ImportSource, remarks: readonly Remark[], kind: ImportKind): TsmError {
  const lines = remarkGroups(remarks)
    .slice(0, 20)
    .map((remark) => `  ${remarkText(remark)}`);
  return new TsmError("BAD_DATA", [`nothing in ${file} (${kindNames[kind]}) can be run here`, ...lines].join("\n"), {
    hint: kind === "package.json" ? "--only NAME takes a script" : "Nothing was written",
  });
}

/** What starts the result. */
export function startCommand(target: Target, cwd: string): string {
  if (target.kind === "ecosystem") {
    const shown = dirname(target.file) === cwd ? basename(target.file) : target.file;
    return `tsm start ${quoted(shown)}`;
  }
  const refs = target.services.map(({ place }) => quoted(place.ref));
  const [only, another] = refs;
  return another === undefined ? `tsm start ${only}` : `tsm enable ${refs.join(" ")} && tsm startup`;
}

export function filesOf(target: Target): string[] {
  if (target.kind === "ecosystem") return [target.file];
  return target.services.flatMap(({ place, env }) => [place.file, ...(env === null ? [] : [env.file])]);
}

/** The whole of it, file after file. */
export function writtenText(target: Target, apps: readonly ImportedApp[]): string {
  if (target.kind === "ecosystem") return target.textOf(apps);
  const files = target
    .servicesOf(apps)
    .flatMap(({ place, text, env }) => [
      `# ${place.file}\n${text}`,
      ...(env === null ? [] : [`# ${env.file}\n${env.text}`]),
    ]);
  return files.join("\n");
}
