import { TsmError } from "./errors.ts";

/** A point in time as people name it. */
export type Moment = FixedMoment | StartMoment;

/** When the process was last started: another time for each. */
interface StartMoment {
  readonly kind: "start";
}

/** The same for every process. */
export type FixedMoment =
  | { readonly kind: "ago"; readonly ms: number }
  /** Epoch milliseconds. */
  | { readonly kind: "at"; readonly ms: number }
  /** On the day that it is, or so many days before. */
  | { readonly kind: "day"; readonly daysAgo: number; readonly ms: number }
  /** When this machine was started. */
  | { readonly kind: "boot" };

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** @throws TsmError USAGE */
export function parseMoment(word: string): Moment {
  if (word === "boot" || word === "start") return { kind: word };
  if (word === "now") return { kind: "ago", ms: 0 };
  if (word === "today") return { kind: "day", daysAgo: 0, ms: 0 };
  if (word === "yesterday") return { kind: "day", daysAgo: 1, ms: 0 };
  if (/^(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+$/.test(word)) {
    const parts = [...word.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)];
    return {
      kind: "ago",
      ms: parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (units[unit] ?? 0), 0),
    };
  }
  const clock = timeOfDay(word);
  if (clock !== undefined) return { kind: "day", daysAgo: 0, ms: clock };
  const at = dateAndTime(word);
  if (at !== undefined) return { kind: "at", ms: at };
  throw new TsmError("USAGE", `'${word}' is not a time`, {
    hint: "Give a length (10m, 1h30m, 2d), a time (10:30, 2026-01-02T10:00, 2026-01-02), today, yesterday, boot or start",
  });
}

/** Is the word a time, as far as its form goes? */
export function isMoment(word: string): boolean {
  try {
    parseMoment(word);
    return true;
  } catch (error) {
    if (error instanceof TsmError) return false;
    throw error;
  }
}

/** @returns epoch milliseconds. @param sinceBootMs undefined where that is not known */
export function resolveMoment(
  moment: FixedMoment,
  { nowMs, sinceBootMs }: { nowMs: number; sinceBootMs: number | undefined },
): number {
  switch (moment.kind) {
    case "ago":
      // Nothing is older, and no date is where the length is absurd.
      return Math.max(0, nowMs - moment.ms);
    case "at":
      return moment.ms;
    case "day": {
      const now = new Date(nowMs);
      const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate() - moment.daysAgo);
      return midnight.getTime() + moment.ms;
    }
    case "boot":
      if (sinceBootMs !== undefined) return nowMs - sinceBootMs;
      throw new TsmError("USAGE", "when this machine was started is not known here", {
        hint: "Give a time: --since 2h",
      });
  }
}

/** `10:30`, `10:30:05`: milliseconds behind midnight. */
function timeOfDay(word: string): number | undefined {
  const [, hours, minutes, seconds = "0"] = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(word) ?? [];
  if (hours === undefined || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

/** In the time of this machine unless it says another. A day that no month has is none. */
function dateAndTime(word: string): number | undefined {
  const match =
    /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(word);
  if (match === null) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "0", zone] = match;
  const [years, months, days] = [Number(year), Number(month), Number(day)];
  const real = new Date(Date.UTC(years, months - 1, days));
  if (real.getUTCMonth() !== months - 1 || real.getUTCDate() !== days) return undefined;
  const [hours, minutes, seconds] = [Number(hour), Number(minute), Number(second)];
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const ms = Math.floor(Number(`0.${fraction}`) * 1000);
  if (zone === undefined) return new Date(years, months - 1, days, hours, minutes, seconds, ms).getTime();
  return Date.UTC(years, months - 1, days, hours, minutes, seconds, ms) - offsetOf(zone);
}

function offsetOf(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000;
}
