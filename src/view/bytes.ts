const units = ["B", "kB", "MB", "GB", "TB", "PB"];

/** A size in decimal units with three digits at most: `0 B`, `812 B`, `12.3 MB`, `124 MB`. */
export function bytes(count: number): string {
  let value = Math.max(0, count);
  let unit = 0;
  // 999.95 would be rounded to 1000.0: that is the next unit's 1.0.
  while (value >= (unit === 0 ? 1000 : 999.5) && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${units[unit] ?? "B"}`;
}
