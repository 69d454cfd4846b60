import type { ProcessSummary } from "../core/process.ts";
import type { Look } from "../view/look.ts";
import type { Span } from "./editor/painter.ts";
import type { Styles } from "./editor/styles.ts";

/** `tsm 3● 1✗ › `: how many processes are online, and how many crashed when there are any. */
export function promptFor(
  name: string,
  summaries: readonly ProcessSummary[],
  styles: Styles,
  { plain, fit }: Look,
): Span[] {
  const { online, crashed } = countsOf(summaries);
  const first = name === "" ? "" : `${name} `;
  if (plain) return [{ text: `${first}${inWords(online, crashed)} > ` }];
  return [
    { text: first },
    { text: fit(`${online}●`), style: online > 0 ? styles.good : styles.faint },
    ...(crashed > 0 ? [{ text: " " }, { text: fit(`${crashed}✗`), style: styles.bad }] : []),
    { text: fit(" › "), style: styles.accent },
  ];
}

/** `tsm 3 online, 1 crashed`: what the window is called. */
export function titleFor(name: string, summaries: readonly ProcessSummary[]): string {
  const { online, crashed } = countsOf(summaries);
  return `${name === "" ? "" : `${name} `}${inWords(online, crashed)}`;
}

function countsOf(summaries: readonly ProcessSummary[]) {
  const count = (wanted: ProcessSummary["status"]) => summaries.filter(({ status }) => status === wanted).length;
  return { online: count("online"), crashed: count("crashed") };
}

function inWords(online: number, crashed: number): string {
  return crashed === 0 ? `${online} online` : `${online} online, ${crashed} crashed`;
}

/** What a person is told who leaves. */
export function whatKeepsRunning(summaries: readonly ProcessSummary[]): string {
  const ends: readonly ProcessSummary["status"][] = ["stopping", "stopped", "crashed"];
  const running = summaries.filter(({ status }) => !ends.includes(status)).length;
  if (running === 0) return "no process is running";
  return running === 1 ? "1 process keeps running" : `${running} processes keep running`;
}
