const tokens = /\[([^\]]*)\]|YYYY|YY|MMMM|MMM|MM|M|DD|D|dddd|ddd|HH|H|hh|h|mm|m|ss|s|SSS|A|a|ZZ|Z|X|x/g;

/** Is it a format of times, and no word that has its letters by chance? */
export function isTimeFormat(text: string): boolean {
  return /YYYY|MM|DD|HH|hh|mm|ss|X|x/.test(text) && /^(?:\[[^\]]*\]|[YMDdHhmsSAaZXxT\W])+$/.test(text);
}

/** A time of this machine, as moment and dayjs spell it: `YYYY-MM-DD HH:mm:ss Z`; `[at]` is text. */
export function formatTime(at: Date, format: string): string {
  return format.replaceAll(tokens, (token: string, literal: string | undefined) => literal ?? partOf(at, token));
}

function partOf(at: Date, token: string): string {
  const hour = at.getHours();
  const name = (part: "month" | "weekday", style: "long" | "short") =>
    at.toLocaleDateString("en", part === "month" ? { month: style } : { weekday: style });
  const parts: Readonly<Record<string, () => string>> = {
    YYYY: () => String(at.getFullYear()).padStart(4, "0"),
    YY: () => two(at.getFullYear() % 100),
    MMMM: () => name("month", "long"),
    MMM: () => name("month", "short"),
    MM: () => two(at.getMonth() + 1),
    M: () => String(at.getMonth() + 1),
    DD: () => two(at.getDate()),
    D: () => String(at.getDate()),
    dddd: () => name("weekday", "long"),
    ddd: () => name("weekday", "short"),
    HH: () => two(hour),
    H: () => String(hour),
    hh: () => two(hour % 12 || 12),
    h: () => String(hour % 12 || 12),
    mm: () => two(at.getMinutes()),
    m: () => String(at.getMinutes()),
    ss: () => two(at.getSeconds()),
    s: () => String(at.getSeconds()),
    SSS: () => String(at.getMilliseconds()).padStart(3, "0"),
    A: () => (hour < 12 ? "AM" : "PM"),
    a: () => (hour < 12 ? "am" : "pm"),
    Z: () => zone(at, ":"),
    ZZ: () => zone(at, ""),
    X: () => String(Math.floor(at.getTime() / 1000)),
    x: () => String(at.getTime()),
  };
  return parts[token]?.() ?? token;
}

/** `+01:00` */
export function zone(at: Date, between: string): string {
  const minutes = -at.getTimezoneOffset();
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(Math.abs(minutes) / 60))}${between}${two(Math.abs(minutes) % 60)}`;
}

export function two(number: number): string {
  return String(number).padStart(2, "0");
}
