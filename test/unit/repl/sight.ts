import { registry } from "../../../commands/index.ts";
import type { ProcessSummary, Status } from "../../../src/core/process.ts";
import { styles } from "../../../src/repl/editor/styles.ts";
import { Typing } from "../../../src/repl/typing.ts";

/** A process as the last look saw it. */
export function processNamed(id: number, name: string, status: Status, port: number | "none" = "none"): ProcessSummary {
  const up = status === "online";
  return {
    id,
    name,
    status,
    pid: up ? 1000 + id : null,
    port,
    uptimeMs: up ? 1000 : null,
    restarts: 0,
    cpu: null,
    memory: up ? 12_000_000 : null,
    type: "node",
    command: "",
    cwd: "",
    supervised: up,
    retryInMs: null,
    unstableRestarts: 0,
    reason: "",
    lastExit: null,
  };
}

export const processes: readonly ProcessSummary[] = [
  processNamed(0, "server-3000", "online", 3000),
  processNamed(1, "api-one", "online"),
  processNamed(2, "api-two", "stopped"),
  processNamed(3, "db", "crashed"),
  processNamed(4, "slow", "waiting"),
];

/** What the shell knows while a line is typed, over the real verbs, when all of it is loaded. */
export async function typingOver(
  options: { readonly history?: readonly string[]; readonly colour?: boolean; readonly asked?: string[] } = {},
): Promise<Typing> {
  let typing: Typing | undefined;
  await new Promise<void>((resolve, reject) => {
    typing = new Typing({
      registry,
      styles: styles(true),
      colour: options.colour ?? true,
      userHome: undefined,
      summaries: () => processes,
      newest: (begun, isWanted) => {
        options.asked?.push(begun);
        return options.history?.find((line) => line.length > begun.length && line.startsWith(begun) && isWanted(line));
      },
      changed: resolve,
      reportBug: reject,
    });
  });
  if (typing === undefined) throw new Error("the constructor has run");
  typing.begin(processes);
  return typing;
}
