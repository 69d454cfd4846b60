// @ts-check
"use strict";
// Stands between a process that asked for it and its logs, and puts the time before each line.
//   node stamper.cjs LAUNCH/stamp.json 3<PIPE 4<PIPE
// HUP: opens its files anew (they were moved away). USR2: ends, another one takes over. Ends when nobody holds the pipes.
// What it has read and not yet written dies with it: so it reads little at a time, and keeps nothing back but, where a
// line becomes a JSON object, the beginning of one that has no end yet. A line of text goes on where the last piece ended.

const fs = require("node:fs");
const { dirname } = require("node:path");
const { StringDecoder } = require("node:string_decoder");

/** Read at once: the most that is lost with a stamper that is killed. */
const chunkBytes = 4096;
/** A line that is longer becomes several objects. */
const longestLine = 64 * 1024;

/**
 * @typedef {{ kind: "text" | "json", format: string | null, zone: string | null, id: number, name: string,
 *   streams: { fd: number, type: "out" | "err", file: string }[] }} Order
 */

/** @param {Order} order */
function main(order) {
  if (order.zone !== null) process.env["TZ"] = order.zone;
  const { Socket } = require("node:net");
  const streams = order.streams.map(({ fd, type, file }) => {
    const log = new Log(file);
    const stamp = order.kind === "json" ? jsonStamp({ ...order, type }) : textStamp(order.format ?? "");
    const buffer = Buffer.allocUnsafe(chunkBytes);
    const onread = {
      buffer,
      callback(/** @type {number} */ length) {
        log.write(stamp.lines(buffer.subarray(0, length), new Date(), log.endsInLine));
        return true;
      },
    };
    /** @type {import("node:net").SocketConstructorOpts & Pick<import("node:net").TcpSocketConnectOpts, "onread">} */
    const options = { fd, readable: true, writable: false, onread };
    const pipe = new Socket(options);
    const flush = () => log.write(stamp.rest(new Date()));
    pipe.on("end", flush);
    pipe.on("error", flush);
    return { pipe, log, flush };
  });
  for (const signal of ["SIGTERM", "SIGINT"]) {
    process.on(signal, () => {
      // It ends with the pipes, not with whoever asks everybody to end.
    });
  }
  process.on("SIGHUP", () => {
    for (const { log } of streams) log.reopen();
  });
  process.on("SIGUSR2", () => {
    for (const { pipe, flush } of streams) {
      flush();
      pipe.destroy();
    }
  });
}

/** A file that is appended to. What cannot be written, on a full disk, is lost as it would be for the process itself. */
class Log {
  /** @param {string} path */
  constructor(path) {
    this.path = path;
    /** @type {number | undefined} */
    this.fd = undefined;
    this.endsInLine = false;
    this.isTorn = false;
    this.reopen();
  }

  reopen() {
    if (this.fd !== undefined) fs.closeSync(this.fd);
    this.fd = undefined;
    try {
      this.open();
    } catch {
      // Tried again with what comes next.
    }
  }

  open() {
    fs.mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    this.fd = fs.openSync(this.path, "a", 0o600);
    this.endsInLine = endsInLine(this.fd, this.path);
    return this.fd;
  }

  /** @param {Buffer} bytes */
  write(bytes) {
    if (bytes.length === 0) return;
    let rest = this.isTorn ? Buffer.concat([Buffer.from("\n"), bytes]) : bytes;
    try {
      const fd = this.fd ?? this.open();
      while (rest.length > 0) rest = rest.subarray(fs.writeSync(fd, rest));
      this.isTorn = false;
    } catch {
      // Full, over quota, gone: the next line begins a line, whatever became of this one.
      this.isTorn = true;
    }
    this.endsInLine = bytes[bytes.length - 1] !== newline;
  }
}

const newline = 0x0a;

/**
 * Was whoever wrote last cut off in a line? Then the next piece goes on with it.
 * @param {number} fd @param {string} path
 */
function endsInLine(fd, path) {
  const { size } = fs.fstatSync(fd);
  if (size === 0) return false;
  const reader = fs.openSync(path, "r");
  try {
    const last = Buffer.alloc(1);
    return fs.readSync(reader, last, 0, 1, size - 1) === 1 && last[0] !== newline;
  } finally {
    fs.closeSync(reader);
  }
}

/**
 * The time before each line. Pieces of lines pass as they come.
 * @param {string} format
 */
function textStamp(format) {
  return {
    /** @param {Buffer} bytes @param {Date} now @param {boolean} isInLine */
    lines(bytes, now, isInLine) {
      // Bytes as characters, so that nothing is taken for text that is none.
      const prefix = Buffer.from(`${formatDate(now, format)}: `).toString("latin1");
      const text = bytes.toString("latin1");
      const isWhole = bytes[bytes.length - 1] === newline;
      const body = (isWhole ? text.slice(0, -1) : text).replaceAll("\n", `\n${prefix}`);
      return Buffer.from(`${isInLine ? "" : prefix}${body}${isWhole ? "\n" : ""}`, "latin1");
    },
    /** @param {Date} _now */
    rest: (_now) => Buffer.alloc(0),
  };
}

/**
 * An object for each line, as pm2 writes it.
 * @param {{ format: string | null, id: number, name: string, type: "out" | "err" }} about
 */
function jsonStamp({ format, id, name, type }) {
  const decoder = new StringDecoder("utf8");
  let held = "";
  /** @param {string} message @param {Date} now */
  const object = (message, now) => {
    const timestamp = format === null ? now.toISOString() : formatDate(now, format);
    return `${JSON.stringify({ message, timestamp, type, process_id: id, app_name: name })}\n`;
  };
  return {
    /** @param {Buffer} bytes @param {Date} now @param {boolean} isInLine */
    lines(bytes, now, isInLine) {
      const parts = (held + decoder.write(bytes)).split("\n");
      held = parts.pop() ?? "";
      let text = parts.map((line) => object(`${line}\n`, now)).join("");
      if (held.length > longestLine) {
        text += object(held, now);
        held = "";
      }
      // Half an object of one that was killed: nobody can read it, and the next stands on a line of its own.
      return Buffer.from(isInLine && text !== "" ? `\n${text}` : text);
    },
    /** @param {Date} now */
    rest(now) {
      const last = held + decoder.end();
      held = "";
      return Buffer.from(last === "" ? "" : object(last, now));
    },
  };
}

const months = "January February March April May June July August September October November December".split(" ");
const days = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

/**
 * A time as the tokens of moment and dayjs say, in the local zone; what stands in [brackets] is no token.
 * @param {Date} date @param {string} format
 */
function formatDate(date, format) {
  const token = /\[([^\]]*)\]|YYYY|YY|MMMM|MMM|MM|M|DD|D|dddd|ddd|dd|d|HH|H|hh|h|mm|m|ss|s|SSS|SS|S|A|a|ZZ|Z|X|x/g;
  return format.replaceAll(token, (word, literal) => literal ?? partOf(date, word));
}

/** @param {Date} date @param {string} token */
function partOf(date, token) {
  const two = (/** @type {number} */ number) => String(number).padStart(2, "0");
  const hour = date.getHours();
  const month = months[date.getMonth()] ?? "";
  const day = days[date.getDay()] ?? "";
  switch (token) {
    case "YYYY":
      return String(date.getFullYear()).padStart(4, "0");
    case "YY":
      return two(date.getFullYear() % 100);
    case "MMMM":
      return month;
    case "MMM":
      return month.slice(0, 3);
    case "MM":
      return two(date.getMonth() + 1);
    case "M":
      return String(date.getMonth() + 1);
    case "DD":
      return two(date.getDate());
    case "D":
      return String(date.getDate());
    case "dddd":
      return day;
    case "ddd":
      return day.slice(0, 3);
    case "dd":
      return day.slice(0, 2);
    case "d":
      return String(date.getDay());
    case "HH":
      return two(hour);
    case "H":
      return String(hour);
    case "hh":
      return two(hour % 12 || 12);
    case "h":
      return String(hour % 12 || 12);
    case "mm":
      return two(date.getMinutes());
    case "m":
      return String(date.getMinutes());
    case "ss":
      return two(date.getSeconds());
    case "s":
      return String(date.getSeconds());
    case "SSS":
    case "SS":
    case "S":
      return String(date.getMilliseconds()).padStart(3, "0").slice(0, token.length);
    case "A":
      return hour < 12 ? "AM" : "PM";
    case "a":
      return hour < 12 ? "am" : "pm";
    case "Z":
    case "ZZ":
      return offset(date, token === "Z" ? ":" : "");
    case "X":
      return String(Math.floor(date.getTime() / 1000));
    default:
      return String(date.getTime());
  }
}

/** @param {Date} date @param {string} between */
function offset(date, between) {
  const minutes = -date.getTimezoneOffset();
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${minutes < 0 ? "-" : "+"}${String(hours).padStart(2, "0")}${between}${String(rest).padStart(2, "0")}`;
}

module.exports = { formatDate, textStamp, jsonStamp };
if (require.main === module) main(JSON.parse(fs.readFileSync(process.argv[2] ?? "", "utf8")));
