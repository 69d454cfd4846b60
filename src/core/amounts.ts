/** Bytes in words: `200M`, `1.5G`, `500K` (of 1024), or a plain number; undefined when it is none. */
export function bytesIn(word: string): number | undefined {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?$/i.exec(word) ?? [];
  if (digits === undefined) return undefined;
  const value = Math.round(Number(digits) * 1024 ** " KMGT".indexOf(unit === "" ? " " : unit.toUpperCase()));
  return Number.isSafeInteger(value) ? value : undefined;
}

/** As `bytesIn` reads them, a digit behind the point at most: `200M`, `1.5G`. */
export function sizeIn(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(4, Math.floor(Math.log2(bytes) / 10));
  return `${Math.round((bytes / 1024 ** power) * 10) / 10}${" KMGT".charAt(power).trim()}`;
}

/** What is measured, as everywhere of 1000: `165 MB`. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

/** `used 91 MB of memory, 80M (84 MB) are allowed`: the limit as it was typed, and as what is measured is shown. */
export function excess(bytes: number, limit: number): string {
  return `used ${megabytes(bytes)} of memory, ${sizeIn(limit)} (${megabytes(limit)}) are allowed`;
}

/**
 * A length of time in words, `bare` when it has no unit: `500ms`, `10s`, `2m`, `1h`, `7d`, `2w`, the long before the short
 * `1h30m`; undefined when it is none.
 */
export function millisecondsIn(word: string, bare: "ms" | "s"): number | undefined {
  const text = /^\d+(?:\.\d+)?$/.test(word) ? word + bare : word;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$/.test(text)) return undefined;
  let value = 0;
  let above = Number.POSITIVE_INFINITY;
  for (const [, digits, unit = ""] of text.matchAll(/([\d.]+)([a-z]+)/g)) {
    const factor = unitMs.get(unit) ?? above;
    if (factor >= above) return undefined;
    value += Number(digits) * factor;
    above = factor;
  }
  return Number.isSafeInteger(Math.round(value)) ? Math.round(value) : undefined;
}

const unitMs = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
  ["w", 604_800_000],
]);
