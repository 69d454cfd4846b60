import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What systemd-analyze finds wrong with a unit; empty: nothing. There is no systemd on macOS. */
export function problemsOf(unit: string, manager: "system" | "user" = "system"): string {
  if (process.platform === "darwin") return "";
  const runtime = mkdtempSync(join(tmpdir(), "tsm-runtime-"));
  try {
    const args = [...(manager === "user" ? ["--user"] : []), "verify", unit];
    const env = { ...process.env, XDG_RUNTIME_DIR: runtime };
    const { error, status, stdout, stderr } = spawnSync("systemd-analyze", args, { encoding: "utf8", env });
    if (error !== undefined) throw new Error("this test needs systemd-analyze (package systemd)", { cause: error });
    return status === 0 ? stderr : `${status}: ${stdout}${stderr}`;
  } finally {
    rmSync(runtime, { recursive: true, force: true });
  }
}

/** The values of a key in a unit, in their order. */
export function valuesOf(unit: string, key: string): string[] {
  return unit.split("\n").flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []));
}

/** The words of a line as systemd reads them (systemd.service, "COMMAND LINES"; systemd.syntax, "QUOTING"). */
export function wordsOf(line: string, variables: "kept" | "expanded"): string[] {
  const words = [...line.matchAll(/\s*"((?:[^"\\]|\\.)*)"/gy)].map(([, word = ""]) => word);
  if (words.length === 0 || words.map((word) => `"${word}"`).join(" ") !== line)
    throw new Error(`not all in quotes: ${line}`);
  return words.map((word, index) => {
    const text = word.replace(/\\(x[0-9a-f]{2}|.)/gs, (_whole, code: string) => {
      const known = { n: "\n", t: "\t", r: "\r", '"': '"', "\\": "\\" }[code];
      if (known !== undefined) return known;
      if (!/^x/.test(code)) throw new Error(`no escape of systemd's: \\${code}`);
      return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    });
    if (/%(?!%)/.test(text.replaceAll("%%", ""))) throw new Error(`a specifier in ${text}`);
    const plain = text.replaceAll("%%", "%");
    if (variables === "kept" || index === 0) return plain;
    if (plain.replaceAll("$$", "").includes("$")) throw new Error(`a variable in ${plain}`);
    return plain.replaceAll("$$", "$");
  });
}

/** The variables of an EnvironmentFile as systemd reads it: values in quotes, over several lines where they are. */
export function environmentOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  const entry = /(?:#[^\n]*\n|\n|([A-Za-z_]\w*)=(?:'([^']*)'|"((?:[^"\\]|\\.)*)")\n)/gsy;
  while (entry.lastIndex < text.length) {
    const at = entry.lastIndex;
    const match = entry.exec(text);
    if (match === null) throw new Error(`no line of an environment file: ${text.slice(at, at + 80)}`);
    const [, name, single, double] = match;
    if (name !== undefined) found[name] = single ?? (double ?? "").replace(/\\(["\\`$])/g, "$1");
  }
  return found;
}
