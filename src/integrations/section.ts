import { jsonObject, type Values } from "./json-text.ts";
import type { Place, Remarks } from "./remarks.ts";
import type { YamlFile } from "./yaml-text.ts";

/**
 * A part of a file that is read key by key. What has the wrong type is said, by line; what nobody asked for is told by
 * `rest`, so nothing is passed over in silence.
 */
export class Section {
  readonly values: Values;
  readonly #read = new Set<string>();
  readonly #file: YamlFile;
  readonly #path: readonly (string | number)[];
  readonly #app: string | null;
  readonly #remarks: Remarks;

  constructor(
    values: Values,
    file: YamlFile,
    path: readonly (string | number)[],
    app: string | null,
    remarks: Remarks,
  ) {
    this.values = values;
    this.#file = file;
    this.#path = path;
    this.#app = app;
    this.#remarks = remarks;
  }

  place(...keys: readonly (string | number)[]): Place {
    return { app: this.#app, line: this.#file.lineOf([...this.#path, ...keys]) };
  }

  lost(key: string, what: string): void {
    this.#read.add(key);
    this.#remarks.lost(this.place(key), key, what);
  }

  changed(key: string, what: string): void {
    this.#read.add(key);
    this.#remarks.changed(this.place(key), key, what);
  }

  value(key: string): unknown {
    this.#read.add(key);
    return Object.hasOwn(this.values, key) ? this.values[key] : undefined;
  }

  /** Text, and what is written without quotes and reads as text. */
  text(key: string): string | undefined {
    const value = this.value(key);
    if (value === undefined || value === null) return undefined;
    const text = scalarText(value);
    if (text === undefined) this.lost(key, "is not text");
    return text === "" ? undefined : text;
  }

  number(key: string): number | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (Number.isFinite(value)) return value;
    this.lost(key, `'${text.slice(0, 40)}' is not a number`);
    return undefined;
  }

  truth(key: string): boolean | undefined {
    const text = this.text(key)?.toLowerCase();
    return text === undefined ? undefined : /^(?:true|yes|on|1)$/.test(text);
  }

  /** One text, or a list of them. */
  texts(key: string): readonly string[] {
    const value = this.value(key);
    if (value === undefined || value === null) return [];
    const found = (Array.isArray(value) ? value : [value]).map(scalarText);
    if (found.includes(undefined)) this.lost(key, "has a part that is no text");
    return found.filter((text) => text !== undefined);
  }

  part(key: string): Section | undefined {
    const values = jsonObject(this.value(key));
    return values === undefined
      ? undefined
      : new Section(values, this.#file, [...this.#path, key], this.#app, this.#remarks);
  }

  /** Variables as a map, or as a list of `KEY=VALUE`; a KEY alone is the caller's and needs no word. */
  variables(key: string): Record<string, string> {
    const value = this.value(key);
    const pairs: [string, string][] = [];
    if (Array.isArray(value)) {
      for (const item of value) {
        const [, name, text] = /^\s*([^=]+?)\s*=(.*)$/s.exec(scalarText(item) ?? "") ?? [];
        if (name !== undefined && text !== undefined) pairs.push([name, text]);
      }
    } else {
      for (const [name, item] of Object.entries(jsonObject(value) ?? {})) {
        const text = item === null ? undefined : scalarText(item);
        if (text !== undefined) pairs.push([name, text]);
        else if (item !== null) this.lost(key, `${name} is not text`);
      }
    }
    const wrong = pairs.filter(([name, text]) => !isName(name) || text.includes("\0"));
    if (wrong.length > 0)
      this.lost(key, `'${wrong.map(([name]) => name.slice(0, 40)).join("', '")}' can be no variable`);
    return Object.fromEntries(pairs.filter((pair) => !wrong.includes(pair)));
  }

  /** What nobody has asked for. */
  rest(): string[] {
    return Object.keys(this.values).filter((key) => !this.#read.has(key));
  }
}

function isName(name: string): boolean {
  return /^[A-Za-z_][\w.-]*$/.test(name) && name !== "__proto__";
}

/** What a scalar is as text; undefined for what is none. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" || typeof value === "bigint"
    ? String(value)
    : undefined;
}
