/** `1m30s`, `500ms`, `10` (seconds) in milliseconds, as Go programs write lengths of time; undefined when it is none. */
export function goDuration(text: string): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  if (!/^(?:\d+(?:\.\d+)?(?:h|m|s|ms|us|µs|ns))+$/.test(text)) return undefined;
  const units: Readonly<Record<string, number>> = {
    h: 3_600_000,
    m: 60_000,
    s: 1000,
    ms: 1,
    us: 0.001,
    µs: 0.001,
    ns: 0.000_001,
  };
  let total = 0;
  for (const [, digits = "0", unit = "s"] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|us|µs|ns|m|s)/g))
    total += Number(digits) * (units[unit] ?? 0);
  return Math.round(total);
}

/** `512m`, `1g`, `1.5gb`, a number of bytes, as compose files write sizes: `512M`. undefined when it is none. */
export function composeSize(text: string): string | number | undefined {
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?)\s*([bkmg])?(?:i?b)?$/i.exec(text.trim()) ?? [];
  if (digits === undefined) return undefined;
  return unit === "" || /b/i.test(unit) ? Math.round(Number(digits)) : `${digits}${unit.toUpperCase()}`;
}

/** A port that can be listened on. */
export function portIn(text: string): number | undefined {
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535 ? port : undefined;
}
