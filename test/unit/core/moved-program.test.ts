import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { movedPath, movedProgram } from "../../../src/core/moved-program.ts";
import { detectPlatform } from "../../../src/platform/detect.ts";

test.for([
  { from: "versions/node/v20.1.0/bin/node", there: ["v18.9.0", "v20.2.0", "v20.10.0", "v22.0.0"], to: "v20.10.0" },
  { from: "versions/node/v20.1.0/bin/node", there: ["v18.9.0", "v22.3.0", "v22.10.0"], to: "v22.10.0" },
  { from: "versions/node/3.11.1/bin/node", there: ["3.9.0", "3.11.2", "system"], to: "3.11.2" },
])("of $there $to takes the place of $from", ({ from, there, to }) => {
  const root = folder();
  for (const version of there) program(join(root, "versions/node", version, "bin/node"));
  const world = seen(root, "/nowhere");
  const gone = join(root, from);
  expect(movedProgram(world, gone, "")?.to).toBe(join(root, "versions/node", to, "bin/node"));
});

test("one that is in its place has not moved", () => {
  const root = folder();
  const at = program(join(root, "v1.2/bin/tool"));
  program(join(root, "v1.3/bin/tool"));
  expect(movedProgram(seen(root, ""), at, "")).toBeUndefined();
});

test("else it is the same name on its own PATH, then on the caller's, then the node that runs us", () => {
  const root = folder();
  const gone = join(root, "gone/node");
  const [its, ours] = [join(root, "its"), join(root, "ours")];
  expect(movedProgram(seen(root, ours), gone, its)?.to).toBe(join(root, "own/node"));
  expect(movedProgram(seen(root, ours), join(root, "gone/tool"), its)?.to).toBe("");
  program(join(ours, "node"));
  expect(movedProgram(seen(root, ours), gone, its)?.to).toBe(join(ours, "node"));
  program(join(its, "node"));
  expect(movedProgram(seen(root, ours), gone, its)?.to).toBe(join(its, "node"));
  expect(movedProgram(seen(root, "relative"), join(root, "gone/x"), ".:")?.to).toBe("");
});

test("folders of a PATH whose version is gone are those of the version that is there", () => {
  const root = folder();
  program(join(root, "node/v2.1/bin/node"));
  const world = seen(root, "");
  const path = `${root}/node/v1.1/bin:${root}/gone/bin::/usr/bin`;
  expect(movedPath(world, path, undefined)).toBe(`${root}/node/v2.1/bin:${root}/gone/bin::/usr/bin`);
  const moved = { from: `${root}/gone/bin/x`, to: "/usr/bin/x" };
  expect(movedPath(world, path, moved)).toBe(`${root}/node/v2.1/bin:/usr/bin::/usr/bin`);
});

function seen(root: string, path: string) {
  return { platform: detectPlatform(), env: { PATH: path }, programs: { node: join(root, "own/node") } };
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "tsm-moved-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function program(path: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "#!/bin/sh\n");
  chmodSync(path, 0o755);
  return path;
}
