/** What a program's own last words say of why it ended. */
export type Said =
  | { readonly cause: "port-taken"; readonly port: number | null }
  | { readonly cause: "disk-full" }
  | { readonly cause: "out-of-memory" }
  | { readonly cause: "too-many-files" }
  | { readonly cause: "command-missing"; readonly command: string }
  | { readonly cause: "module-missing"; readonly module: string }
  | { readonly cause: "connection-refused"; readonly port: number | null }
  | { readonly cause: "file-missing"; readonly path: string }
  | { readonly cause: "permission-denied" };

/** A cause, and the line that names it. */
export interface Sign {
  readonly said: Said;
  readonly line: string;
}

/** What stands further from the end is rather something it lived through. */
const lastLines = 25;

/** The cause that is named last, by the line that tells most of it. undefined: none is named. */
export function signIn(lines: readonly string[]): Sign | undefined {
  const signs = lines.slice(-lastLines).flatMap((line) => signOf(line.slice(0, longest)) ?? []);
  const last = signs.at(-1);
  if (last === undefined) return undefined;
  // Runtimes say it in a sentence, and then again in the fields of the error.
  return signs.findLast(({ said }) => said.cause === last.said.cause && isTelling(said)) ?? last;
}

/** As bash tells of a program that it has started: `x.sh: line 2: 10930 Killed   python3 x.py`. */
export const killedSaid = /: +(\d+) Killed\b/;

function signOf(line: string): Sign | undefined {
  for (const [pattern, meaning] of table) {
    const match = pattern.exec(line);
    if (match !== null) return { said: meaning(match), line };
  }
  return undefined;
}

function isTelling(said: Said): boolean {
  return "port" in said ? said.port !== null : true;
}

/** Without the frames of a stack and the fields of an error: what a person would read first. */
export function withoutFrames(lines: readonly string[]): string[] {
  const told = lines.filter((line) => !frame.test(line));
  return told.length === 0 ? [...lines] : told;
}

const frame =
  /^\s*(?:at .+|File ".*", line \d+.*|\.\.\. \d+ .*|(?:code|errno|syscall|address|port|path): .*|[{}\])];?|\^+|~+|Node\.js v\d.*|node:\S+:\d+|throw \w+;.*|Emitted '.*|Require stack:|- \/.*|requireStack: .*)$/;

/** Of a line; a program may write megabytes without a newline. */
const longest = 2000;

/** As the system, the runtimes and the shells spell them; a word that any program may use for something else is not here. */
const table: readonly (readonly [RegExp, (match: RegExpExecArray) => Said])[] = [
  [
    /\bEADDRINUSE\b|\b[Aa]ddress already in use\b/,
    ({ input }) => ({
      cause: "port-taken",
      port: portIn(/(?:EADDRINUSE|[Aa]ddress already in use).*?:(\d{1,5})\b/.exec(input)?.[1]),
    }),
  ],
  [/\bENOSPC\b|\bNo space left on device\b|\bEDQUOT\b|\bDisk quota exceeded\b/, () => ({ cause: "disk-full" })],
  [
    /JavaScript heap out of memory|^MemoryError\b|java\.lang\.OutOfMemoryError|\bENOMEM\b|\bCannot allocate memory\b|std::bad_alloc|^fatal error: runtime: out of memory/,
    () => ({ cause: "out-of-memory" }),
  ],
  [/\bEMFILE\b|\bENFILE\b|\bToo many open files\b/i, () => ({ cause: "too-many-files" })],
  [
    /Cannot find (?:module|package) '([^']+)'|ModuleNotFoundError: No module named '([^']+)'|cannot load such file -- (\S+)|error while loading shared libraries: ([^\s:]+)/,
    ([, ...names]) => ({ cause: "module-missing", module: names.find((name) => name !== undefined) ?? "" }),
  ],
  [
    /\bECONNREFUSED\b|\bConnection refused\b/,
    ({ input }) => ({
      cause: "connection-refused",
      port: portIn(
        /(?:ECONNREFUSED|Connection refused).*?:(\d{1,5})\b/.exec(input)?.[1] ?? /:(\d{2,5})\b/.exec(input)?.[1],
      ),
    }),
  ],
  [
    /([^\s:'"]+): (?:command )?not found$|^env: ['‘]([^'’]+)['’]: No such file/,
    ([, ...names]) => ({ cause: "command-missing", command: names.find((name) => name !== undefined) ?? "" }),
  ],
  [
    /ENOENT: no such file or directory, \w+ '([^']+)'|FileNotFoundError: .*: '([^']+)'|([^\s:'"]+): No such file or directory/,
    ([, ...paths]) => ({ cause: "file-missing", path: paths.find((path) => path !== undefined) ?? "" }),
  ],
  [/\bEACCES\b|\bEPERM\b|\bPermission denied\b|\bOperation not permitted\b/, () => ({ cause: "permission-denied" })],
];

function portIn(text: string | undefined): number | null {
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? port : null;
}
