import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Home, hasty, makeHome } from "../support/home.ts";
import { list, runners, services } from "../support/managed.ts";
import { freePort } from "../support/ports.ts";
import { reboot, shutDown } from "../support/reboot.ts";
import { folderOf, isAlive, logOf, pidOf, readMeta } from "../support/record.ts";
import { script, seenIn, server, showing } from "../support/scripts.ts";
import { define } from "../support/services.ts";
import { startTsm, tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

const quick = ["--settle", "0"];

describe("after a reboot", () => {
  test("what was saved runs again: id, words, folder, port and environment", async () => {
    const home = makeHome();
    script(home, "sub/show.cjs", showing);
    script(home, "server.cjs", server);
    const port = await freePort();
    await start(home, "first", ["sleep", "600"]);
    await tsm(home, ["start", ...quick, "--name", "show", "--cwd", "sub", "--", "node", "show.cjs", "a b", "$x"], {
      env: { MINE: "it's\nmine" },
    });
    await tsm(home, [
      "start",
      "--name",
      "web",
      "--port",
      String(port),
      "--restart",
      "always",
      "--",
      "node",
      "server.cjs",
    ]);
    const before = await seenIn(join(home.folder, "sub"));
    const saved = await tsm(home, ["save"]);
    expect(saved).toMatchObject({ code: 0, stderr: "" });
    expect(saved.stdout).toBe(`✅ Saved 3 processes: first, show, web-${port}\n   ${home.path}/dump.json\n`);
    const old = reboot(home, ["first", "show", `web-${port}`]);
    await until("they are gone", () => !old.some(isAlive));

    const done = await tsm(home, ["resurrect"], { cwd: "/", env: { MINE: "another", PORT: "1" } });
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(done.stdout).toContain(`tsm: resurrected 'show' (TSM ID: 1, PID: ${pidOf(home, "show")})\n`);
    expect(await seenIn(join(home.folder, "sub"), before.pid)).toEqual({ ...before, pid: pidOf(home, "show") });
    expect(await (await fetch(`http://localhost:${port}`)).text()).toBe(`pid ${pidOf(home, `web-${port}`)}`);
    expect(await tsmJson(home, ["info", `web-${port}`])).toMatchObject({ id: 2, restartPolicy: "always" });
  });

  test("what the machine took down in order runs again, and what somebody had stopped does not", async () => {
    const home = hasty(makeHome());
    for (const name of ["runs", "rests", "later", "gone"]) await start(home, name, ["sleep", "600"]);
    await tsm(home, ["stop", "rests"]);
    await tsm(home, ["save"]);
    await tsm(home, ["stop", "later"]);
    await tsm(home, ["delete", "gone", "--purge"]);
    await shutDown(home, ["runs", "rests", "later"]);
    // What was saved before it does not become what is saved now: nobody has stopped it.
    expect((await tsm(home, ["list", "all"])).stdout).not.toContain("online");
    const done = await tsm(home, ["resurrect"]);
    expect(done).toMatchObject({ code: 0, stderr: "" });
    const lines = done.stdout.split("\n");
    expect(lines[0]).toMatch(/^tsm: resurrected 'runs' \(TSM ID: 0,/);
    expect(lines[1]).toBe("tsm: 'rests' stays stopped, as it was saved (TSM ID: 1)");
    expect(lines[2]).toBe("tsm: 'later' was stopped since and stays so (TSM ID: 2)");
    expect(lines[3]).toMatch(/^tsm: resurrected 'gone' \(TSM ID: 3,/);
    expect(services(home)).toHaveLength(2);
  });

  test("what kill has ended with all others comes back, as after pm2's, and what was stopped by name does not", async () => {
    const home = hasty(makeHome());
    for (const name of ["runs", "rests"]) await start(home, name, ["sleep", "600"]);
    await tsm(home, ["save"]);
    await tsm(home, ["stop", "rests"]);
    expect(await tsm(home, ["kill"])).toMatchObject({ code: 0 });
    const done = await tsm(home, ["resurrect"]);
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(done.stdout).toMatch(/^tsm: resurrected 'runs' \(TSM ID: 0,/);
    expect(done.stdout).toContain("tsm: 'rests' was stopped since and stays so (TSM ID: 1)\n");
  });

  test("a save right after it still wants what ran", async () => {
    const home = hasty(makeHome());
    for (const name of ["cut", "rests"]) await start(home, name, ["sleep", "600"]);
    await tsm(home, ["stop", "rests"]);
    await shutDown(home, ["cut", "rests"]);
    await tsm(home, ["list"]);
    expect((await tsm(home, ["save"])).stdout).toContain("Saved 2 processes: cut, rests (stopped)\n");
    await tsm(home, ["resurrect"]);
    expect(readMeta(home, "cut")).toMatchObject({ status: "online" });
  });

  test("node at another path: another version of it is found, and said", async () => {
    const home = hasty(makeHome());
    script(home, "show.cjs", showing);
    const versions = join(home.folder, "nvm/versions/node");
    const path = `${versions}/v20.1.0/bin:${process.env["PATH"]}`;
    for (const version of ["v20.1.0", "v20.9.0", "v20.10.0", "v22.1.0"]) nodeAt(join(versions, version, "bin"));
    await tsm(home, ["start", ...quick, "--name", "show", "--", "node", "show.cjs"], { env: { PATH: path } });
    const before = await seenIn(home.folder);
    await tsm(home, ["save"]);
    const [old] = reboot(home, ["show"]);
    await until("it is gone", () => old !== undefined && !isAlive(old));
    rmSync(join(versions, "v20.1.0"), { recursive: true });
    const done = await tsm(home, ["resurrect"]);
    expect(done).toMatchObject({ code: 0 });
    const to = join(versions, "v20.10.0/bin");
    expect(done.stderr).toBe(`tsm: 'show': ${versions}/v20.1.0/bin/node is gone, it runs ${to}/node\n`);
    const after = await seenIn(home.folder, before.pid);
    expect(after.env["PATH"]).toBe(`${to}:${process.env["PATH"]}`);
    expect(readMeta(home, "show")).toMatchObject({ interpreter: `${to}/node`, status: "online" });
  });

  test("one that cannot start is told, the others start, and the exit code is 1", async () => {
    const home = makeHome();
    const port = await freePort();
    const tool = script(home, "bin/tool", "#!/bin/sh\nexec sleep 600\n", 0o755);
    script(home, "gone/here.txt", "");
    await start(home, "lost", [tool]);
    await start(home, "homeless", ["sleep", "600"], "--cwd", "gone");
    await start(home, "held", ["sleep", "600"], "--port", String(port));
    await start(home, "well", ["sleep", "600"]);
    await tsm(home, ["save"]);
    reboot(home, ["lost", "homeless", `held-${port}`, "well"]);
    rmSync(join(home.folder, "gone"), { recursive: true });
    rmSync(tool);
    const stranger = createServer();
    await new Promise<void>((resolve) => stranger.listen(port, resolve));
    onTestFinished(() => void stranger.close());
    const done = await tsm(home, ["resurrect"]);
    expect(done.code).toBe(1);
    expect(done.stdout).toMatch(/^tsm: resurrected 'well' \(TSM ID: 3, PID: \d+\)\n$/);
    expect(done.stderr).toContain("❌ lost: ");
    expect(done.stderr).toContain(`❌ homeless: the folder ${home.folder}/gone is gone`);
    expect(done.stderr).toContain(`❌ held-${port}: 🔴 Port ${port} is already in use!`);
    expect(services(home)).toHaveLength(1);
  });

  test("each waits for what it depends on, and is left out when that fails", async () => {
    const home = makeHome();
    define(
      home,
      "tetra/db",
      "TSM_COMMAND=\"sh -c 'sleep 0.3; touch db.up; exec sleep 600'\"\nTSM_READY='cmd:test -e db.up'\n",
    );
    define(home, "tetra/api", "TSM_COMMAND=\"sh -c 'ls db.up; exec sleep 600'\"\nTSM_DEPENDS=db\n");
    // By id `api` would come first.
    await tsm(home, ["start", ...quick, "--name", "zero", "--", "sleep", "600"]);
    await tsm(home, ["start", "api"]);
    await tsm(home, ["delete", "zero"]);
    await tsm(home, ["save"]);
    reboot(home, ["api-auto", "db-auto"]);
    rmSync(join(home.folder, "db.up"));
    expect(await tsm(home, ["resurrect"])).toMatchObject({ code: 0, stderr: "" });
    await until("it has seen it", () => logOf(home, "api-auto") === "db.up\ndb.up\n");
    reboot(home, ["api-auto", "db-auto"]);
    rmSync(join(home.folder, "db.up"));
    const text = readFileSync(dumpOf(home), "utf8");
    writeFileSync(dumpOf(home), text.replaceAll("touch db.up; exec sleep 600", "exit 3"));
    const done = await tsm(home, ["resurrect"]);
    expect(done.code).toBe(1);
    expect(done.stderr).toContain("❌ db-auto: ");
    expect(done.stderr).toContain("❌ api-auto: it depends on 'db-auto', which was not started: ");
    expect(services(home)).toEqual([]);
  });
});

test("the apps of a file come back in the order of their depends_on", async () => {
  const home = hasty(makeHome());
  const apps = [
    { name: "api", script: "sh", args: ["-c", "ls db.up; exec sleep 600"], depends_on: ["db"] },
    { name: "db", script: "sh", args: ["-c", "sleep 0.3; touch db.up; exec sleep 600"], ready: "cmd:test -e db.up" },
  ];
  script(home, "ecosystem.config.json", JSON.stringify({ apps }));
  await tsm(home, ["start", "ecosystem.config.json"]);
  await tsm(home, ["save"]);
  reboot(home, ["api", "db"]);
  rmSync(join(home.folder, "db.up"));
  expect(await tsm(home, ["resurrect"])).toMatchObject({ code: 0, stderr: "" });
  await until("it has seen it", () => logOf(home, "api") === "db.up\ndb.up\n");
});

describe("never two copies", () => {
  test("what runs is left as it is, and what does not is started beside it", async () => {
    const home = hasty(makeHome());
    for (const name of ["a", "b", "c"]) await start(home, name, ["sleep", "600"]);
    await tsm(home, ["save"]);
    const pid = pidOf(home, "a");
    await tsm(home, ["delete", "b", "c"]);
    const done = await tsm(home, ["resurrect"]);
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(done.stdout).toContain("⚠️  Already running: a\n");
    expect(pidOf(home, "a")).toBe(pid);
    expect(services(home)).toHaveLength(3);
    expect((await list(home)).map(({ id, name }) => `${id} ${name}`)).toEqual(["0 a", "1 b", "2 c"]);
  });

  test("two at once, and one that is killed halfway", async () => {
    const home = hasty(makeHome());
    const names = ["a", "b", "c", "d", "e", "f"];
    for (const name of names) await start(home, name, ["sleep", "600"]);
    await tsm(home, ["save"]);
    await tsm(home, ["delete", ...names, "--purge"]);
    const first = startTsm(home, ["resurrect"]);
    await until("one of them runs", () => services(home).length > 0);
    first.child.kill("SIGKILL");
    await first.outcome;
    const both = await Promise.all([tsm(home, ["resurrect"]), tsm(home, ["resurrect"])]);
    for (const { code, stderr } of both) expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect((await list(home)).map(({ name, status }) => `${name} ${status}`)).toEqual(
      names.map((name) => `${name} online`),
    );
    expect(services(home)).toHaveLength(names.length);
    expect(runners(home)).toHaveLength(names.length);
    expect(readdirSync(join(home.path, "runtime/processes")).sort()).toEqual(names);
  });

  test("one whose record somebody has removed still runs: it is named, and no second one started", async () => {
    const home = hasty(makeHome());
    await start(home, "api", ["sleep", "600"]);
    await tsm(home, ["save"]);
    const pid = pidOf(home, "api");
    rmSync(folderOf(home, "api"), { recursive: true });
    const done = await tsm(home, ["resurrect"]);
    expect(done.code).toBe(1);
    expect(done.stderr).toContain(`❌ api: PID ${pid} is one of it and still runs`);
    expect(services(home).map((each) => each.pid)).toEqual([pid]);
  });

  test("a damaged record is told; when it is deleted the dump brings its process back", async () => {
    const home = hasty(makeHome());
    await start(home, "api", ["sleep", "600"]);
    await tsm(home, ["save"]);
    const [old] = reboot(home, ["api"]);
    await until("it is gone", () => old !== undefined && !isAlive(old));
    writeFileSync(join(folderOf(home, "api"), "meta.json"), "");
    const done = await tsm(home, ["resurrect"]);
    expect(done.code).toBe(1);
    expect(done.stderr).toContain(
      "❌ api: its record is damaged: meta.json is empty\n  tsm doctor --fix mends it where it can, tsm delete api removes it; then resurrect again\n",
    );
    await tsm(home, ["delete", "api"]);
    expect(await tsm(home, ["resurrect"])).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("the saved list", () => {
  test("is for its owner's eyes, and one that is stopped is put on record with its logs", async () => {
    const home = hasty(makeHome());
    await tsm(home, ["start", ...quick, "--name", "job", "--", "sh", "-c", "echo said; exec sleep 600"], {
      env: { TOKEN: "s3cret" },
    });
    await until("it has spoken", () => logOf(home, "job") === "said\n");
    await tsm(home, ["stop", "job"]);
    await tsm(home, ["dump"]);
    expect(statSync(dumpOf(home)).mode & 0o777).toBe(0o600);
    await tsm(home, ["delete", "job", "--keep-logs"]);
    const done = await tsm(home, ["resurrect"]);
    expect(done).toMatchObject({ code: 0, stderr: "" });
    expect(done.stdout).toBe("tsm: 'job' is on record again, stopped as it was saved (TSM ID: 0)\n");
    expect(await tsm(home, ["start", "job", ...quick])).toMatchObject({ code: 0 });
    await until("the log goes on", () => logOf(home, "job") === "said\nsaid\n");
    for (const file of readdirSync(join(folderOf(home, "job"), "launch")))
      expect(statSync(join(folderOf(home, "job"), "launch", file)).mode & 0o077, file).toBe(0);
  });

  test("is not emptied by mistake, and older ones can be had", async () => {
    const home = hasty(makeHome());
    expect(await tsm(home, ["resurrect"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("nothing was saved yet"),
    });
    for (const name of ["a", "b"]) {
      await start(home, name, ["sleep", "600"]);
      expect(await tsm(home, ["save"])).toMatchObject({ code: 0, stderr: "" });
    }
    await tsm(home, ["delete", "*"]);
    const refused = await tsm(home, ["save"]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("there is no process to save; what was saved before stays");
    expect([0, 1].map((generation) => savedIn(home, generation))).toEqual([2, 1]);
    expect(await tsm(home, ["cleardump"])).toMatchObject({ code: 0 });
    expect((await tsm(home, ["resurrect"])).stdout).toBe(`tsm: the saved list is empty: ${home.path}/dump.json\n`);
    expect((await tsm(home, ["resurrect", "--generation", "2"])).stdout).toMatch(/^tsm: resurrected 'a' .*\n$/);
    expect(await tsm(home, ["resurrect", "--generation", "5"])).toMatchObject({ code: 64 });
  });

  test("one that is cut is kept under another name, and the one before it used", async () => {
    const home = hasty(makeHome());
    await start(home, "a", ["sleep", "600"]);
    await tsm(home, ["save"]);
    await start(home, "b", ["sleep", "600"]);
    await tsm(home, ["save"]);
    await tsm(home, ["delete", "*"]);
    const text = readFileSync(dumpOf(home), "utf8");
    const half = text.slice(0, text.length / 2);
    writeFileSync(dumpOf(home), half);
    const done = await tsm(home, ["resurrect"]);
    expect(done.code).toBe(0);
    expect(done.stdout).toMatch(/^tsm: resurrected 'a' .*\n$/);
    const aside = readdirSync(home.path).find((name) => name.startsWith("dump.json.corrupt-"));
    expect(readFileSync(join(home.path, aside ?? ""), "utf8")).toBe(half);
    expect(done.stderr).toBe(
      `tsm: ${dumpOf(home)} is damaged: it is not whole JSON; it is kept as ${home.path}/${aside}\ntsm: ${dumpOf(home)}.1 was used instead\n`,
    );
    // And a save over a damaged one keeps it too.
    writeFileSync(dumpOf(home), "");
    expect((await tsm(home, ["save"])).stderr).toContain("is damaged: it is empty");
    expect(savedIn(home, 0)).toBe(1);
    for (const name of readdirSync(home.path).filter((each) => /^dump\.json(\.\d)?$/.test(each)))
      writeFileSync(join(home.path, name), "{");
    const lost = await tsm(home, ["resurrect"]);
    expect(lost).toMatchObject({ code: 65, stdout: "" });
    expect(lost.stderr).toContain("and there is no older one");
  });

  test("a pipe in its place is set aside, and nothing waits for somebody to write into it", async () => {
    const home = hasty(makeHome());
    await start(home, "a", ["sleep", "600"]);
    mkdirSync(home.path, { recursive: true });
    for (const verb of ["resurrect", "save"]) {
      rmSync(dumpOf(home), { force: true });
      execFileSync("bash", ["-c", 'mkfifo "$0"', dumpOf(home)]);
      expect((await tsm(home, [verb])).stderr).toContain(`${dumpOf(home)} is damaged`);
    }
    expect(savedIn(home, 0)).toBe(1);
  });

  test("a link in its place is written through: a first save, and one over another", async () => {
    const home = hasty(makeHome());
    const elsewhere = join(home.folder, "kept.json");
    await start(home, "a", ["sleep", "600"]);
    symlinkSync(elsewhere, dumpOf(home));
    for (const [index, name] of ["b", "c"].entries()) {
      expect(await tsm(home, ["save"])).toMatchObject({ code: 0, stderr: "" });
      expect(lstatSync(dumpOf(home)).isSymbolicLink()).toBe(true);
      expect(JSON.parse(readFileSync(elsewhere, "utf8")).processes).toHaveLength(index + 1);
      await start(home, name, ["sleep", "600"]);
    }
    expect(savedIn(home, 1)).toBe(1);
  });

  test("nothing in it leads out of the home, or is run by reading it", async () => {
    const home = hasty(makeHome());
    await start(home, "a", ["sleep", "600"]);
    await tsm(home, ["save"]);
    await tsm(home, ["delete", "a"]);
    const text = readFileSync(dumpOf(home), "utf8");
    for (const hostile of [
      text.replaceAll('"name":"a"', '"name":"../../a"'),
      text.replace('"lookup":', '"../../../lookup":'),
    ]) {
      writeFileSync(dumpOf(home), hostile);
      expect(await tsm(home, ["resurrect"])).toMatchObject({ code: 65, stdout: "" });
    }
    expect(home.processes()).toEqual([]);
    expect(existsSync(join(home.path, "a"))).toBe(false);
  });
});

test("node can be removed under running services: their policy goes on without it", async () => {
  const home = hasty(makeHome());
  const node = join(home.folder, "node");
  writeFileSync(node, readFileSync(process.execPath));
  chmodSync(node, 0o755);
  const started = await tsm(home, ["start", ...quick, "--restart", "always", "--name", "api", "--", "sleep", "600"], {
    node,
  });
  expect(started).toMatchObject({ code: 0 });
  rmSync(node);
  const pid = pidOf(home, "api");
  process.kill(pid, "SIGKILL");
  await until("it is brought back", () => pidOf(home, "api") !== pid && isAlive(pidOf(home, "api")));
  expect(await tsmJson(home, ["list"])).toMatchObject([{ name: "api", restarts: 1, supervised: true }]);
  expect(await tsm(home, ["stop", "api"])).toMatchObject({ code: 0, stderr: "" });
});

async function start(home: Home, name: string, command: string[], ...flags: string[]): Promise<void> {
  const { code, stderr } = await tsm(home, ["start", "--name", name, ...quick, ...flags, "--", ...command]);
  if (code !== 0) throw new Error(stderr);
}

function dumpOf(home: Home): string {
  return join(home.path, "dump.json");
}

function savedIn(home: Home, generation: number): number {
  const { processes } = JSON.parse(readFileSync(`${dumpOf(home)}${generation === 0 ? "" : `.${generation}`}`, "utf8"));
  return processes.length;
}

function nodeAt(folder: string): void {
  mkdirSync(folder, { recursive: true });
  symlinkSync(process.execPath, join(folder, "node"));
}
