import type { Meanings } from "../core/settings.ts";
import type { Screen } from "../view/screen.ts";
import { verbLines, wrap } from "./help.ts";
import type { Told, VerbEntry } from "./registry.ts";

/** The page of `help`: every verb with its line, then how processes are named and, in the shell, its keys. */
export function* overview(
  verbs: ReadonlyMap<VerbEntry, Told>,
  aliases: Meanings,
  inShell: boolean,
  screen: Screen,
): Iterable<string> {
  const { paint } = screen;
  const width = Math.min(screen.columns ?? 100, 100);
  const intro = `tsm: start, see and end processes. ${inShell ? "Every verb works bare, with / and with tsm before it." : "tsm repl opens the shell."}`;
  const [first = "", ...others] = wrap(intro, width, "");
  yield first.replace("tsm", paint.strong("tsm"));
  yield* others;
  const groups: readonly (readonly [string, (told: Told) => boolean])[] = [
    ["Run", ({ effect, scope }) => effect !== "reads" && scope !== "shell"],
    ["Look", ({ effect, scope }) => effect === "reads" && scope !== "shell"],
    [inShell ? "The shell" : "In the shell", ({ scope }) => scope === "shell"],
  ];
  for (const [title, belongs] of groups) {
    yield "";
    yield paint.faint(title);
    for (const [{ name, aliases: also }, told] of verbs) {
      if (belongs(told)) yield* verbLines([name, ...also].join(", "), told.summary, width);
    }
  }
  if (aliases.size > 0) {
    yield "";
    yield paint.faint("Aliases");
    for (const [name, meaning] of aliases) {
      const [first = "", ...more] = [...wrap(meaning, Math.max(width - 26, 24), "")];
      yield `  ${name.padEnd(23)} ${first}`;
      for (const line of more) yield `  ${" ".repeat(24)}${line}`;
    }
  }
  yield "";
  yield paint.faint("Processes");
  yield* wrap(
    "Name them by id, name, name without -PORT, :PORT, pid:N, namespace, path of their script, a glob (api-*), /regex/, a part of one name, or * for all.",
    width,
    "  ",
  );
  if (inShell) {
    yield "";
    yield paint.faint("Keys");
    yield* wrap(
      "list | less and list > FILE take the output, $_ is what was last shown or acted on and $1 its first, also in \"double quotes\"; in 'single' ones they are letters. A & at the end runs a command behind the prompt (jobs, fg, stop %1), source FILE runs a file's, undo takes back the last stop, kill, delete or restart.",
      width,
      "  ",
    );
    yield* wrap(
      "alias k=kill and bind ctrl-g 'list crashed' make names and keys of your own, set editing-mode vi gives the keys of vi; !! runs the last line again.",
      width,
      "  ",
    );
    yield* wrap(
      "Tab completes, ↑ finds what begins like this, Ctrl-R searches, !cmd runs in bash, an empty line lists, Ctrl-C drops the line, Ctrl-D leaves.",
      width,
      "  ",
    );
  }
  yield "";
  for (const line of wrap("help VERB shows a verb's page, help search WORD finds one.", width, ""))
    yield paint.faint(line);
}
