import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { folderOf, logOf, pidOf, readMeta } from "../support/record.ts";
import { script } from "../support/scripts.ts";
import { tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

/** Says something on both streams, and stays. */
const talks = "echo to out\necho to err >&2\nexec sleep 600\n";

function read(home: Home, file: string): string {
  return readFileSync(join(home.folder, file), "utf8");
}

test.for([
  { flags: ["-o", "logs/a/out.log", "-e", "logs/err.log"], out: "logs/a/out.log", err: "logs/err.log" },
  { flags: ["--output", "o.log", "--error", "e.log"], out: "o.log", err: "e.log" },
  { flags: ["--out-file=o.log", "--error-file=e.log"], out: "o.log", err: "e.log" },
  { flags: ["-o", "~/o.log", "-e", "logs/.././e.log"], out: "user/o.log", err: "e.log" },
  { flags: ["--merge-logs", "-o", "o.log", "-e", "e.log"], out: "o.log", err: "e.log" },
])("start $flags: each stream is where it was told, and a restart keeps it", async ({ flags, out, err }) => {
  const home = makeHome();
  script(home, "talks.sh", talks);
  const env = { HOME: join(home.folder, "user") };
  expect(await tsm(home, ["start", "talks.sh", ...flags, "--settle", "0"], { env })).toMatchObject({ code: 0 });
  await until("it has written", () => read(home, out) === "to out\n" && read(home, err) === "to err\n");
  for (const own of ["current.out", "current.err"]) expect(existsSync(join(folderOf(home, "talks"), own))).toBe(false);
  expect(await tsm(home, ["restart", "talks", "--settle", "0"])).toMatchObject({ code: 0 });
  await until("it has written again", () => read(home, out) === "to out\nto out\n");
  expect((await tsm(home, ["logs", "talks", "--out"])).stdout).toBe("to out\nto out\n");
  const { stdout } = await tsm(home, ["info", "talks"]);
  expect(stdout).toContain(join(home.folder, out));
  expect(await tsmJson(home, ["paths", "talks"])).toMatchObject({
    out: join(home.folder, out),
    err: join(home.folder, err),
  });
});

test("what a crash brings back writes where it did, also when the folder was removed meanwhile", async () => {
  const home = makeHome();
  script(home, "talks.sh", talks);
  await tsm(home, ["start", "talks.sh", "-o", "logs/o.log", "--restart", "always", "--settle", "0"]);
  await until("it has written", () => read(home, "logs/o.log") === "to out\n");
  const pid = pidOf(home, "talks");
  rmSync(join(home.folder, "logs"), { recursive: true });
  process.kill(pid, "SIGKILL");
  await until("it has written again", () => pidOf(home, "talks") !== pid && read(home, "logs/o.log") === "to out\n");
});

test.for([
  ["--log", "both.log"],
  ["-l", "both.log"],
  ["--merge-logs", "-o", "both.log"],
  ["--merge-logs", "-e", "both.log"],
])("start %s: both streams are in one file, and shown once", async (flags) => {
  const home = makeHome();
  script(home, "talks.sh", talks);
  await tsm(home, ["start", "talks.sh", ...flags, "--settle", "0"]);
  await until("it has written", () => read(home, "both.log") === "to out\nto err\n");
  expect((await tsm(home, ["logs", "talks"])).stdout).toBe("to out\nto err\n");
});

test("--merge-logs alone: both are in its own first file", async () => {
  const home = makeHome();
  script(home, "talks.sh", talks);
  await tsm(home, ["start", "talks.sh", "--merge-logs", "--settle", "0"]);
  await until("it has written", () => logOf(home, "talks") === "to out\nto err\n");
  expect(existsSync(join(folderOf(home, "talks"), "current.err"))).toBe(false);
});

test.for([
  { flags: ["-o", "NULL", "-e", "/dev/null"], out: null, err: null },
  { flags: ["--disable-logs"], out: null, err: null },
  { flags: ["--disable-logs", "--time"], out: null, err: null },
  { flags: ["--log", "NULL"], out: null, err: null },
])("start $flags: nothing is kept", async ({ flags, out, err }) => {
  const home = makeHome();
  script(home, "talks.sh", `${talks.replace("exec sleep", "touch done\nexec sleep")}`);
  expect(await tsm(home, ["start", "talks.sh", ...flags, "--settle", "0"])).toMatchObject({ code: 0 });
  await until("it has written", () => existsSync(join(home.folder, "done")));
  for (const own of ["current.out", "current.err", "NULL"]) {
    expect(existsSync(join(folderOf(home, "talks"), own))).toBe(false);
    expect(existsSync(join(home.folder, own))).toBe(false);
  }
  expect((await tsm(home, ["logs", "talks"])).stdout).toBe("");
  expect((await tsm(home, ["info", "talks"])).stdout).toMatch(/out log +not kept/);
  expect(await tsmJson(home, ["paths", "talks"])).toMatchObject({ out, err });
  expect(await tsm(home, ["stop", "talks"])).toMatchObject({ code: 0 });
});

test("a file of one's own is emptied by flush, and left alone by rotate when that was asked, which says so", async () => {
  const home = makeHome();
  script(home, "talks.sh", talks);
  await tsm(home, ["start", "talks.sh", "--log", "both.log", "--log-max-size", "0", "--settle", "0"]);
  await until("it has written", () => read(home, "both.log") === "to out\nto err\n");
  const file = join(home.folder, "both.log");
  expect(await tsm(home, ["rotate", "talks"])).toMatchObject({
    code: 0,
    stdout: `tsm: 'talks' writes to ${file}, which is left alone: --log-max-size 0 leaves it to you\n`,
  });
  expect(read(home, "both.log")).toBe("to out\nto err\n");
  expect(await tsm(home, ["flush", "talks"])).toMatchObject({ code: 0, stdout: "tsm: flushed 'talks' (14 B)\n" });
  expect(read(home, "both.log")).toBe("");
  await tsm(home, ["restart", "talks", "--settle", "0"]);
  await until("it has written again", () => read(home, "both.log") === "to out\nto err\n");
  expect((await tsm(home, ["logs", "talks"])).stdout).toBe("to out\nto err\n");
});

test("--merge-logs: a rotation takes both, and both go on in one file", async () => {
  const home = makeHome();
  script(home, "talks.sh", talks.replace("exec", `until [ -e go ]; do sleep 0.05; done\n${talks}exec`));
  await tsm(home, ["start", "talks.sh", "--merge-logs", "--settle", "0"]);
  await until("it has written", () => logOf(home, "talks") === "to out\nto err\n");
  expect((await tsm(home, ["rotate", "talks"])).stdout).toBe("tsm: rotated 'talks' (out 14 B)\n");
  writeFileSync(join(home.folder, "go"), "");
  await until("it goes on", () => logOf(home, "talks") === "to out\nto err\n");
  expect(existsSync(join(folderOf(home, "talks"), "current.err"))).toBe(false);
  expect((await tsm(home, ["logs", "talks"])).stdout).toBe("to out\nto err\nto out\nto err\n");
});

test("flush follows a link that was named, and none that lies in the place of a log", async () => {
  const home = makeHome();
  script(home, "talks.sh", talks);
  writeFileSync(join(home.folder, "real.log"), "");
  writeFileSync(join(home.folder, "precious"), "kept\n");
  symlinkSync("real.log", join(home.folder, "link.log"));
  await tsm(home, ["start", "talks.sh", "-o", "link.log", "--settle", "0"]);
  await until("it has written", () => read(home, "real.log") === "to out\n");
  rmSync(join(folderOf(home, "talks"), "current.err"));
  symlinkSync(join(home.folder, "precious"), join(folderOf(home, "talks"), "current.err"));
  await tsm(home, ["flush", "talks"]);
  expect(read(home, "real.log")).toBe("");
  expect(read(home, "precious")).toBe("kept\n");
});

test("a start that fails without a log says that it failed", async () => {
  const home = makeHome();
  script(home, "fails.sh", "echo why >&2\nexit 3\n");
  const { code, stderr } = await tsm(home, ["start", "fails.sh", "-e", "NULL"]);
  expect(code).toBe(1);
  expect(stderr).toContain("ended as soon as it was started");
  expect(stderr).not.toContain("why");
});

test.for([
  { flags: ["-o", "folder"], says: "is a folder where a file should be" },
  { flags: ["-o", "new/"], says: "is a folder where a file should be" },
  { flags: ["-e", "file/x.log"], says: "is not a folder" },
  { flags: ["-l", "pipe"], says: "is not a regular file" },
  { flags: ["-o", "/proc/none/x.log"], says: "the log /proc/none/x.log of 'talks' cannot be written" },
  { flags: ["-l", "a", "-o", "b"], says: "--log is for both streams" },
  { flags: ["--ready", "log:/up/", "--disable-logs"], says: "nothing of its logs is kept" },
  { flags: ["-o", ""], says: "the path is empty" },
])("start $flags is refused before anything starts", async ({ flags, says }) => {
  const home = makeHome();
  script(home, "talks.sh", talks);
  mkdirSync(join(home.folder, "folder"));
  writeFileSync(join(home.folder, "file"), "");
  const { execFileSync } = await import("node:child_process");
  execFileSync("mkfifo", [join(home.folder, "pipe")]);
  const { code, stderr } = await tsm(home, ["start", "talks.sh", ...flags]);
  expect(code === 64 || code === 66).toBe(true);
  expect(stderr).toContain(says);
  expect(existsSync(folderOf(home, "talks"))).toBe(false);
});

test("a log that cannot be written any more is told by restart, and the old life goes on", async () => {
  const home = makeHome();
  script(home, "talks.sh", talks);
  await tsm(home, ["start", "talks.sh", "-o", "o.log", "--settle", "0"]);
  const { pid } = readMeta(home, "talks");
  rmSync(join(home.folder, "o.log"));
  mkdirSync(join(home.folder, "o.log"));
  expect(await tsm(home, ["restart", "talks"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("is a folder where a file should be"),
  });
  expect(readMeta(home, "talks")).toMatchObject({ pid, status: "online" });
});

test("what this user may not write is refused", async () => {
  const home = makeHome();
  script(home, "talks.sh", talks);
  mkdirSync(join(home.folder, "closed"));
  chmodSync(join(home.folder, "closed"), 0o500);
  // Root may write into any folder, and still makes no file where the kernel has its own.
  const closed = process.getuid?.() === 0 && existsSync("/proc/self") ? "/proc/o.log" : "closed/o.log";
  const refused = await tsm(home, ["start", "talks.sh", "-o", closed]);
  expect(refused.stderr).toContain("o.log of 'talks' cannot be written");
  expect(refused.code).toBe(66);
});

test("behind a program short flags are its own; behind a script that stands alone, before the command and in a string they are ours", async () => {
  const home = makeHome();
  script(home, "talks.sh", talks);
  const args = [
    "start",
    "--name",
    "code",
    "--settle",
    "0",
    "node",
    "-e",
    "console.log('from -e'); setInterval(() => {}, 1e6)",
  ];
  expect(await tsm(home, args)).toMatchObject({ code: 0 });
  await until("it has run", () => logOf(home, "code") === "from -e\n");
  for (const [name, words] of [
    ["first", ["-o", "first.log", "bash", "talks.sh"]],
    ["string", ["bash talks.sh", "-o", "string.log"]],
  ] as const) {
    expect(await tsm(home, ["start", "--name", name, "--settle", "0", ...words])).toMatchObject({ code: 0 });
    await until("it has written", () => read(home, `${name}.log`) === "to out\n");
  }
});

test("reload-logs tells who writes where", async () => {
  const home = makeHome();
  script(home, "talks.sh", talks);
  await tsm(home, ["start", "talks.sh", "-o", "o.log", "--settle", "0"]);
  const log = join(home.folder, "o.log");
  await until("it has written", () => read(home, "o.log") === "to out\n");
  expect((await tsm(home, ["reload-logs"])).stdout).toBe(
    `talks out: writes into ${log}\ntalks err: writes into ${join(folderOf(home, "talks"), "current.err")}\n`,
  );
  renameSync(log, `${log}.1`);
  expect(await tsmJson(home, ["reloadLogs", "talks"])).toMatchObject([
    { name: "talks", stream: "out", path: log, found: "moved" },
    { name: "talks", stream: "err", found: "own" },
  ]);
  await tsm(home, ["stop", "talks"]);
  expect((await tsm(home, ["reload-logs", "talks"])).stdout).toContain("talks out: does not run");
});
