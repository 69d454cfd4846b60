import { complete } from "../src/command/complete.ts";
import type { Candidate } from "../src/command/completing.ts";
import { anyNumber, defineCommand, one, toggle } from "../src/command/define.ts";
import { runsOffered } from "../src/command/runs-offered.ts";
import { servicesOffered } from "../src/command/services-offered.ts";
import { oneOf, text } from "../src/command/types.ts";
import { type CompletedShell, type CompletionInstalled, completedShells } from "../src/core/completion-install.ts";
import { TsmError } from "../src/core/errors.ts";
import type { ProcessSummary } from "../src/core/process.ts";

export default defineCommand({
  name: "completion",
  summary: "Completion of tsm for bash, zsh or fish",
  details: [
    "install adds the one line that it takes to ~/.bashrc (~/.bash_profile on macOS), ~/.zshrc or ~/.config/fish/completions/tsm.fish, once: of the shell that is named behind it, else of this one (SHELL). --dry-run says what it would do.",
    "bash, zsh and fish print what that line reads.",
    "words is what these ask: what can stand in the place of the last word, one on a line, each with a tab and what it is. A line that begins with a tab says that files can stand there too.",
  ],
  effect: "changes",
  leavesHome: true,
  args: {
    shell: one(oneOf([...completedShells, "install", "words"]), "For which shell"),
    line: anyNumber(text("WORD"), "For install: which shell; for words: what stands behind tsm"),
  },
  flags: { dryRun: toggle("For install: say what would be written, and write nothing", "n") },
  examples: [
    "completion install",
    "completion install zsh --dry-run",
    "completion bash",
    "completion words -- stop ap",
  ],
  onlyLooks: ({ shell, dryRun }) => shell !== "install" || dryRun,
  async run({ shell, line, dryRun }, { engine, registry }): Promise<Answer | CompletionInstalled> {
    if (shell === "install") return await engine.installCompletion(shellIn(line), dryRun);
    if (shell !== "words") return { script: scripts[shell], candidates: [], files: false };
    let files = false;
    const { aliases, keys } = engine.settings();
    const current = line.at(-1) ?? "";
    const found = await complete({
      words: line.slice(0, -1),
      current,
      registry,
      aliases,
      keys,
      scope: "everywhere",
      summaries: () => engine.summaries(),
      describe,
      files: (folder) => {
        files = true;
        // Their short names no shell knows.
        return folder === "env" ? engine.envFiles().map((name) => ({ name, folder: false, executable: false })) : [];
      },
      programs: () => [],
      outputs: () => [],
      jobs: () => [],
      runs: (name) => runsOffered(engine, name),
      services: () => servicesOffered(engine),
    });
    // Our own shell finds by any letters; these put the common beginning of all in the word's place.
    return { script: undefined, candidates: found.filter(({ value }) => value.startsWith(current)), files };
  },
  rehearse({ shell, line }, { engine }) {
    if (shell !== "install") return "print it";
    return engine.installCompletion(shellIn(line), true).then(({ file }) => `add a line to ${file}`);
  },
  names: () => [],
  json(answer) {
    if ("state" in answer) return answer;
    const { script, candidates, files } = answer;
    return script === undefined ? { candidates, files } : { script };
  },
  *render(answer) {
    if ("state" in answer) {
      yield* installedLines(answer);
      return;
    }
    const { script, candidates, files } = answer;
    if (script !== undefined) yield script;
    for (const { value, summary } of candidates) yield `${value}\t${summary}`;
    if (files) yield "\tfiles";
  },
});

interface Answer {
  /** What the shell is to read. */
  readonly script: string | undefined;
  readonly candidates: readonly Candidate[];
  /** Files can stand there too: every shell knows them better. */
  readonly files: boolean;
}

/** The shell behind `install`. */
function shellIn([word, ...more]: readonly string[]): CompletedShell | undefined {
  if (word === undefined) return undefined;
  const found = completedShells.find((each) => each === word);
  if (found !== undefined && more.length === 0) return found;
  throw new TsmError("USAGE", `'${more[0] ?? word}' is none of ${completedShells.join(", ")}`, {
    hint: `tsm completion install ${completedShells.join("|")}`,
  });
}

function* installedLines({ shell, file, line, state }: CompletionInstalled): Iterable<string> {
  if (state === "there") {
    yield `tsm: ${file} asks for it already; nothing was written`;
    return;
  }
  yield state === "dry-run" ? `tsm: this line would be added to ${file}:` : `tsm: this line was added to ${file}:`;
  yield `  ${line}`;
  if (state === "written") yield `tsm: each ${shell} that is opened from now on completes tsm`;
}

function describe({ id, status, port }: ProcessSummary): string {
  return `#${id} ${status}${port === "none" ? "" : ` :${port}`}`;
}

const scripts: Readonly<Record<CompletedShell, string>> = {
  // bash 3.2 too: no compopt, no nosort. It completes what stands behind the last quote or break, such as = and :, which
  // part no word for tsm; of an @ it completes that too. With `filenames` bash quotes all answers itself.
  bash: `_tsm() {
  local line=\${COMP_LINE:0:COMP_POINT} words=() current= begun= prefix= quote= files= answer value letter i
  for ((i = 0; i < \${#line}; i++)); do
    letter=\${line:i:1}
    case $quote$letter in
    \\'\\' | \\"\\") quote= prefix=$current ;;
    \\\\ | \\"\\\\) i=$((i + 1)) current+=\${line:i:1} begun=1 ;;
    \\'?* | \\"?*) current+=$letter ;;
    \\' | \\") quote=$letter prefix=$current begun=1 ;;
    [[:space:]])
      [ -z "$begun" ] || words+=("$current")
      current= begun= prefix=
      ;;
    *)
      case $letter$COMP_WORDBREAKS in
      @*@*) prefix=$current ;;
      ?*"$letter"*) prefix=$current$letter ;;
      esac
      current+=$letter begun=1
      ;;
    esac
  done
  words+=("$current")
  COMPREPLY=()
  while IFS= read -r answer; do
    value=\${answer%%$'\\t'*}
    if [ -n "$value" ]; then
      COMPREPLY+=("\${value#"$prefix"}")
    else
      while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -f -- "\${current#"$prefix"}")
      type compopt >/dev/null 2>&1 && compopt -o filenames && files=1
    fi
  done < <(tsm completion words -- "\${words[@]:1}" 2>/dev/null)
  for i in "\${!COMPREPLY[@]}"; do
    value=\${COMPREPLY[i]}
    case $files$quote in
    '') printf -v value %q "$value" ;;
    \\') value=\${value//\\'/"'\\\\''"} ;;
    \\")
      for letter in \\\\ \\" \\$ \\\`; do value=\${value//"$letter"/"\\\\$letter"}; done
      ;;
    esac
    COMPREPLY[i]=$value
  done
  case \${#COMPREPLY[@]}\${COMPREPLY[0]-} in 1*=) type compopt >/dev/null 2>&1 && compopt -o nospace ;; esac
}
complete -F _tsm tsm`,
  zsh: `#compdef tsm
_tsm() {
  local answer value shown files current=$PREFIX
  local -a whole open
  case $compstate[quote] in
  '') current=\${(Q)PREFIX} ;;
  \\") current=\${(Q):-\\"$PREFIX\\"} ;;
  esac
  for answer in "\${(@f)$(tsm completion words -- "\${(@Q)words[2,CURRENT-1]}" "$current" 2>/dev/null)}"; do
    value=\${answer%%$'\\t'*}
    shown=\${\${value//\\\\/\\\\\\\\}//:/\\\\:}:\${answer#*$'\\t'}
    if [[ -z $value ]]; then
      [[ -n $answer ]] && files=1
    elif [[ $value == *= ]]; then
      open+=("$shown")
    else
      whole+=("$shown")
    fi
  done
  (( $#whole )) && _describe -V tsm whole
  (( $#open )) && _describe -V tsm open -S ''
  if [[ -n $files ]]; then
    [[ $PREFIX == --*=* ]] && compset -P '*='
    _files
  fi
}
compdef _tsm tsm`,
  fish: `function __tsm_words
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    test (count $current) -eq 0; and set current ''
    set -l plain (string unescape -- $current); and set current $plain
    for answer in (tsm completion words -- $words[2..-1] $current 2>/dev/null)
        if test "$answer" = \\tfiles
            set -l flag (string match -r -- '^--[^=]*=' $current)
            for path in (__fish_complete_path (string replace -- "$flag" '' $current))
                echo "$flag$path"
            end
        else
            echo $answer
        end
    end
end
complete -c tsm -e
complete -c tsm -f -k -a '(__tsm_words)'`,
};
