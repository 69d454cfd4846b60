import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { until } from "../../support/until.ts";

/** A clone with a program of two chunks: it waits for a word on stdin, loads the chunk of that name and says what it exports. */
class Clone {
  readonly root = mkdtempSync(join(tmpdir(), "tsm-build-"));

  constructor() {
    onTestFinished(() => rmSync(this.root, { recursive: true, force: true }));
    cpSync(resolve("src/build"), join(this.root, "src/build"), { recursive: true });
    for (const name of ["package.json", "tsconfig.json"]) cpSync(resolve(name), join(this.root, name));
    // No lock file: nothing is older than it, so nothing is ever installed into the folder that we all share.
    symlinkSync(resolve("node_modules"), join(this.root, "node_modules"));
    this.write(
      "src/main.ts",
      `const verbs: Record<string, () => Promise<{ says: string }>> = {
        hello: () => import("../commands/hello.ts"),
        bye: () => import("../commands/bye.ts"),
      };
      async function main() {
        console.log("ready", process.argv.slice(2).join(" "));
        for await (const word of process.stdin) console.log((await verbs[String(word).trim()]?.())?.says);
      }
      void main();`,
    );
    this.says("hello", "hello 1");
    this.says("bye", "bye 1");
    this.write("src/runner/runner.bash", "echo 1\n");
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  says(verb: string, text: string): void {
    this.write(`commands/${verb}.ts`, `export const says = ${JSON.stringify(text)};\n`);
  }

  start(...args: string[]): Program {
    return new Program(spawn(process.execPath, args, { cwd: this.root }));
  }

  async build(): Promise<void> {
    expect(await this.start("src/build/build.mjs").end()).toBe(0);
  }

  chunks(): string[] {
    return readdirSync(join(this.root, "dist/chunks"));
  }

  inode(path: string): number {
    return statSync(join(this.root, path)).ino;
  }
}

class Program {
  printed = "";
  readonly child: ChildProcessWithoutNullStreams;
  private readonly closed: Promise<unknown>;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child;
    this.closed = once(child, "close");
    onTestFinished(() => void child.kill("SIGKILL"));
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (this.printed += String(data)));
  }

  shows(text: string): Promise<true> {
    return until(`the program shows ${text}`, () => {
      if (this.printed.includes(text)) return true;
      throw new Error(`it shows ${this.printed}`);
    });
  }

  async end(): Promise<number | null> {
    this.child.stdin.end();
    await this.closed;
    if (this.child.exitCode !== 0) throw new Error(this.printed);
    return this.child.exitCode;
  }
}

test("the program is executable, and loads a verb's chunk when the verb is used", async () => {
  const clone = new Clone();
  await clone.build();
  const program = new Program(spawn(join(clone.root, "dist/tsm.js"), ["x"]));
  await program.shows("ready x");
  program.child.stdin.write("bye\n");
  await program.shows("bye 1");
  expect(clone.chunks().filter((name) => /^(hello|bye)-[\w-]{8}\.cjs$/.test(name))).toHaveLength(2);
});

test("a program that was running during a rebuild still loads the verbs it was built with", async () => {
  const clone = new Clone();
  await clone.build();
  const old = clone.start("dist/tsm.js");
  await old.shows("ready");
  clone.says("hello", "hello 2");
  await clone.build();
  old.child.stdin.write("hello\n");
  await old.shows("hello 1");
  const fresh = clone.start("dist/tsm.js");
  fresh.child.stdin.write("hello\n");
  await fresh.shows("hello 2");
});

test("a superseded chunk goes seven days after it was superseded, not after it was made", async () => {
  const clone = new Clone();
  await clone.build();
  const [old] = clone.chunks().filter((name) => name.startsWith("hello-"));
  const age = (days: number) => {
    const then = new Date(Date.now() - days * 86_400_000);
    for (const name of clone.chunks()) utimesSync(join(clone.root, "dist/chunks", name), then, then);
  };
  age(100);
  clone.says("hello", "hello 2");
  await clone.build();
  clone.says("hello", "hello 3");
  await clone.build();
  expect(clone.chunks()).toContain(old);
  age(6.9);
  await clone.build();
  expect(clone.chunks()).toContain(old);
  age(7.1);
  await clone.build();
  expect(clone.chunks()).not.toContain(old);
  // The chunk, and what V8 makes of it.
  expect(clone.chunks().filter((name) => name.startsWith("bye-"))).toHaveLength(2);
});

test("builds that run at once leave a working program of one of them, and the next start makes it the latest", async () => {
  const clone = new Clone();
  const builds = [];
  for (let round = 1; round <= 6; round++) {
    clone.says("hello", `hello ${round}`);
    builds.push(clone.start("src/build/build.mjs").end());
    await new Promise((done) => setTimeout(done, 60));
  }
  await Promise.all(builds);
  const any = clone.start("dist/tsm.js");
  any.child.stdin.write("hello\n");
  await any.shows("hello ");
  const latest = clone.start("src/build/start.mjs");
  latest.child.stdin.write("hello\n");
  await latest.shows("hello 6");
  expect(readdirSync(join(clone.root, "dist")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("a running bash keeps the runner script it was started with", async () => {
  const clone = new Clone();
  await clone.build();
  const before = openSync(join(clone.root, "dist/runner.bash"), "r");
  onTestFinished(() => closeSync(before));
  clone.write("src/runner/runner.bash", "echo 2\n");
  await clone.build();
  expect(readFileSync(before, "utf8")).toBe("echo 1\n");
  expect(readFileSync(join(clone.root, "dist/runner.bash"), "utf8")).toBe("echo 2\n");
  expect(statSync(join(clone.root, "dist/runner.bash")).mode & 0o111).toBe(0o111);
});

test("start builds what changed, and only then", async () => {
  const clone = new Clone();
  await clone.start("src/build/start.mjs").end();
  const first = clone.inode("dist/tsm.js");
  await clone.start("src/build/start.mjs").end();
  expect(clone.inode("dist/tsm.js")).toBe(first);

  clone.says("hello", "hello 2");
  const changed = clone.start("src/build/start.mjs");
  changed.child.stdin.write("hello\n");
  await changed.shows("hello 2");
  await changed.end();

  rmSync(join(clone.root, "commands/hello.ts"));
  clone.write("src/main.ts", 'console.log("ready without hello");\n');
  const without = clone.start("src/build/start.mjs");
  await without.shows("ready without hello");
  await without.end();

  // As another build that began earlier would leave it: whole, but not of these sources.
  clone.write("dist/tsm.js", 'console.log("ready from another build");\n');
  const ours = clone.start("src/build/start.mjs");
  await ours.shows("ready without hello");

  rmSync(join(clone.root, "dist"), { recursive: true });
  const again = clone.start("src/build/start.mjs");
  await again.shows("ready without hello");
});

test("start opens the shell, or runs the verb it is given, in its own process", async () => {
  const clone = new Clone();
  clone.write("src/main.ts", "console.log(process.pid, process.argv[1], process.argv.slice(2));\n");
  const shell = clone.start("src/build/start.mjs");
  await shell.shows(`${shell.child.pid} ${join(clone.root, "dist/tsm.js")} [ 'repl' ]`);
  const verb = clone.start("src/build/start.mjs", "list", "--json");
  await verb.shows("[ 'list', '--json' ]");
});

test("a source that cannot be built is an error, and the last program stays", async () => {
  const clone = new Clone();
  await clone.build();
  clone.write("commands/hello.ts", "export const says = ;\n");
  await expect(clone.build()).rejects.toThrow("hello.ts");
  clone.write("commands/hello.ts", 'import { x } from "./nowhere.ts";\nexport const says = x;\n');
  await expect(clone.build()).rejects.toThrow("nowhere.ts");
  clone.write("commands/hello.ts", 'import { x } from "no-such-package";\nexport const says = x;\n');
  await expect(clone.build()).rejects.toThrow("no-such-package");
  const program = clone.start("dist/tsm.js");
  program.child.stdin.write("hello\n");
  await program.shows("hello 1");
});
