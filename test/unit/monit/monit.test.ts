import { describe, expect, test } from "vitest";
import type { ProcessSummary } from "../../../src/core/process.ts";
import { frame, type Place } from "../../../src/monit/frame.ts";
import { Histories } from "../../../src/monit/histories.ts";
import { strike } from "../../../src/monit/keys.ts";
import { atFirst, type Row, type State, shownRows, withRows } from "../../../src/monit/state.ts";
import { glyphsFor } from "../../../src/view/glyphs.ts";
import { plain } from "../../../src/view/paint.ts";
import { displayWidth } from "../../../src/view/width.ts";

const summary: ProcessSummary = {
  id: 0,
  name: "",
  status: "online",
  pid: 4_000_000,
  port: 65_535,
  uptimeMs: 400 * 86_400_000,
  restarts: 9999,
  namespace: "default",
  cpu: 0,
  memory: 0,
  type: "node",
  command: "",
  cwd: "/",
  supervised: true,
  retryInMs: null,
  unstableRestarts: 0,
  reason: "",
  lastExit: null,
};

function row(id: number, name: string, more: Partial<ProcessSummary> & { used?: number; memory?: number } = {}): Row {
  const past = Array.from({ length: 60 }, (_, at) => (at % 7 === 0 ? undefined : at));
  const { used = 1, memory = 1_000_000, ...rest } = more;
  return { summary: { ...summary, id, name, ...rest }, cpu: used, memory, history: { cpu: past, memory: past } };
}

const rows = [
  row(0, "api", { used: 3 }),
  row(1, "worker", { used: 99.97, memory: 12_345_678_901 }),
  row(2, "a name that is far too long for any screen of eighty columns", { status: "waiting" }),
  row(3, "日本語 \u001b[31m名前", { status: "crashed", pid: null, uptimeMs: null }),
  row(1234, "web", { status: "stopped", supervised: false }),
];
const open = (some: readonly Row[] = rows): State => withRows(atFirst, some);
const place = (columns: number, height: number, cut = "…"): Place => ({
  columns,
  rows: height,
  paint: plain,
  glyphs: glyphsFor({ cut }),
  cut,
});
const shown = { time: "10:30:00", logLines: Array.from({ length: 200 }, (_, at) => `line ${at}`), explains: "why" };

describe("the picture", () => {
  const many = Array.from({ length: 150 }, (_, id) => row(id, `p${id}`));
  const states: readonly State[] = [
    open(),
    open([]),
    open(many),
    { ...open(many), selected: "p149" },
    { ...open(), mode: { kind: "logs", back: 10 } },
    { ...open(), mode: { kind: "confirm", name: rows[2]?.summary.name ?? "" } },
    { ...open(), mode: { kind: "filter", before: "" }, filter: "x".repeat(300) },
    { ...open(), mode: { kind: "text", title: "why ".repeat(60), lines: ["x".repeat(500), "", "y"], top: 0 } },
    { ...open(), message: { text: "m".repeat(500), isBad: true } },
  ];

  test.for([
    { columns: 80, height: 24 },
    { columns: 99, height: 25 },
    { columns: 200, height: 60 },
    { columns: 500, height: 200 },
    { columns: 79, height: 24 },
    { columns: 20, height: 2 },
    { columns: 4, height: 1 },
  ])("fills $columns x $height and no more, whatever is shown", ({ columns, height }) => {
    for (const state of states)
      for (const cut of ["…", "~"]) {
        const picture = frame(state, shown, place(columns, height, cut));
        for (const line of picture) expect(displayWidth(line), line).toBeLessThanOrEqual(columns);
        if (columns >= 80) expect(picture).toHaveLength(height);
        else expect(picture.length).toBeLessThanOrEqual(height);
        expect(picture.join("")).not.toContain("\u001b");
      }
  });

  test("the selected process is on it, wherever it is in a long list", () => {
    for (let id = 0; id < 150; id += 7)
      expect(frame({ ...open(many), selected: `p${id}` }, shown, place(80, 24)).join("\n")).toMatch(
        new RegExp(`^› ${id} +p${id} `, "m"),
      );
  });

  test("in ASCII it is ASCII", () => {
    for (const line of frame(open(rows.slice(0, 2)), shown, place(80, 24, "~"))) expect(line).toMatch(/^[ -~]*$/);
  });
});

describe("keys", () => {
  const press = (state: State, ...strokes: readonly string[]) =>
    strokes.reduce((now, stroke) => strike(now.state, stroke, 5), { state } as ReturnType<typeof strike>);

  test.for(["q", "escape", "ctrl-c"])("%s leaves", (stroke) => {
    expect(press(open(), stroke).wish).toEqual({ kind: "leave" });
  });

  test("up and down stop at the ends", () => {
    expect(press(open(), "up").state.selected).toBe("api");
    expect(press(open(), "down", "j").state.selected).toBe(rows[2]?.summary.name);
    expect(press(open(), "end", "down").state.selected).toBe("web");
    expect(press(open(), "pagedown", "home").state.selected).toBe("api");
  });

  test("s asks, and only y stops", () => {
    expect(press(open(), "s").wish).toBeUndefined();
    expect(press(open(), "s", "y").wish).toEqual({ kind: "stop", name: "api" });
    for (const stroke of ["n", "return", "escape", "q", "s", " "]) {
      const { wish, state } = press(open(), "s", stroke);
      expect(wish).toBeUndefined();
      expect(state.mode.kind).toBe("list");
    }
    expect(press(open(), "s", "ctrl-c").wish).toEqual({ kind: "leave" });
  });

  test("what is typed behind / filters, Enter keeps it, Escape takes it back", () => {
    const typed = press(open(), "/", "o", "r", "k").state;
    expect(shownRows(typed).map(({ summary: { name } }) => name)).toEqual(["worker"]);
    expect(typed.selected).toBe("worker");
    expect(press(typed, "return").state).toMatchObject({ filter: "ork", mode: { kind: "list" } });
    expect(press(typed, "escape").state).toMatchObject({ filter: "", mode: { kind: "list" } });
    // With a filter Escape is for the filter; the next one leaves.
    expect(press(typed, "return", "escape").wish).toBeUndefined();
    expect(press(typed, "return", "escape", "escape").wish).toEqual({ kind: "leave" });
    expect(press(open(), "/", "q", "s").wish).toBeUndefined();
    expect(press(open(), "/", "c", "r", "a", "s", "h").state.selected).toBe(rows[3]?.summary.name);
  });

  test("keys that act do nothing where nothing is selected", () => {
    for (const stroke of ["r", "s", "l", "w", "up", "down"]) {
      const { state, wish } = press(open([]), stroke);
      expect([wish, state.mode.kind]).toEqual([undefined, "list"]);
    }
  });

  test("o sorts by the next field, O turns the order round", () => {
    expect(press(open(), "o", "o").state.sort).toBe("cpu");
    expect(shownRows(press(open(), "o", "o").state)[0]?.summary.name).toBe("worker");
    expect(shownRows(press(open(), "O").state)[0]?.summary.name).toBe("web");
  });

  test("logs and texts scroll within their ends, and q goes back", () => {
    const text: State = {
      ...open(),
      mode: { kind: "text", title: "why", lines: ["1", "2", "3", "4", "5", "6", "7"], top: 0 },
    };
    expect(press(text, "down", "down", "down", "down").state.mode).toMatchObject({ top: 2 });
    expect(press(text, "end", "home").state.mode).toMatchObject({ top: 0 });
    expect(press(open(), "l", "up", "up", "down").state.mode).toEqual({ kind: "logs", back: 1 });
    for (const stroke of ["q", "escape"]) expect(press(open(), "l", stroke).state.mode).toEqual({ kind: "list" });
  });
});

test("when the selected process goes, the one in its place is selected", () => {
  const state = { ...open(), selected: "worker" };
  const without = (name: string) => rows.filter(({ summary }) => summary.name !== name);
  expect(withRows(state, without("api")).selected).toBe("worker");
  expect(withRows(state, without("worker")).selected).toBe(rows[2]?.summary.name);
  expect(withRows({ ...open(), selected: "web" }, without("web")).selected).toBe(rows[3]?.summary.name);
  expect(withRows(state, []).selected).toBeUndefined();
});

test("a history has a value for each minute, and minutes that a pass of an idle home slipped over have the one before", () => {
  const histories = new Histories(5);
  const at = 1_000_000 * 60;
  const add = (minute: number, cpu: number) => histories.add([{ at: at + minute * 60, name: "api", cpu, memory: 1 }]);
  for (const [minute, cpu] of [
    [-9, 9],
    [0, 1],
    [2, 3],
    [2, 5],
    [6, 7],
  ] as const)
    add(minute, cpu);
  expect(histories.of("api", (at + 6 * 60) * 1000).cpu).toEqual([4, 4, 4, 4, 7]);
  expect(histories.of("api", (at + 2 * 60) * 1000).cpu).toEqual([undefined, undefined, 1, 1, 4]);
  expect(histories.of("nobody", at * 1000).cpu).toEqual(Array.from({ length: 5 }, () => undefined));
  add(11, 8);
  expect(histories.of("api", (at + 11 * 60) * 1000).cpu).toEqual([undefined, undefined, undefined, undefined, 8]);
});
