import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { StatFiles } from "../../../src/platform/linux/stat-files.ts";

const line = Buffer.alloc(2048);

test.runIf(process.platform === "linux")(
  "a table that is read again and again knows who has ended, and leaves no file open",
  async () => {
    const files = new StatFiles();
    const child = spawn("sleep", ["1000"], { stdio: "ignore" });
    onTestFinished(() => void child.kill("SIGKILL"));
    const pid = child.pid ?? 0;
    const names = () => readdirSync("/proc");
    for (let table = 0; table < 8; table += 1) {
      files.begin(names());
      expect(line.toString("latin1", 0, files.read(pid, line))).toMatch(new RegExp(`^${pid} \\(`));
    }
    expect(openFilesOf(pid)).toBe(1);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(files.read(pid, line)).toBeUndefined();
    expect(openFilesOf(pid)).toBe(0);
  },
);

test.runIf(process.platform === "linux")(
  "the file of who has ended unasked is closed with the next table",
  async () => {
    const files = new StatFiles();
    const child = spawn("sleep", ["1000"], { stdio: "ignore" });
    const pid = child.pid ?? 0;
    for (let table = 0; table < 6; table += 1) {
      files.begin(readdirSync("/proc"));
      files.read(pid, line);
    }
    child.kill("SIGKILL");
    await once(child, "exit");
    files.begin(readdirSync("/proc"));
    expect(openFilesOf(pid)).toBe(0);
  },
);

function openFilesOf(pid: number): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(`/proc/${pid}/stat`);
    } catch {
      return false; // the one that listed the folder
    }
  }).length;
}
