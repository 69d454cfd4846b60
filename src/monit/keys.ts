import { atFirst, type Mode, moved, type State, selectedRow, sortKeys, withRows } from "./state.ts";

/** A key by its name (`up`, `escape`, `ctrl-c`) or as what it types. */
export type Stroke = string;

/** What a key asks for beyond what is shown. */
export type Wish =
  | { readonly kind: "leave" }
  | { readonly kind: "suspend" }
  | { readonly kind: "repaint" }
  | { readonly kind: "restart" | "stop" | "explain"; readonly name: string };

export interface Struck {
  readonly state: State;
  readonly wish?: Wish;
}

/** What a key does. @param page rows of a page of what is shown */
export function strike(state: State, stroke: Stroke, page: number): Struck {
  if (stroke === "ctrl-c") return { state, wish: { kind: "leave" } };
  if (stroke === "ctrl-z") return { state, wish: { kind: "suspend" } };
  if (stroke === "ctrl-l") return { state, wish: { kind: "repaint" } };
  const { mode } = state;
  switch (mode.kind) {
    case "list":
      return inList({ ...state, message: undefined }, stroke, page);
    case "filter":
      return { state: inFilter(state, mode, stroke, page) };
    case "confirm":
      return confirmed(state, mode, stroke);
    case "logs":
    case "text":
      return { state: { ...state, mode: scrolled(mode, stroke, page) } };
  }
}

function inList(state: State, stroke: Stroke, page: number): Struck {
  const name = selectedRow(state)?.summary.name;
  const steps = stepsOf(stroke, page);
  if (steps !== undefined) return { state: moved(state, steps) };
  switch (stroke) {
    case "q":
      return { state, wish: { kind: "leave" } };
    case "escape":
      return state.filter === "" ? { state, wish: { kind: "leave" } } : { state: filtered(state, "") };
    case "/":
      return { state: { ...state, mode: { kind: "filter", before: state.filter } } };
    case "o":
      return {
        state: { ...state, sort: sortKeys[(sortKeys.indexOf(state.sort) + 1) % sortKeys.length] ?? atFirst.sort },
      };
    case "O":
      return { state: { ...state, isReversed: !state.isReversed } };
    case "r":
      return name === undefined ? { state } : { state, wish: { kind: "restart", name } };
    case "s":
      return name === undefined ? { state } : { state: { ...state, mode: { kind: "confirm", name } } };
    case "l":
    case "return":
      return name === undefined ? { state } : { state: { ...state, mode: { kind: "logs", back: 0 } } };
    case "w":
      return name === undefined ? { state } : { state, wish: { kind: "explain", name } };
    default:
      return { state };
  }
}

function inFilter(state: State, { before }: { readonly before: string }, stroke: Stroke, page: number): State {
  const steps = stroke.length > 1 ? stepsOf(stroke, page) : undefined;
  if (steps !== undefined) return moved(state, steps);
  if (stroke === "return") return { ...state, mode: { kind: "list" } };
  if (stroke === "escape") return { ...filtered(state, before), mode: { kind: "list" } };
  if (stroke === "backspace") return filtered(state, [...state.filter].slice(0, -1).join(""));
  if (stroke === "ctrl-u") return filtered(state, "");
  return [...stroke].length === 1 ? filtered(state, state.filter + stroke) : state;
}

function filtered(state: State, filter: string): State {
  return withRows({ ...state, filter }, state.rows);
}

function confirmed(state: State, { name }: { readonly name: string }, stroke: Stroke): Struck {
  const list: State = { ...state, mode: { kind: "list" } };
  if (stroke === "y" || stroke === "Y") return { state: list, wish: { kind: "stop", name } };
  return { state: { ...list, message: { text: `'${name}' was left as it is`, isBad: false } } };
}

function scrolled(mode: Extract<Mode, { kind: "logs" | "text" }>, stroke: Stroke, page: number): Mode {
  if (["q", "escape", "return", mode.kind === "logs" ? "l" : "w"].includes(stroke)) return { kind: "list" };
  const steps = stepsOf(stroke, page);
  if (steps === undefined) return mode;
  if (mode.kind === "logs") return { ...mode, back: Math.max(0, Math.min(mostBack, mode.back - steps)) };
  const last = Math.max(0, mode.lines.length - page);
  return { ...mode, top: Math.max(0, Math.min(last, mode.top + steps)) };
}

/** So many lines of a log can be gone back. */
const mostBack = 5000;

/** How far a key moves, downwards; undefined: it does not. */
function stepsOf(stroke: Stroke, page: number): number | undefined {
  switch (stroke) {
    case "up":
    case "k":
      return -1;
    case "down":
    case "j":
      return 1;
    case "pageup":
      return -page;
    case "pagedown":
    case " ":
      return page;
    case "home":
    case "g":
      return -mostBack;
    case "end":
    case "G":
      return mostBack;
    default:
      return undefined;
  }
}
