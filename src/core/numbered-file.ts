import { extname } from "node:path";

/** The file of one of several instances: the number stands behind the file's name. Nothing is nothing for all. */
export function numberedFile(path: string, instance: number): string {
  if (path === "NULL" || path === "/dev/null") return path;
  const ending = extname(path);
  return `${ending === "" ? path : path.slice(0, -ending.length)}-${instance}${ending}`;
}

/** The file of another instance: by its own number in place of this one's. */
export function fileOfAnother(path: string, before: number, instance: number): string {
  const ending = extname(path);
  const stem = ending === "" ? path : path.slice(0, -ending.length);
  return numberedFile(stem.endsWith(`-${before}`) ? `${stem.slice(0, -`-${before}`.length)}${ending}` : path, instance);
}
