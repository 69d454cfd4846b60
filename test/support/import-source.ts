import { dirname, resolve } from "node:path";
import type { ImportSource, Remark } from "../../src/core/imported-app.ts";

/** A file that is imported, and files beside it, none of them on a disk. */
export function importSource(
  file: string,
  text: string,
  around: {
    readonly env?: Readonly<Record<string, string>>;
    /** By absolute path. */
    readonly files?: Readonly<Record<string, string>>;
    readonly keepEnv?: readonly string[];
    readonly only?: readonly string[];
  } = {},
): ImportSource {
  const { env = {}, files = {}, keepEnv = [], only = [] } = around;
  const folder = dirname(file);
  return {
    file,
    folder,
    text,
    env,
    hostName: "myhost",
    keepEnv,
    only,
    has: (path) => resolve(folder, path) in files,
    variables(path) {
      const found = files[resolve(folder, path)];
      return found === undefined
        ? undefined
        : new Map(found.split("\n").flatMap((line) => (line.includes("=") ? [twoParts(line)] : [])));
    },
    matching(pattern) {
      const shape = new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", "[^/]*")}$`);
      return Object.entries(files).flatMap(([path, content]) =>
        shape.test(path) ? [{ file: path, text: content }] : [],
      );
    },
  };
}

function twoParts(line: string): [string, string] {
  const at = line.indexOf("=");
  return [line.slice(0, at), line.slice(at + 1)];
}

/** What is said of an app; what is not said is not there. */
export function said(app: object | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(app ?? {}).filter(([, value]) => value !== undefined));
}

/** The remarks of one kind, a line each: `api ports:12`. */
export function places(remarks: readonly Remark[], kind: Remark["kind"]): string[] {
  return remarks
    .filter((remark) => remark.kind === kind)
    .map(({ app, attribute, line }) => `${app ?? "-"} ${attribute}${line === null ? "" : `:${line}`}`);
}
