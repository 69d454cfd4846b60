import { controlCharacters } from "./control-characters.ts";
import { TsmError } from "./errors.ts";
import { defaultNamespace } from "./process.ts";
import type { Program } from "./program.ts";

/** What a process is called when nobody says: `server.sh` is `server-3000`, anything else `folder-module-3000`. */
export function automaticName(program: Program, cwd: string, port: number | "none"): string {
  const folder = lastSegment(cwd) || "root";
  const base = program.module.isShellScript ? program.module.name : `${folder}-${program.module.name}`;
  return withPort(legal(base), port);
}

/** A chosen name gets the port too. One that carries it already keeps it as it is. */
export function withPort(base: string, port: number | "none"): string {
  return port === "none" || base.endsWith(`-${port}`) ? base : `${base}-${port}`;
}

/** The name without the `-PORT` that TSM put behind it, or the `-auto` of a service without one. */
export function withoutPort(name: string, port: number | "none"): string {
  const ending = port === "none" ? withoutOne : `-${port}`;
  return name.endsWith(ending) && name !== ending ? name.slice(0, -ending.length) : name;
}

/** Behind the name of a service that has no port. */
export const withoutOne = "-auto";

/** Names become folders: nothing may leave the home, hide, look like a flag or break a line. */
export function checkName(name: string): string {
  const problem = wrongWith(name);
  if (problem === undefined) return name;
  throw new TsmError("BAD_NAME", `the name '${printable(name)}' ${problem}`, {
    hint: "Use letters, digits, '-', '_' and '.', beginning with a letter or digit",
  });
}

/** Why it can be no new name, in words behind it; undefined when it can. */
export function wrongWith(name: string): string | undefined {
  return problemWith(name) ?? meaningOf(name);
}

/** What several processes may be called together; "" is the default one. */
export function checkNamespace(name: string): string {
  return name === "" || name === defaultNamespace ? "" : checkName(name);
}

/** For names read from disk: is it one that we could have made? */
export function isName(name: string): boolean {
  return problemWith(name) === undefined;
}

const mostBytes = 180;

function problemWith(name: string): string | undefined {
  if (name === "") return "is empty";
  if (name.includes("/")) return "contains '/'";
  if (hasControl(name)) return "contains a control character";
  if (name.startsWith(".")) return "begins with '.'";
  if (name.startsWith("-")) return "begins with '-'";
  if (name === "all" || name === "*") return "means every process";
  // 255 bytes is what a file name may have. The longest that is made of it is a lock's guard (see locks.ts).
  if (Buffer.byteLength(name) > mostBytes) return `is longer than ${mostBytes} bytes`;
  return undefined;
}

/** What is unseen itself and makes a name look like another: marks that turn the direction of reading, and blanks without width. */
const unseen = /[\u00AD\u061C\u200B\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF]/;

/** What a name would mean where a process is named: nobody could reach it by that. A number could be, as long as no id is. */
function meaningOf(name: string): string | undefined {
  if (name.trim() === "") return "is blank";
  if (name.startsWith(":")) return "would be taken for a port";
  if (/^pid:/.test(name)) return "would be taken for a pid";
  if (/^%\d+$/.test(name)) return "would be taken for a job of the shell";
  if (/^\$(?:_|\d+)$/.test(name)) return "would be taken for what the shell has shown last";
  if (/[*?]/.test(name)) return "would be taken for a pattern";
  if (name.trim() !== name) return "begins or ends with a blank";
  if (unseen.test(name)) return "would be shown as another";
  return undefined;
}

/** C1 and the separators of lines and paragraphs too: a terminal or a reader of lines may take them for what they are. */
const notShown = String.raw`${controlCharacters}\u0080-\u009f\u2028\u2029`;
const control = new RegExp(`[${notShown}]`);
const illegal = new RegExp(`[${notShown}/*?]`, "g");

function hasControl(text: string): boolean {
  return control.test(text);
}

function printable(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  const spelled = (mark: string) => `\\u${mark.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  return JSON.stringify(short).slice(1, -1).replace(new RegExp(unseen, "g"), spelled);
}

/** Folder and script names may hold anything; what a name may not hold becomes `_`. */
function legal(base: string): string {
  const harmless = base.replace(illegal, "_");
  const name = harmless.replace(new RegExp(unseen, "g"), "_").replace(/^[\s.:%-]+/, "");
  return name.trim() === "" ? "process" : shortened(name).trimEnd();
}

/** 60 characters, or fewer when they are long ones. */
function shortened(name: string): string {
  const characters = [...name].slice(0, 60);
  while (Buffer.byteLength(characters.join("")) > mostBytes - "-65535".length) characters.pop();
  return characters.join("");
}

function lastSegment(path: string): string {
  return path.split("/").filter(Boolean).at(-1) ?? "";
}
