import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmdirSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Home, makeHome } from "./home.ts";

/** A home on a disk that can be full or read-only. */
export interface SmallDisk {
  readonly home: Home;
  /** For each `tsm` that is to see the disk as it is. */
  readonly env: Readonly<Record<string, string>>;
  /** Leaves room for so many pages (or, on a pretended disk, writes of one `tsm`). */
  fill(room: number): void;
  drain(): void;
  /** No file, folder or link can be made any more: those there are are as many as it may hold. A mounted disk only. */
  useUpInodes(): void;
  makeReadOnly(): void;
  makeWritable(): void;
}

type Kind = "a disk of 1 MB" | "a pretended disk";

/** A real disk takes the right to mount one, which tests do not have everywhere; the pretended one is tried everywhere. */
export const diskKinds: readonly Kind[] = canMount() ? ["a disk of 1 MB", "a pretended disk"] : ["a pretended disk"];

export function makeSmallDisk(kind: Kind): SmallDisk {
  return kind === "a disk of 1 MB" ? mountedDisk() : pretendedDisk();
}

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), "tsm-mount-"));
  const mounted = attempt("mount", "-t", "tmpfs", "-o", "size=1m", "none", folder).status === 0;
  if (mounted) run("umount", folder);
  rmdirSync(folder);
  return mounted;
}

function mountedDisk(): SmallDisk {
  const base = makeHome();
  const disk = join(base.folder, "disk");
  mkdirSync(disk);
  run("mount", "-t", "tmpfs", "-o", "size=1m,mode=755", "none", disk);
  let mounts = 1;
  // Before the home is removed, whose folder would be busy.
  onTestFinished(async () => {
    await base.remove().catch(() => undefined);
    for (; mounts > 0; mounts -= 1) run("umount", "-l", disk);
  });
  const filler = join(disk, "filler");
  return {
    home: { ...base, path: join(disk, "home") },
    env: {},
    fill(room) {
      rmSync(filler, { force: true });
      run("bash", "-c", `dd if=/dev/zero of='${filler}' bs=4096 2>/dev/null; true`);
      truncateSync(filler, Math.max(0, statSync(filler).size - room * 4096));
    },
    drain: () => rmSync(filler, { force: true }),
    useUpInodes() {
      for (;;) {
        const { files, ffree } = statfsSync(disk);
        if (ffree === 0) return;
        attempt("mount", "-o", `remount,nr_inodes=${files - ffree}`, disk); // refused where one was made meanwhile
      }
    },
    // Another mount on top: one that has files open for writing cannot become read-only.
    makeReadOnly() {
      run("mount", "--bind", disk, disk);
      mounts += 1;
      run("mount", "-o", "remount,bind,ro", disk);
    },
    makeWritable() {
      run("umount", "-l", disk);
      mounts -= 1;
    },
  };
}

function pretendedDisk(): SmallDisk {
  const home = makeHome();
  const state = join(home.folder, "disk");
  const preload = new URL("../fixtures/pretend-full.mjs", import.meta.url).href;
  const drain = () => existsSync(state) && rmSync(state);
  return {
    home,
    env: { NODE_OPTIONS: `--import=${preload}`, PRETEND_HOME: home.path, PRETEND_DISK: state },
    fill: (room) => writeFileSync(state, `ENOSPC ${room}`),
    drain,
    useUpInodes() {
      throw new Error("what is pretended are writes");
    },
    makeReadOnly: () => writeFileSync(state, "EROFS"),
    makeWritable: drain,
  };
}

function attempt(program: string, ...args: string[]) {
  return spawnSync(program, args, { encoding: "utf8" });
}

function run(program: string, ...args: string[]): void {
  const { status, stderr, error } = attempt(program, ...args);
  if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${error?.message ?? stderr}`);
}
