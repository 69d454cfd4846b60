import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { report, times } from "../support/figures.ts";
import { type Home, hasty, makeHome } from "../support/home.ts";
import { folderOf, row } from "../support/managed.ts";
import { faultsIn, numberedWriter, wholeLog } from "../support/numbered.ts";
import { diskKinds, makeSmallDisk } from "../support/small-disk.ts";
import { startTsm, tsm } from "../support/tsm.ts";
import { until } from "../support/until.ts";

async function untilItWrites(home: Home): Promise<void> {
  await until("it writes", () => statSync(join(folderOf(home, "w"), "current.out")).size > 10_000);
}

/** A file system whose files can lose their front (ext4, xfs), mostly; and one where none can, where there is one. */
const places = [tmpdir(), existsSync("/dev/shm") ? "/dev/shm" : tmpdir()];

test.for(places)(
  "a numbered writer through many rotations in %s: nothing is missing, doubled or moved",
  async (place) => {
    const home = hasty(makeHome(place));
    await tsm(home, ["start", "--name", "w", "--log-keep", "1000", "--", "bash", numberedWriter(home)]);
    await untilItWrites(home);
    const rounds = times(6, 50);
    for (let round = 0; round < rounds; round += 1) {
      expect(await tsm(home, ["rotate", "w"])).toMatchObject({ code: 0, stderr: "" });
    }
    await tsm(home, ["stop", "w"]);
    const log = wholeLog(home, "w");
    expect(faultsIn(log)).toEqual([]);
    expect(readdirSync(folderOf(home, "w")).filter((name) => /^current\.out\.\d+\.gz$/.test(name))).toHaveLength(
      rounds,
    );
    report(`${rounds} rotations in ${place}: ${log.length} bytes, 0 missing, 0 doubled`);
  },
);

test.for(places)(
  "a rotator killed at any moment in %s: the next one puts it right, and the process goes on",
  async (place) => {
    const home = hasty(makeHome(place));
    await tsm(home, ["start", "--name", "w", "--log-keep", "1000", "--", "bash", numberedWriter(home, { writers: 3 })]);
    await untilItWrites(home);
    const started = performance.now();
    await tsm(home, ["rotate", "w"]);
    const longestMs = performance.now() - started;
    const rounds = times(8, 100);
    let killed = 0;
    for (let round = 0; round < rounds; round += 1) {
      const running = startTsm(home, ["rotate", "w"]);
      running.child.stdin.end();
      // The first part is Node starting up.
      const moment = (0.25 + 0.85 * ((round * 0.618_033_988_7) % 1)) * longestMs;
      const timer = setTimeout(() => running.child.kill("SIGKILL"), moment);
      if ((await running.outcome).signal === "SIGKILL") killed += 1;
      clearTimeout(timer);
    }
    const length = statSync(join(folderOf(home, "w"), "current.out")).size;
    await until("it writes on", () => statSync(join(folderOf(home, "w"), "current.out")).size !== length);
    expect((await tsm(home, ["rotate", "w"])).code).toBe(0);
    await tsm(home, ["stop", "w"]);
    expect(faultsIn(wholeLog(home, "w"))).toEqual([]);
    expect(readdirSync(folderOf(home, "w")).filter((name) => /rotating|compressing|\.tmp$/.test(name))).toEqual([]);
    report(`${killed} of ${rounds} rotators killed in ${place}: 0 missing, 0 doubled`);
  },
);

test.for(places)(
  "in %s nothing is lost of what writes on when its process has ended, and carries no mark of it",
  async (place) => {
    const home = makeHome(place);
    const script = join(home.folder, "leaves.sh");
    const writer = join(home.folder, "left.sh");
    const end = join(home.folder, "end");
    onTestFinished(() => writeFileSync(end, ""));
    writeFileSync(
      writer,
      `i=0; until [ -e "$1" ]; do echo "left $i"; i=$((i + 1)); ((i % 500)) || sleep 0.005; done\n`,
    );
    writeFileSync(script, `( env -i PATH="$PATH" setsid bash "$1" "$2" & )\nsleep 1\n`);
    await tsm(home, [
      "start",
      "--name",
      "w",
      "--restart",
      "no",
      "--log-keep",
      "1000",
      "--",
      "bash",
      script,
      writer,
      end,
    ]);
    for (let round = 0; round < times(9, 50); round += 1) {
      const { code, stderr } = await tsm(home, ["rotate", "w"]);
      // On a machine with no time to spare the writer may not be held within two seconds: the log stays as it was.
      if (!stderr.includes("cannot be held still")) expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    }
    const length = statSync(join(folderOf(home, "w"), "current.out")).size;
    await until("it writes on", () => statSync(join(folderOf(home, "w"), "current.out")).size !== length);
    writeFileSync(end, "");
    await until("it has ended", () => {
      const before = wholeLog(home, "w").length;
      return tsm(home, ["list", "--json"]).then(() => wholeLog(home, "w").length === before);
    });
    expect(faultsIn(wholeLog(home, "w"))).toEqual([]);
  },
);

test("two rotations at once take turns", async () => {
  const home = hasty(makeHome());
  await tsm(home, ["start", "--name", "w", "--log-keep", "1000", "--", "bash", numberedWriter(home)]);
  await untilItWrites(home);
  const both = await Promise.all(Array.from({ length: 4 }, () => tsm(home, ["rotate", "w"])));
  expect(both.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  await tsm(home, ["stop", "w"]);
  expect(faultsIn(wholeLog(home, "w"))).toEqual([]);
});

test("a log that repeats itself loses no line to a killed rotator", async () => {
  const home = makeHome();
  const script = join(home.folder, "same.sh");
  // 64 bytes a line: every block of the file is like every other.
  writeFileSync(
    script,
    `line=$(printf '%063d' 7); for ((i = 0; i < 40000; i++)); do echo "$line"; done; exec sleep 3600\n`,
  );
  await tsm(home, ["start", "--name", "same", "--log-keep", "1000", "--", "bash", script]);
  for (const moment of [60, 75, 90, 105, 120, 140, 160]) {
    const running = startTsm(home, ["rotate", "same"]);
    running.child.stdin.end();
    const timer = setTimeout(() => running.child.kill("SIGKILL"), moment);
    await running.outcome;
    clearTimeout(timer);
  }
  await until(
    "all is written",
    async () => (await tsm(home, ["rotate", "same"])).code === 0 && wholeLog(home, "same").length >= 40000 * 64,
  );
  expect(wholeLog(home, "same").length).toBe(40000 * 64);
});

test("a live log that was moved away: the moved file keeps what it has, new lines are in the log again", async () => {
  const home = hasty(makeHome());
  await tsm(home, ["start", "--name", "w", "--", "bash", numberedWriter(home, { burst: 50 })]);
  const log = join(folderOf(home, "w"), "current.out");
  const mine = join(home.folder, "old.log");
  await until("it has written", () => statSync(log).size > 1000);
  renameSync(log, mine);
  expect((await tsm(home, ["rotate", "w"])).code).toBe(0);
  const kept = readFileSync(mine);
  await until("new lines come to the log", () => existsSync(log) && statSync(log).size > 1000);
  await tsm(home, ["stop", "w"]);
  expect(readFileSync(mine)).toEqual(kept);
  expect(faultsIn(Buffer.concat([kept, readFileSync(log)]))).toEqual([]);
});

test.for(
  ["current.out.1.gz", "current.out.1"].flatMap((name) => [
    { what: "a folder", name },
    { what: "a link", name },
  ]),
)("$what that is named $name costs no line and no rotation", async ({ what, name }) => {
  const home = hasty(makeHome());
  await tsm(home, ["start", "--name", "w", "--", "bash", numberedWriter(home, { burst: 50 })]);
  const log = join(folderOf(home, "w"), "current.out");
  const precious = join(home.folder, "precious");
  writeFileSync(precious, "not ours\n");
  if (what === "a folder") mkdirSync(join(folderOf(home, "w"), name));
  else symlinkSync(precious, join(folderOf(home, "w"), name));
  for (let round = 0; round < 3; round += 1) {
    await until("it has written", () => statSync(log).size > 1000);
    expect(await tsm(home, ["rotate", "w"])).toMatchObject({ code: 0, stderr: "" });
  }
  await tsm(home, ["stop", "w"]);
  const { stdout, stderr } = await tsm(home, ["logs", "w", "--out", "--lines", "1000000"]);
  expect(stderr).toBe("");
  expect(faultsIn(Buffer.from(stdout))).toEqual([]);
  expect(readFileSync(precious, "utf8")).toBe("not ours\n");
});

test("a process that empties its own log is left alone", async () => {
  const home = makeHome();
  const script = join(home.folder, "own.sh");
  writeFileSync(
    script,
    `log=$TSM_HOME/runtime/processes/own/current.out; while :; do for i in {1..2000}; do echo "line $i"; done; : >"$log"; done\n`,
  );
  await tsm(home, ["start", "--name", "own", "--", "bash", script]);
  for (let round = 0; round < 6; round += 1) expect((await tsm(home, ["rotate", "own"])).code).toBe(0);
  expect(await row(home, "own")).toMatchObject({ status: "online" });
});

test.for([
  { what: "a folder", put: (path: string) => mkdirSync(path) },
  { what: "a link out of the home", put: (path: string) => symlinkSync("/etc/hostname", path) },
])("$what in the place of a log is not touched", async ({ put }) => {
  const home = hasty(makeHome());
  await tsm(home, ["start", "--name", "s", "--", "sleep", "3600"]);
  const log = join(folderOf(home, "s"), "current.out");
  const before = readFileSync("/etc/hostname");
  rmSync(log);
  put(log);
  await tsm(home, ["rotate", "s"]);
  await tsm(home, ["flush", "s"]);
  expect(readFileSync("/etc/hostname")).toEqual(before);
  expect(readdirSync(folderOf(home, "s"))).toContain("current.out");
});

test.for(diskKinds)(
  "%s that is full: the rotation says so, nothing is lost, and with space it is done",
  async (kind) => {
    const { home, env, fill, drain } = makeSmallDisk(kind);
    const script = join(home.folder, "fill.sh");
    writeFileSync(script, `for ((i = 0; i < 20000; i++)); do echo "main $i"; done; exec sleep 3600\n`);
    await tsm(home, ["start", "--name", "w", "--", "bash", script], { env });
    const log = join(folderOf(home, "w"), "current.out");
    await until("all is written", () => readFileSync(log, "utf8").endsWith("main 19999\n"));
    fill(3);
    const failed = await tsm(home, ["rotate", "w"], { env });
    expect(failed.stderr).toContain("no space to rotate the out log of 'w'");
    expect(failed.code).toBe(1);
    expect(faultsIn(wholeLog(home, "w"))).toEqual([]);
    drain();
    expect(await tsm(home, ["rotate", "w"], { env })).toMatchObject({ code: 0 });
    expect(faultsIn(wholeLog(home, "w"))).toEqual([]);
    expect(statSync(log).size).toBeLessThan(5000);
  },
);
