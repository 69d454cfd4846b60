import type { Values } from "./json-text.ts";
import { textOf } from "./pm2-environment.ts";

export function text(values: Values, key: string): string | undefined {
  const value = values[key];
  return typeof value === "string" && value !== "" && !value.includes("\0") ? value : undefined;
}

export function number(values: Values, key: string): number | undefined {
  const value = values[key];
  const found = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  return typeof found === "number" && Number.isFinite(found) && found >= 0 ? found : undefined;
}

export function flag(values: Values, key: string): boolean | undefined {
  return values[key] === true ? true : undefined;
}

export function words(values: Values, key: string): readonly string[] | undefined {
  const value = values[key];
  if (typeof value === "string" && value !== "") return [value];
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.map(textOf).filter((word) => word !== undefined);
}

export function numbers(values: Values, key: string): readonly number[] | undefined {
  const value = values[key];
  if (typeof value === "number") return [value];
  const found = Array.isArray(value) ? value.map(Number).filter(Number.isInteger) : [];
  return found.length === 0 ? undefined : found;
}

/** As people write it, where it comes out even. */
export function memory(value: number | string | undefined): string | number | undefined {
  if (typeof value !== "number") return value;
  for (const [unit, size] of [
    ["G", 1024 ** 3],
    ["M", 1024 ** 2],
    ["K", 1024],
  ] as const)
    if (value >= size && value % size === 0) return `${value / size}${unit}`;
  return value;
}

export function unless<T>(value: T | undefined, usual: T): T | undefined {
  return value === usual ? undefined : value;
}
