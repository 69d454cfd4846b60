import { existsSync, mkdirSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { startTsm, tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

const quick = ["--settle", "0"];

/** Below which units are written, as for an image. */
function imageOf(home: Home): string {
  const root = join(home.folder, "image");
  mkdirSync(root);
  return root;
}

const unitOf = (root: string) => join(root, "etc/systemd/system", `tsm-${userInfo().username}.service`);
const linkOf = (root: string) =>
  join(root, "etc/systemd/system/multi-user.target.wants", `tsm-${userInfo().username}.service`);

test.for(["daemon", "systemd"])("%s status says NOT INSTALLED, what installs it, and exits with 1", async (verb) => {
  const home = makeHome();
  const status = await tsm(home, [verb, "status", "--root", imageOf(home)]);
  expect(status).toMatchObject({ code: 1, stderr: "" });
  expect(status.stdout).toBe(
    "Status: NOT INSTALLED\nNothing starts your processes when the machine does: tsm daemon install\n",
  );
});

test.for([
  { verb: "daemon", install: ["install", "@dev"] },
  { verb: "daemon", install: ["install", "@production"] },
  { verb: "daemon", install: ["enable"] },
  { verb: "systemd", install: ["install"] },
])("$verb $install writes the unit of startup when that is permitted, and uninstall removes it", async (words) => {
  const home = makeHome();
  const root = imageOf(home);
  const { verb, install } = words;
  const shown = await tsm(home, [verb, ...install, "--root", root]);
  expect(shown).toMatchObject({ code: 64, stderr: "tsm: nothing was written: --yes writes it\n" });
  expect(shown.stdout).toContain(`Writes ${unitOf(root)}\n`);
  expect(existsSync(join(root, "etc"))).toBe(false);
  expect(await tsm(home, [verb, ...install, "--root", root, "--yes"])).toMatchObject({ code: 0, stderr: "" });
  const status = await tsm(home, [verb, "status", "--root", root]);
  expect(status).toMatchObject({ code: 0, stderr: "" });
  expect(status.stdout).toContain(`Status: INSTALLED\nUnit: ${unitOf(root)}\n`);
  expect(await tsm(home, [verb, "uninstall", "--root", root])).toMatchObject({ code: 64 });
  expect(existsSync(unitOf(root))).toBe(true);
  expect(await tsm(home, [verb, "uninstall", "--root", root, "--yes"])).toMatchObject({ code: 0, stderr: "" });
  expect(existsSync(unitOf(root))).toBe(false);
});

test("daemon disable leaves the unit and removes what enables it; enable brings that back", async () => {
  const home = makeHome();
  const root = imageOf(home);
  const daemon = (...words: string[]) => tsm(home, ["daemon", ...words, "--root", root]);
  const none = await daemon("disable", "--yes");
  expect(none).toMatchObject({ code: 1, stdout: "" });
  expect(none.stderr).toContain("the unit is not installed");
  await daemon("install", "--yes");
  const refused = await daemon("disable");
  expect(refused).toMatchObject({ code: 64, stdout: "" });
  expect(await daemon("status")).toMatchObject({ code: 0 });
  expect(await daemon("disable", "--yes")).toMatchObject({ code: 0, stdout: `tsm: removed ${linkOf(root)}\n` });
  expect(existsSync(unitOf(root))).toBe(true);
  expect(await daemon("disable", "--yes")).toMatchObject({ code: 0, stdout: "tsm: it is disabled already\n" });
  const status = await daemon("status");
  expect(status).toMatchObject({ code: 1 });
  expect(status.stdout).toContain("Status: INSTALLED, not enabled\n");
  expect(await daemon("enable", "--yes")).toMatchObject({ code: 0 });
  expect(await daemon("status")).toMatchObject({ code: 0 });
});

test("daemon start brings back what a boot would, stop and restart mean all processes, and ask", async () => {
  const home = makeHome();
  await tsm(home, ["start", ...quick, "--name", "api", "--", "sleep", "600"]);
  await tsm(home, ["save"]);
  await tsm(home, ["delete", "api"]);
  expect(await tsm(home, ["daemon", "start"])).toMatchObject({ code: 0, stderr: "" });
  const status = async () => Object((await tsmJson(home, ["info", "api"])) as object).status;
  expect(await status()).toBe("online");
  const refused = await tsm(home, ["daemon", "stop"]);
  expect(refused).toMatchObject({ code: 64, stdout: "" });
  expect(refused.stderr).toContain("--yes says yes to: stop 1 process");
  expect(await status()).toBe("online");
  expect(await tsm(home, ["daemon", "restart", "--yes"])).toMatchObject({ code: 0, stderr: "" });
  expect((await tsm(home, ["daemon", "stop", "--yes"])).stdout).toContain("tsm: stopped 'api'");
  expect(await status()).toBe("stopped");
  expect(await tsm(home, ["daemon", "stop"])).toMatchObject({ code: 0, stderr: "" });
});

test("daemon logs shows what came of boots, the last N lines, and with -f what is added", async () => {
  const home = makeHome();
  const root = imageOf(home);
  expect((await tsm(home, ["daemon", "logs", "--root", root])).stdout).toContain("No boot has written anything");
  await tsm(home, ["daemon", "start"]);
  const last = await tsm(home, ["daemon", "logs", "1", "--root", root]);
  expect(last.stdout).toMatch(/^\S+Z tsm: nothing was saved\n$/);
  const following = startTsm(home, ["daemon", "logs", "0", "-f"]);
  // It looks anew until it has seen one more.
  await until(
    "what a boot adds is shown",
    async () => {
      await tsm(home, ["daemon", "start"]);
      return following.printed.stdout.includes("tsm: nothing was saved");
    },
    { timeoutMs: 40_000 },
  );
  following.child.kill("SIGINT");
  await following.outcome;
});

test.for([
  { words: ["daemon"], says: "" },
  { words: ["daemon", "frob"], says: "'frob' is none of install" },
  { words: ["daemon", "start", "@dev"], says: "daemon start takes nothing more" },
  { words: ["daemon", "install", "@mars"], says: "daemon install takes [@dev|@production]" },
  { words: ["daemon", "logs", "-f", "x"], says: "daemon logs takes [N] [-f]" },
  { words: ["daemon", "status", "-f"], says: "--follow is for logs" },
  { words: ["systemd", "start"], says: "'start' is none of install, uninstall, status, logs" },
])("$words is refused", async ({ words, says }) => {
  const home = makeHome();
  const refused = await tsm(home, words);
  expect(refused).toMatchObject({ code: 64, stdout: "" });
  expect(refused.stderr).toContain(says);
});
