import { TsmError } from "./errors.ts";
import { startToken } from "./launch.ts";
import type { World } from "./world.ts";

/** What a file of apps says, before anybody has looked at what it means. */
export interface EcosystemText {
  /** Absolute path; `-` is standard input. */
  readonly file: string;
  readonly value: unknown;
  /** By this key an object says that it stands for something that JSON cannot hold. */
  readonly mark: string;
  /** What it printed while it was evaluated. */
  readonly printed: readonly string[];
}

/**
 * Reads it. What is code is run in a process of its own, for a limited time; what is data alone is not run at all.
 * @throws TsmError NO_FILE, or BAD_DATA with the line
 */
export async function readEcosystem(world: World, file: string, signal: AbortSignal): Promise<EcosystemText> {
  const mark = newMark(world);
  const made = (value: unknown): EcosystemText => ({ file, value, mark, printed: [] });
  if (/\.[cm]?[jt]s$/.test(file)) {
    existing(world, file);
    return await evaluated(world, { file, mark, kind: "module", text: undefined }, signal);
  }
  const text = await textOf(world, file);
  if (/\.ya?ml$/.test(file)) return made(await fromYaml(file, text));
  try {
    return made(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  // It begins as a list or a mapping.
  if (file === "-" && /^(?:[ \t\r]*(?:#.*)?\n)*(?:---|["']?[\w-]+["']?:|- )/.test(text))
    return made(await fromYaml(file, text));
  return await evaluated(world, { file, mark, kind: "text", text }, signal);
}

/** Nothing that the file prints looks like it. */
function newMark(world: World): string {
  return `tsm-${startToken(world)}-${Math.random().toString(36).slice(2)}-`;
}

function existing({ platform: { files } }: World, file: string): void {
  const kind = files.kind(file);
  if (kind === "file") {
    if (files.isReadable(file)) return;
    throw new TsmError("NO_FILE", `${file} cannot be read`, { hint: `chmod u+r ${file}` });
  }
  throw new TsmError(
    "NO_FILE",
    kind === "missing" ? `${file} was not found` : `${file} is ${kind === "directory" ? "a folder" : "not a file"}`,
    {
      hint: "tsm init writes a first ecosystem.config.cjs",
    },
  );
}

async function textOf(world: World, file: string): Promise<string> {
  const { files, readInput } = world.platform;
  if (file !== "-") existing(world, file);
  const bytes = file === "-" ? await readInput(mostBytes + 1) : files.readRange(file, 0, mostBytes + 1);
  const bad = (what: string) => new TsmError("BAD_DATA", `${shownFile(file)} ${what}`, { hint: "It should name apps" });
  if (bytes === undefined || bytes.length === 0) throw bad("is empty");
  if (bytes.length > mostBytes) throw bad("is longer than a megabyte");
  if (bytes.includes(0)) throw bad("holds a NUL character");
  try {
    // The decoder takes the mark that some editors put first.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (text.trim() === "") throw bad("is empty");
    return text;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw bad("is not UTF-8");
  }
}

const mostBytes = 1024 * 1024;

/** How a person is told of it. */
export function shownFile(file: string): string {
  return file === "-" ? "what stands on standard input" : file;
}

async function fromYaml(file: string, text: string): Promise<unknown> {
  const { parseDocument } = await import("yaml");
  const document = parseDocument(text, { merge: true, prettyErrors: true, logLevel: "error" });
  const [error] = document.errors;
  if (error?.code === "MULTIPLE_DOCS")
    throw unreadable(file, error.linePos?.[0].line, "it holds several documents, parted by ---");
  try {
    if (error === undefined) return withoutCircles(document.toJS({ maxAliasCount: 100 }));
  } catch (thrown) {
    // Too many aliases, or one that stands for nothing.
    if (!(thrown instanceof ReferenceError || thrown instanceof TypeError)) throw thrown;
    throw unreadable(file, undefined, thrown.message);
  }
  throw unreadable(file, error.linePos?.[0].line, error.message.split("\n")[0]?.replace(/ at line .*$/, "") ?? "");
}

/** @throws TypeError when it contains itself */
function withoutCircles(value: unknown): unknown {
  try {
    return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new TypeError("an alias stands for what contains it");
  }
}

interface Evaluation {
  readonly file: string;
  readonly mark: string;
  readonly kind: "module" | "text";
  readonly text: string | undefined;
}

async function evaluated(
  world: World,
  { file, mark, kind, text }: Evaluation,
  signal: AbortSignal,
): Promise<EcosystemText> {
  const { node, ecosystem } = world.programs;
  const args = ["--no-warnings", ecosystem, mark, kind, file];
  const request = { file: node, args, env: world.env, cwd: world.cwd, ...(text === undefined ? {} : { input: text }) };
  const { spawner, clock } = world.platform;
  const begun = clock.monotonicMs();
  const { code, stdout, stderr } = await spawner.capture(request, timeoutMs, signal);
  signal.throwIfAborted();
  const at = stdout.indexOf(`\n${mark}{`);
  const end = stdout.lastIndexOf(`${mark}\n`);
  const printed = lines(`${at === -1 ? stdout : stdout.slice(0, at)}\n${stderr}`);
  if (at === -1 || end <= at) {
    const isLong = Math.max(stdout.length, stderr.length) > mostBytes;
    const why =
      code !== null
        ? `it ended with ${code}`
        : isLong
          ? `${at === -1 ? "it printed" : "it names apps in"} more than a megabyte`
          : clock.monotonicMs() - begun < timeoutMs
            ? "it was killed"
            : `it was not done after ${timeoutMs / 1000} s`;
    throw unreadable(file, undefined, why, isLong ? [] : printed);
  }
  const answer: unknown = JSON.parse(stdout.slice(at + 1 + mark.length, end));
  const fields = new Map<string, unknown>(typeof answer === "object" && answer !== null ? Object.entries(answer) : []);
  const [problem, line] = [fields.get("problem"), fields.get("line")];
  if (typeof problem === "string")
    throw unreadable(file, typeof line === "number" ? line : undefined, problem, printed);
  return { file, value: fields.get("value"), mark, printed };
}

/** Nothing that says what to start takes so long. */
const timeoutMs = 10_000;

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}

function unreadable(file: string, line: number | undefined, why: string, printed: readonly string[] = []): TsmError {
  const where = line === undefined ? shownFile(file) : `${shownFile(file)}:${line}`;
  const said = printed.slice(-5).map((each) => `   ${each.slice(0, 200)}`);
  return new TsmError("BAD_DATA", [`${where}: ${why}`, ...said].join("\n"), { hint: hintFor(file, why) });
}

function hintFor(file: string, why: string): string {
  if (/module is not defined in ES module scope/.test(why)) return "Name it .cjs, or write export default";
  if (/\.cjs$/.test(file) && /Unexpected token 'export'|Cannot use import statement/.test(why))
    return "Name it .mjs, or write module.exports";
  if (/Unknown file extension ".ts"/.test(why)) return "This Node reads no TypeScript: write it as .mjs or .cjs";
  if (/\.json$/.test(file)) return "JSON, or what JavaScript takes for an object";
  return "Nothing was done";
}
