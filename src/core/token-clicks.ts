import { isApi, kindOf, type Token, tokenName } from "./token.ts";
import { average, type Count, counted, elementOf } from "./token-reports.ts";

/** One click on the timeline. */
export interface Click {
  readonly time: number | null;
  readonly session: string | null;
  readonly element: string;
  readonly page: string | null;
  /** Milliseconds since the click before it in its session; null for the first. */
  readonly after: number | null;
  /** A second at most after it. */
  readonly rapid: boolean;
}

export interface Clicks {
  readonly clicks: readonly Click[];
  readonly top: readonly Count[];
}

export function clicks(tokens: readonly Token[]): Clicks {
  const last = new Map<string | null, number>();
  const found = tokens
    .filter((token) => kindOf(token) === "click")
    .map((token): Click => {
      const { time, session, page } = token;
      const before = last.get(session);
      const after = time === null || before === undefined ? null : time - before;
      if (time !== null) last.set(session, time);
      return { time, session, element: elementOf(token), page, after, rapid: after !== null && after <= 1000 };
    });
  return { clicks: found, top: counted(found.map(({ element }) => element)).slice(0, 10) };
}

/** A click and the answer that came after it. */
export interface ClickAnswer {
  readonly time: number;
  readonly session: string | null;
  readonly element: string;
  readonly api: string;
  /** Milliseconds from the click to the event. */
  readonly delay: number;
  /** What the event says that it took; else the delay. */
  readonly took: number;
  readonly slow: boolean;
}

export interface ClickPerformance {
  readonly pairs: readonly ClickAnswer[];
  readonly average: number | null;
  readonly slow: number;
  /** Clicks that nothing came after. */
  readonly unanswered: number;
}

const withinMs = 5000;
const slowMs = 1000;

/** Each API event belongs to the last click of its session before it, five seconds at most. */
export function clickPerformance(tokens: readonly Token[]): ClickPerformance {
  const pairs: ClickAnswer[] = [];
  const answered = new Set<Token>();
  const lastClick = new Map<string | null, Token>();
  let anyClick: Token | undefined;
  for (const token of tokens) {
    const kind = kindOf(token);
    if (token.time === null) continue;
    if (kind === "click") {
      lastClick.set(token.session, token);
      anyClick = token;
    } else if (isApi(token)) {
      // An event that names no session may belong to any; a click without one to any event.
      const click = token.session === null ? anyClick : (lastClick.get(token.session) ?? lastClick.get(null));
      const delay = token.time - (click?.time ?? Number.NEGATIVE_INFINITY);
      if (click?.time == null || delay > withinMs) continue;
      const took = token.duration ?? delay;
      const { session } = click;
      answered.add(click);
      pairs.push({
        time: click.time,
        session,
        element: elementOf(click),
        api: tokenName(token),
        delay,
        took,
        slow: took > slowMs,
      });
    }
  }
  const all = tokens.filter((token) => kindOf(token) === "click").length;
  return {
    pairs,
    average: average(pairs.map(({ took }) => took)),
    slow: pairs.filter(({ slow }) => slow).length,
    unanswered: all - answered.size,
  };
}
