import { createRequire } from "node:module";
import { afterEach, describe, expect, test } from "vitest";

interface Stamp {
  lines(bytes: Buffer, now: Date, isInLine: boolean): Buffer;
  rest(now: Date): Buffer;
}

// What the file exports for this test: it is no module of ours, but a program that runs by itself.
const { formatDate, textStamp, jsonStamp } = createRequire(import.meta.url)("../../../src/runner/stamper.cjs") as {
  formatDate(date: Date, format: string): string;
  textStamp(format: string): Stamp;
  jsonStamp(about: { format: string | null; id: number; name: string; type: "out" | "err" }): Stamp;
};

const zone = process.env["TZ"];
afterEach(() => {
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;
});

describe("a time by its tokens", () => {
  const moment = new Date("2026-03-05T07:08:09.045Z");
  test.for([
    { format: "YYYY-MM-DDTHH:mm:ss", is: "2026-03-05T07:08:09" },
    { format: "YYYY-MM-DD HH:mm:ss.SSS Z", is: "2026-03-05 07:08:09.045 +00:00" },
    { format: "D/M/YY H:m:s ZZ", is: "5/3/26 7:8:9 +0000" },
    { format: "ddd, DD MMM YYYY hh:mm A", is: "Thu, 05 Mar 2026 07:08 AM" },
    { format: "dddd MMMM h a", is: "Thursday March 7 am" },
    { format: "dd d", is: "Th 4" },
    { format: "X x S SS", is: "1772694489 1772694489045 0 04" },
    { format: "[at] HH [o'clock, YYYY]", is: "at 07 o'clock, YYYY" },
    { format: "é", is: "é" },
    { format: "", is: "" },
  ])("$format is $is", ({ format, is }) => {
    process.env["TZ"] = "UTC";
    expect(formatDate(moment, format)).toBe(is);
  });

  test.for([
    { in: "Asia/Kolkata", is: "12:38 +05:30" },
    { in: "America/St_Johns", is: "03:38 -03:30" },
    { in: "UTC", is: "07:08 +00:00" },
  ])("in $in it is $is", ({ in: where, is }) => {
    process.env["TZ"] = where;
    expect(formatDate(moment, "HH:mm Z")).toBe(is);
  });

  test("noon is 12 PM, midnight 12 AM", () => {
    process.env["TZ"] = "UTC";
    expect(formatDate(new Date("2026-03-05T12:00:00Z"), "h A")).toBe("12 PM");
    expect(formatDate(new Date("2026-03-05T00:00:00Z"), "h A")).toBe("12 AM");
  });
});

describe("lines of text", () => {
  const now = new Date(0);
  const fed = (pieces: readonly (string | Buffer)[]) => {
    const stamp = textStamp("[T]");
    let isInLine = false;
    return Buffer.concat(
      pieces.map((piece) => {
        const bytes = Buffer.from(piece);
        const lines = stamp.lines(bytes, now, isInLine);
        isInLine = bytes.at(-1) !== 0x0a;
        return lines;
      }),
    );
  };

  test.for([
    { pieces: ["one\ntwo\n"], are: "T: one\nT: two\n" },
    { pieces: ["o", "n", "e\ntw", "o\n"], are: "T: one\nT: two\n" },
    { pieces: ["\n\n"], are: "T: \nT: \n" },
    { pieces: ["a\r\nb"], are: "T: a\r\nT: b" },
    { pieces: ["a", "\n", "b\n"], are: "T: a\nT: b\n" },
    { pieces: ["é$&$1\n"], are: "T: é$&$1\n" },
  ])("$pieces become $are", ({ pieces, are }) => {
    expect(fed(pieces).toString()).toBe(are);
  });

  test("every byte that came in goes out", () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    expect(fed([bytes])).toEqual(
      Buffer.concat([Buffer.from("T: "), bytes.subarray(0, 11), Buffer.from("T: "), bytes.subarray(11)]),
    );
  });
});

describe("lines as objects", () => {
  const now = new Date("2026-03-05T07:08:09.045Z");
  const about = { format: null, id: 3, name: "api", type: "err" } as const;

  test("each line is what pm2 makes of it", () => {
    const stamp = jsonStamp(about);
    expect(stamp.lines(Buffer.from('say "hi"\n'), now, false).toString()).toBe(
      '{"message":"say \\"hi\\"\\n","timestamp":"2026-03-05T07:08:09.045Z","type":"err","process_id":3,"app_name":"api"}\n',
    );
  });

  test("pieces of a line and of a character are one object", () => {
    const stamp = jsonStamp({ ...about, format: "[then]" });
    const [first, second] = [Buffer.from("né").subarray(0, 2), Buffer.from("né\n").subarray(2)];
    expect(stamp.lines(first, now, false).toString()).toBe("");
    expect(JSON.parse(stamp.lines(second, now, false).toString())).toMatchObject({
      message: "né\n",
      timestamp: "then",
    });
    expect(stamp.rest(now)).toHaveLength(0);
  });

  test("the end of a log that has no newline is an object too, and what is no text harms nothing", () => {
    const stamp = jsonStamp(about);
    expect(stamp.lines(Buffer.from([0x61, 0xff, 0x00]), now, false)).toHaveLength(0);
    expect(JSON.parse(stamp.rest(now).toString())).toMatchObject({ message: "a\uFFFD\0" });
  });

  test("a line without an end becomes objects of a bounded size that hold all of it", () => {
    const stamp = jsonStamp(about);
    let written = "";
    for (let piece = 0; piece < 100; piece += 1) written += stamp.lines(Buffer.alloc(4096, "x"), now, false).toString();
    written += stamp.rest(now).toString();
    const messages = written
      .trimEnd()
      .split("\n")
      .map((line): string => JSON.parse(line).message);
    expect(messages.join("")).toBe("x".repeat(409_600));
    expect(Math.max(...messages.map(({ length }) => length))).toBeLessThan(70_000);
  });

  test("behind half an object of one that was killed a line begins", () => {
    expect(jsonStamp(about).lines(Buffer.from("a\n"), now, true).toString()).toMatch(/^\n\{.*\}\n$/);
  });
});
