import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { pidOf } from "../support/record.ts";
import { tsm, tsmJson } from "../support/tsm.ts";
import { tsmAsUser, userHome } from "../support/user-home.ts";

const isRoot = process.getuid?.() === 0 && process.platform === "linux";

/** A machine with these users and no others: getent lists them. */
function machineOf(home: Home, users: Readonly<Record<string, string>>): { env: Record<string, string> } {
  const bin = join(home.folder, "bin");
  mkdirSync(bin);
  const lines = Object.entries(users).map(([name, folder]) => `${name}:x:1000:1000:A, Person:${folder}:/bin/bash`);
  writeFileSync(join(bin, "passwd"), `${lines.join("\n")}\n`);
  writeFileSync(join(bin, "getent"), `#!/bin/sh\ncat ${join(bin, "passwd")}\n`);
  chmodSync(join(bin, "getent"), 0o755);
  return { env: { PATH: `${bin}:${process.env["PATH"]}` } };
}

/** The folder of a user with a home of tsm in it. */
function folderOf(home: Home, user: string): { folder: string; home: Home } {
  const folder = join(home.folder, user);
  const path = join(folder, "tetra/tsm");
  mkdirSync(join(path, "runtime/processes"), { recursive: true });
  return { folder, home: { ...home, path } };
}

/** Every path below with its time of change: nothing is written where nothing of it differs. */
function allOf(folder: string): string[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const path = join(folder, name);
      const stats = lstatSync(path);
      return [`${path} ${stats.ctimeMs}`, ...(stats.isDirectory() ? allOf(path) : [])];
    });
}

describe.runIf(isRoot)("as root, users", () => {
  test("counts what each has online, stopped and crashed, with its memory, and writes nothing there", async () => {
    const home = makeHome();
    const [ann, bob] = [folderOf(home, "ann"), folderOf(home, "bob")];
    const machine = machineOf(home, { ann: ann.folder, bob: bob.folder, eve: "/nonexistent" });
    await tsm(ann.home, ["start", "--settle", "0", "--name", "one", "--", "sleep", "600"]);
    await tsm(ann.home, ["start", "--settle", "0", "--name", "two", "--", "sleep", "600"]);
    await tsm(ann.home, ["start", "--settle", "300", "--name", "bad", "--", "false"]);
    await tsm(ann.home, ["stop", "two"]);
    const before = allOf(bob.folder);
    const homes = await tsmJson(home, ["users"], machine);
    expect(homes).toMatchObject([
      { home: home.path, online: 0, problem: null },
      { user: "ann", home: ann.home.path, online: 1, stopped: 1, crashed: 1, damaged: 0, problem: null },
      { user: "bob", home: bob.home.path, online: 0, stopped: 0, crashed: 0, memory: 0, problem: null },
    ]);
    expect(Object(homes)[1].memory).toBeGreaterThan(0);
    expect(allOf(bob.folder)).toEqual(before);
    const { stdout, stderr } = await tsm(home, ["users"], machine);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/│ ann +│ 1 +│ 1 +│ 1 +│/);
  });

  test("a pid that another process has by now is not online, nor one that is not of that home", async () => {
    const home = makeHome();
    const ann = folderOf(home, "ann");
    const machine = machineOf(home, { ann: ann.folder });
    await tsm(home, ["start", "--settle", "0", "--name", "mine", "--", "sleep", "600"]);
    await tsm(ann.home, ["start", "--settle", "0", "--name", "it", "--", "sleep", "600"]);
    await tsm(ann.home, ["stop", "it"]);
    const meta = join(ann.home.path, "runtime/processes/it/meta.json");
    const stopped = JSON.parse(readFileSync(meta, "utf8"));
    const live = JSON.parse(readFileSync(join(home.path, "runtime/processes/mine/meta.json"), "utf8"));
    const claims = async (claim: object) => {
      writeFileSync(meta, JSON.stringify({ ...stopped, status: "online", ...claim }));
      return Object(await tsmJson(home, ["users"], machine))[1];
    };
    expect(pidOf(home, "mine")).toBe(live.pid);
    expect(await claims({ pid: live.pid, start_mark: "1" })).toMatchObject({ online: 0, memory: 0 });
    const stolen = { pid: live.pid, start_mark: live.start_mark, runner_pid: live.runner_pid };
    expect(await claims(stolen)).toMatchObject({ online: 0, damaged: 1, memory: 0 });
  });

  test("a hostile home is harmless: links out, a fifo, a huge file, rubbish, a folder for a file", async () => {
    const home = makeHome();
    const [ann, out, eve] = [folderOf(home, "ann"), join(home.folder, "out"), join(home.folder, "eve")];
    mkdirSync(join(eve, "tetra"), { recursive: true });
    symlinkSync(ann.home.path, join(eve, "tetra/tsm"));
    const processes = join(ann.home.path, "runtime/processes");
    const secret = join(home.folder, "secret");
    writeFileSync(secret, "TOP SECRET");
    for (const name of ["fifo", "huge", "rubbish", "link", "folder", "empty"]) mkdirSync(join(processes, name));
    execFileSync("bash", ["-c", 'mkfifo "$0"', join(processes, "fifo/meta.json")]);
    writeFileSync(join(processes, "huge/meta.json"), "x".repeat(5_000_000));
    writeFileSync(join(processes, "rubbish/meta.json"), '{"name":"\u001b[31m$(touch pwned)"');
    symlinkSync(secret, join(processes, "link/meta.json"));
    mkdirSync(join(processes, "folder/meta.json"));
    symlinkSync(home.folder, join(processes, "root"));
    writeFileSync(join(processes, "file"), "no folder");
    const mal = folderOf(home, "mal");
    mkdirSync(out);
    symlinkSync(out, join(mal.home.path, "runtime/processes/away"));
    const machine = machineOf(home, { ann: ann.folder, eve, mal: mal.folder });
    const before = [allOf(ann.folder), allOf(mal.folder)];
    const { code, stdout, stderr } = await tsm(home, ["users"], machine);
    expect(code).toBe(0);
    expect(`${stdout}${stderr}`).not.toContain("SECRET");
    expect(stderr).toContain(`eve: ${eve}/tetra/tsm was not looked into: it leads out of the user's folder`);
    expect(stderr).toMatch(/ann: \d records of .* cannot be read/);
    expect([allOf(ann.folder), allOf(mal.folder)]).toEqual(before);
    expect(existsSync(join(home.folder, "pwned"))).toBe(false);
    expect(await tsmJson(home, ["users"], machine)).toMatchObject([
      {},
      { user: "ann", online: 0, stopped: 0, crashed: 0, damaged: 6 },
      { user: "eve", online: 0, problem: "it leads out of the user's folder" },
      { user: "mal", damaged: 1 },
    ]);
  });

  test("a machine that lists nobody has one's own home", async () => {
    const home = makeHome();
    expect(await tsmJson(home, ["users"], machineOf(home, {}))).toMatchObject([{ home: home.path, online: 0 }]);
  });
});

test("whoever is not root sees the own home, and is told so", async () => {
  const home = userHome();
  const seen = await tsmAsUser(home, ["users"]);
  expect(seen).toMatchObject({ code: 0, stderr: "tsm: only root sees the homes of other users\n" });
  expect(seen.stdout).toContain(dirname(home.path).slice(0, 8));
});
