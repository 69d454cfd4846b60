import { formatTime, two, zone } from "./time-format.ts";

/** How the time of a line is shown. */
export const timeStyles = ["iso", "short", "delta"] as const;
type TimeStyle = (typeof timeStyles)[number];
/** A style, or a format of moment's: `HH:mm:ss`. */
export type ShownTime = TimeStyle | { readonly format: string };

/**
 * The time of a line in the time of this machine: `2026-01-02T10:00:00+01:00`, `10:00:00`, or how long after the line
 * before. Each style has one width, also where the time is not known.
 * @param time epoch seconds
 */
export function logTime(time: number | null, style: ShownTime, before: number | null | undefined): string {
  if (typeof style === "object") {
    const shown = formatTime(new Date((time ?? 0) * 1000), style.format);
    return time === null ? "-".padEnd(shown.length) : shown;
  }
  if (style === "delta") return delta(time, before).padStart(8);
  if (time === null) return "-".padEnd(style === "iso" ? 25 : 8);
  const at = new Date(time * 1000);
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(":");
  if (style === "short") return clock;
  const day = [String(at.getFullYear()).padStart(4, "0"), two(at.getMonth() + 1), two(at.getDate())].join("-");
  return `${day}T${clock}${zone(at, ":")}`;
}

function delta(time: number | null, before: number | null | undefined): string {
  if (time === null || before === null) return "-";
  if (before === undefined) return "+0s";
  const seconds = time - before;
  if (seconds < 0) return `${seconds}s`;
  if (seconds < 600) return `+${seconds}s`;
  if (seconds < 360_000) return `+${Math.floor(seconds / 3600)}h${two(Math.floor((seconds % 3600) / 60))}m`;
  return `+${Math.floor(seconds / 86_400)}d`;
}
