import type { Context } from "../command/define.ts";
import type { FullScreen } from "../command/full-screen.ts";
import { logTime } from "../view/log-time.ts";
import { repaint } from "../view/repaint.ts";
import { clip, displayWidth, padEnd } from "../view/width.ts";

export interface Looking<T> {
  readonly everyMs: number;
  readonly title: string;
  look(): Promise<T & { readonly at?: number }>;
  rows(seen: T): readonly string[];
}

/** Shows what is so again and again until the person leaves. @returns what was seen last */
export async function inPlace<T>(whole: FullScreen, context: Context, looking: Looking<T>): Promise<T> {
  const { engine, signal, screen } = context;
  const left = new AbortController();
  const leave = () => left.abort();
  for (const end of [signal, whole.ended]) end.addEventListener("abort", leave, { once: true });
  if (signal.aborted || whole.ended.aborted) leave();
  let failure: { readonly error: unknown } | undefined;
  let painted: readonly string[] | undefined;
  let seen = await looking.look();
  const paint = (): void => {
    const { columns, rows } = whole;
    const time = logTime(Math.floor((seen.at ?? 0) / 1000), "short", undefined);
    const title = clip(
      `${looking.title} ${every(looking.everyMs)}, q leaves`,
      Math.max(1, columns - time.length - 1),
      screen.cut,
    );
    const lines = looking.rows(seen);
    const most = rows - 1;
    const fitting =
      lines.length <= most ? lines : [...lines.slice(0, most - 1), `${lines.length - most + 1} more lines`];
    const next = [screen.paint.faint(`${padEnd(title, columns - time.length)}${time}`), ...fitting].map((row) =>
      displayWidth(row) > columns ? clip(row, columns, screen.cut) : row,
    );
    const changes = repaint(painted, next, columns);
    painted = next;
    if (changes !== "") whole.write(changes);
  };
  whole.listen({
    key(_text, { name, ctrl = false }) {
      if (name === "q" || name === "escape" || (ctrl && name === "c")) leave();
      else if (ctrl && name === "z")
        whole.suspend().catch((error: unknown) => {
          failure = { error };
          leave();
        });
    },
    repaint() {
      painted = undefined;
      paint();
    },
  });
  try {
    while (!left.signal.aborted) {
      paint();
      await engine.pause(looking.everyMs, left.signal);
      if (!left.signal.aborted) seen = await looking.look();
    }
  } finally {
    signal.removeEventListener("abort", leave);
  }
  if (failure !== undefined) throw failure.error;
  return seen;
}

function every(ms: number): string {
  return `every ${ms / 1000} s`;
}
