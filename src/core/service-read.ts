import type { Captured } from "../platform/platform.ts";
import { isErrno, TsmError } from "./errors.ts";
import { quoteWord } from "./quote.ts";
import { definitionFrom, type ServiceDefinition, serviceKeys } from "./service-definition.ts";
import { GrowsTooLong, type LineProblem, parseServiceFile, type ServiceFile } from "./service-file.ts";
import type { ServicePlace } from "./service-store.ts";
import type { ShellValue } from "./shell-value.ts";
import { tetraFolder } from "./tetra-folder.ts";
import type { World } from "./world.ts";

/** A definition as it can be read without running it. */
export interface ReadService {
  readonly place: ServicePlace;
  readonly definition: ServiceDefinition;
  /** With any of them only bash knows what it really says. */
  readonly problems: readonly LineProblem[];
  readonly unset: ReadonlySet<string>;
  readonly source: string;
}

/** One that can be started. */
export interface StartableService {
  readonly place: ServicePlace;
  readonly definition: ServiceDefinition;
  /** Bash had to run the file: the first line that asked for it. */
  readonly ran: LineProblem | undefined;
}

/** Reads, and runs nothing. @throws TsmError when the file is none that can be read. */
export function readService(world: World, place: ServicePlace): ReadService {
  const source = sourceOf(world, place);
  const { values, problems, unset } = parsed(world, place, source);
  return { place, definition: definitionFrom(values, place.name), problems, unset, source };
}

function parsed(world: World, { file }: ServicePlace, source: string): ServiceFile {
  try {
    return parseServiceFile(source, variablesFor(world));
  } catch (error) {
    if (!(error instanceof GrowsTooLong)) throw error;
    throw unreadable(file, "What its variables stand for is longer than a megabyte");
  }
}

function unreadable(file: string, what: string): TsmError {
  return new TsmError("BAD_DATA", `❌ Failed to load: ${file}`, { block: true, hint: what });
}

/**
 * The same for whoever starts it: a file that only bash can read is run by a clean one, to be read.
 * @throws TsmError also when that may not be, and when it says what nobody can follow.
 */
export async function readToStart(
  world: World,
  place: ServicePlace,
  noExec: boolean,
  signal: AbortSignal,
): Promise<StartableService> {
  const read = readService(world, place);
  const [problem] = read.problems;
  if (problem !== undefined && noExec) {
    throw new TsmError("BAD_DATA", `${place.file}: line ${problem.line}: ${problem.what}`, {
      hint: "Only bash can read that, by running the file: tsm start lets it, unless --no-exec is said",
    });
  }
  const mayAsk = problem !== undefined && /\$\{?TETRA_SRC\b/.test(read.source);
  if (world.env["TETRA_SRC"] === undefined && (read.unset.has("TETRA_SRC") || mayAsk)) {
    throw new TsmError("BAD_DATA", "❌ TETRA_SRC not set", {
      block: true,
      exitCode: 1,
      hint: `${place.file} asks for it: export TETRA_SRC=…`,
    });
  }
  const definition =
    problem === undefined ? read.definition : definitionFrom(await run(world, read, signal), place.name);
  const [fault] = definition.faults;
  if (fault === undefined) return { place, definition, ran: problem };
  throw new TsmError("BAD_DATA", `${place.file}: ${fault}`, { hint: `tsm edit ${quoteWord(place.ref)} opens it` });
}

function sourceOf({ platform: { files } }: World, { file, ref }: ServicePlace): string {
  const bad = (what: string) => unreadable(file, what);
  let bytes: Buffer | undefined;
  try {
    bytes = files.readRange(file, 0, mostBytes + 1);
  } catch (error) {
    if (!isErrno(error, "EACCES", "EPERM", "EISDIR", "ELOOP")) throw error;
    throw bad("It cannot be read");
  }
  if (bytes === undefined) throw new TsmError("NOT_FOUND", `❌ Service not found: ${ref}`, { block: true });
  if (bytes.length > mostBytes) throw bad("It is longer than a megabyte");
  if (bytes.includes(0)) throw bad("It holds a NUL character");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw bad("It is no UTF-8");
  }
}

const mostBytes = 1024 * 1024;

/** What a file may ask for. */
function variablesFor(world: World): Record<string, string> {
  return { ...world.env, PWD: world.cwd, TETRA_DIR: tetraFolder(world), TSM_HOME: world.home.root };
}

/** What bash makes of the file: it alone knows what a line does that is no assignment. */
async function run(
  world: World,
  { place, source }: ReadService,
  signal: AbortSignal,
): Promise<Map<string, ShellValue>> {
  const { HOME, PATH = "/usr/local/bin:/usr/bin:/bin", TETRA_SRC } = world.env;
  const env: Record<string, string> = {
    PATH,
    TETRA_DIR: tetraFolder(world),
    ...(HOME === undefined ? {} : { HOME }),
    ...(TETRA_SRC === undefined ? {} : { TETRA_SRC }),
  };
  const args = ["--noprofile", "--norc", "-c", printing, "bash", place.file, endsInTest(source), ...serviceKeys];
  const request = { file: "bash", args, env, cwd: world.cwd };
  const captured = await world.platform.spawner.capture(request, timeoutMs, signal);
  signal.throwIfAborted();
  const { code, stdout } = captured;
  if (code === 0 && stdout.startsWith(wasRead)) return valuesIn(stdout.slice(wasRead.length));
  const why = whyNot(captured);
  throw new TsmError("BAD_DATA", `❌ Failed to load: ${place.file}`, {
    block: true,
    exitCode: 1,
    hint: why === "" ? `bash ended with ${code}` : why,
  });
}

/** Nothing that reads a file takes so long. */
const timeoutMs = 10_000;

function whyNot({ code, stderr, cut }: Captured): string {
  if (cut === "late") return `it took longer than ${timeoutMs / 1000} s`;
  if (cut === "long") return "it printed more than a megabyte";
  if (code === null) return "a signal ended bash";
  if (code === 0) return "it ends bash with exit: return is what ends a file that is read";
  return stderr.trim().split("\n").slice(-5).join("\n  ");
}

/** `[ -n "$X" ] && TSM_PORT=$X` as its last line: that it was not so is no failure. */
export function endsInTest(source: string): "test" | "" {
  const last = source
    .split("\n")
    .map((line) => line.trim())
    .findLast((line) => line !== "" && !line.startsWith("#"));
  return /^(?:\[\[? |test ).*&& /.test(last ?? "") ? "test" : "";
}

/** Stands before what the file says, when bash has read it to its end. */
const wasRead = "read\0";

/** What the file prints goes to stderr. Of each name: itself, "s" or how many words, and these, each ended by NUL. Bash 3.2 too. */
const printing = `exec 3>&1 1>&2
trap '[ "\${#BASH_SOURCE[@]}" -eq 0 ] || tsm_failed=1' ERR
. "$1"
tsm_status=$?
trap - ERR
[ "$tsm_status" -eq 0 ] || [ "$2\${tsm_failed:-} $tsm_status" = 'test 1' ] || exit "$tsm_status"
printf 'read\\0' >&3
shift 2
for key; do
  every="$key[@]"
  case $(declare -p "$key" 2>/dev/null) in
    '') ;;
    'declare -a'*) words=("\${!every}")
      printf '%s\\0' "$key" "\${#words[@]}" >&3
      [ "\${#words[@]}" -eq 0 ] || printf '%s\\0' "\${words[@]}" >&3 ;;
    *) printf '%s\\0' "$key" s "\${!key}" >&3 ;;
  esac
done
exit 0`;

function valuesIn(output: string): Map<string, ShellValue> {
  const parts = output.split("\0");
  const values = new Map<string, ShellValue>();
  while (parts.length > 1) {
    const [key = "", kind = ""] = parts.splice(0, 2);
    values.set(key, kind === "s" ? (parts.shift() ?? "") : parts.splice(0, Number(kind)));
  }
  return values;
}
