import type { ProcessSummary } from "../core/process.ts";
import type { Span } from "./editor/painter.ts";
import type { Styles } from "./editor/styles.ts";

/** `tsm 3● 1✗ › `: how many processes are online, and how many crashed when there are any. */
export function promptFor(name: string, summaries: readonly ProcessSummary[], styles: Styles): Span[] {
  const online = summaries.filter(({ status }) => status === "online").length;
  const crashed = summaries.filter(({ status }) => status === "crashed").length;
  return [
    { text: name === "" ? "" : `${name} ` },
    { text: `${online}●`, style: online > 0 ? styles.good : styles.faint },
    ...(crashed > 0 ? [{ text: " " }, { text: `${crashed}✗`, style: styles.bad }] : []),
    { text: " › ", style: styles.accent },
  ];
}

/** What a person is told who leaves. */
export function whatKeepsRunning(summaries: readonly ProcessSummary[]): string {
  const running = summaries.filter(({ status }) => status !== "stopped" && status !== "crashed").length;
  if (running === 0) return "no process is running";
  return running === 1 ? "1 process keeps running" : `${running} processes keep running`;
}
