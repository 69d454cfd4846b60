import { registry } from "../../../commands/index.ts";
import type { ProcessSummary } from "../../../src/core/process.ts";
import { styles } from "../../../src/repl/editor/styles.ts";
import { ResultSet } from "../../../src/repl/result-set.ts";
import { Typing } from "../../../src/repl/typing.ts";
import { summaryOf } from "../../support/summary.ts";

export const processes: readonly ProcessSummary[] = [
  summaryOf(0, "server-3000", "online", 3000),
  summaryOf(1, "api-one", "online"),
  summaryOf(2, "api-two", "stopped"),
  summaryOf(3, "db", "crashed"),
  summaryOf(4, "slow", "waiting"),
  summaryOf(5, "web-0", "online"),
  summaryOf(6, "web-1", "stopped"),
];

function resultsOf(names: readonly string[]): ResultSet {
  const results = new ResultSet();
  results.remember(names);
  return results;
}

/** What the shell knows while a line is typed, over the real verbs, when all of it is loaded. */
export async function typingOver(
  options: {
    readonly history?: readonly string[];
    readonly colour?: boolean;
    readonly asked?: string[];
    readonly aliases?: Readonly<Record<string, string>>;
    /** What was shown last. */
    readonly results?: readonly string[];
  } = {},
): Promise<Typing> {
  let typing: Typing | undefined;
  await new Promise<void>((resolve, reject) => {
    typing = new Typing({
      registry,
      styles: styles(true),
      colour: options.colour ?? true,
      userHome: undefined,
      aliases: () => new Map(Object.entries(options.aliases ?? {})),
      lastLine: () => options.history?.[0],
      look: () => Promise.resolve(processes),
      areOneApp: (part, found) => part === "we" && found.every(({ name }) => name.startsWith("web-")),
      unrecorded: () => [
        { name: "serve", problem: "meta.json is missing" },
        { name: "sl-4100", pid: 7 },
      ],
      standsFor: (word) => resultsOf(options.results ?? []).standsFor(word),
      jobs: () => [{ number: 7, command: "logs -f api", startedAt: 0, ageMs: 0 }],
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
