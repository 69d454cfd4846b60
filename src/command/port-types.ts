import { TsmError } from "../core/errors.ts";
import { autoRange, type PortRange, validPort } from "../core/port-choice.ts";
import type { Condition } from "../core/wait-for.ts";
import type { ParamType } from "./define.ts";
import { offering } from "./types.ts";

export const port: ParamType<number> = {
  label: "PORT",
  offers: { kind: "nothing" },
  parse(word) {
    const value = validPort(word);
    if (value !== undefined) return value;
    throw new TsmError("USAGE", `'${word}' is not a port`, { hint: "A port is a number from 1 to 65535" });
  },
};

/** Where to listen: `127.0.0.1:9209`, `[::1]:9209`, or a port of this machine alone. */
export const listenAddress: ParamType<{ readonly host: string; readonly port: number }> = {
  label: "ADDRESS",
  offers: offering({
    "127.0.0.1:9209": "For this machine alone",
    "0.0.0.0:9209": "For all who reach this machine",
  }),
  parse(word) {
    const [, six, four = "127.0.0.1", digits = ""] =
      /^(?:(?:\[([0-9a-f:.]+)\]|([^:[\]\s]+)):)?(\d+)$/i.exec(word) ?? [];
    const number = digits === "0" ? 0 : validPort(digits);
    if (number !== undefined) return { host: six ?? four, port: number };
    throw new TsmError("USAGE", `'${word}' is not an address to listen on`, {
      hint: "Give HOST:PORT, as 127.0.0.1:9209, or 0.0.0.0:9209 for all who reach this machine",
    });
  },
};

/** A port, or where to look for one: `8000+`, `8000-8099`, `auto`. */
export const portOrRange: ParamType<number | PortRange> = {
  label: "PORT",
  offers: offering({ auto: "A free one from 8000 to 8999" }),
  parse(word) {
    if (word === "auto") return autoRange;
    return /^\d+(?:\+|-\d+)$/.test(word) ? portRange(word) : port.parse(word);
  },
};

/** `3000-3999`, `3000+`, or one port. @throws TsmError USAGE */
export function portRange(word: string): PortRange {
  const [, first = "", open, last] = /^(\d+)(?:(\+)|-(\d+))?$/.exec(word) ?? [];
  const from = validPort(first);
  const to = open === undefined ? validPort(last ?? first) : 65_535;
  if (from !== undefined && to !== undefined && from <= to) return { from, to };
  throw new TsmError("USAGE", `'${word}' is not a range of ports`, {
    hint: "Give FROM-TO, as 3000-3999, with numbers from 1 to 65535; 3000+ is all from there on",
  });
}

/** What `wait` waits for. */
export const waitCondition: ParamType<Condition> = {
  label: "online|stopped|port:N",
  offers: offering({ online: "It is up", stopped: "It has ended, and not crashed" }),
  parse(word) {
    if (word === "online" || word === "stopped") return { kind: word };
    const number = validPort(/^port:(\d+)$/.exec(word)?.[1] ?? "");
    if (number !== undefined) return { kind: "port", port: number };
    throw new TsmError("USAGE", `'${word}' is nothing to wait for`, { hint: "Give online, stopped or port:3000" });
  },
};
