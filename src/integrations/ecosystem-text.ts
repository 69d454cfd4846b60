import { Document } from "yaml";
import type { ImportedApp } from "../core/imported-app.ts";

/** In which an ecosystem file may be written. */
export type EcosystemForm = "cjs" | "mjs" | "json" | "yaml";

/** By its ending; undefined when no ecosystem file is called so. */
export function formOf(file: string): EcosystemForm | undefined {
  if (/\.config\.c?js$/.test(file)) return "cjs";
  if (/\.config\.mjs$/.test(file)) return "mjs";
  if (file.endsWith(".json")) return "json";
  return /\.ya?ml$/.test(file) ? "yaml" : undefined;
}

/** @param head lines for whoever opens it; JSON has no place for them. */
export function ecosystemText(apps: readonly ImportedApp[], form: EcosystemForm, head: readonly string[]): string {
  const file = { apps: apps.map(attributesOf) };
  if (form === "json") return `${JSON.stringify(file, null, 2)}\n`;
  // A line of a comment ends where the reader says that a line ends.
  const lines = head.map((line) => line.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " "));
  if (form === "yaml")
    return `${lines.map((line) => `# ${line}\n`).join("")}${new Document(file).toString({ lineWidth: 0 })}`;
  const comments = lines.map((line) => `// ${line}\n`).join("");
  return `${comments}${form === "cjs" ? "module.exports =" : "export default"} ${written(file, "")};\n`;
}

/** What is said, and `env_NAME` for each environment. */
function attributesOf({
  environments,
  health_interval,
  health_failures,
  ...app
}: ImportedApp): Record<string, unknown> {
  const said = Object.entries({ ...app, health: healthOf(app.health, health_interval, health_failures) }).filter(
    ([, value]) => value !== undefined,
  );
  const named = Object.entries(environments ?? {}).map(([name, values]) => [`env_${name}`, values] as const);
  const at = said.findIndex(([key]) => key === "env") + 1;
  return withoutUndefined(Object.fromEntries([...said.slice(0, at), ...named, ...said.slice(at)]));
}

function healthOf(probe: string | undefined, interval: number | undefined, failures: number | undefined): unknown {
  if (probe === undefined || (interval === undefined && failures === undefined)) return probe;
  const asked = probe.startsWith("cmd:") ? { cmd: probe.slice("cmd:".length) } : { http: probe };
  return { ...asked, interval, failures };
}

function withoutUndefined(values: Record<string, unknown>): Record<string, unknown> {
  // As JSON does it, inside too.
  return JSON.parse(JSON.stringify(values));
}

/** As people write it: no quotes around names, short lists on one line. */
function written(value: unknown, indent: string): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const line = `[${value.map((each) => written(each, inner)).join(", ")}]`;
    const isShort = value.every((each) => typeof each !== "object") && line.length < 100;
    return isShort ? line : `[\n${value.map((each) => `${inner}${written(each, inner)},\n`).join("")}${indent}]`;
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return "{}";
  const lines = entries.map(([key, each]) => `${inner}${nameOf(key)}: ${written(each, inner)},\n`);
  return `{\n${lines.join("")}${indent}}`;
}

function nameOf(key: string): string {
  // `__proto__: x` would say whose child the object is.
  if (key === "__proto__") return '["__proto__"]';
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}
