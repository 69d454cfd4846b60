import { expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { pidOf } from "../support/record.ts";
import { script, tick } from "../support/scripts.ts";
import { tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

test("--yes changes nothing where nothing is asked: every verb takes it", async () => {
  const home = makeHome();
  script(home, "api.sh", tick);
  expect(await tsm(home, ["alias", "again=restart --yes"])).toMatchObject({ code: 0, stderr: "" });
  const ask = ["start", "--yes", "--settle", "0", "api.sh"];
  expect(await tsm(home, ask)).toMatchObject({ code: 0, stderr: "" });
  for (const words of [
    ["restart", "api", "--yes"],
    ["restart", "*", "-y"],
    ["reload", "-y", "api"],
    ["start", "api", "--yes"],
    ["again", "api"],
  ]) {
    const before = pidOf(home, "api");
    expect(await tsm(home, words), words.join(" ")).toMatchObject({ code: 0, stderr: "" });
    expect(pidOf(home, "api"), words.join(" ")).not.toBe(before);
  }
  expect((await tsm(home, ["stop", "api"])).code).toBe(0);
  expect(await tsm(home, ["start", "all", "-y"])).toMatchObject({ code: 0, stderr: "" });
  for (const words of [
    ["cleanup", "--yes"],
    ["list", "-y"],
    ["unalias", "again", "--yes"],
  ])
    expect(await tsm(home, words), words.join(" ")).toMatchObject({ code: 0, stderr: "" });
  expect(await tsmJson(home, ["list"])).toMatchObject([{ name: "api", status: "online" }]);
});

test("behind a program or a script of its own --yes is the program's, behind a line in quotes it is ours", async () => {
  const home = makeHome();
  script(home, "install.sh", `echo "given: $*"\n${tick}`);
  expect((await tsm(home, ["start", "--name", "a", "install.sh", "--yes"])).code).toBe(0);
  expect((await tsm(home, ["start", "--name", "b", "bash", "install.sh", "-y", "all"])).code).toBe(0);
  expect((await tsm(home, ["start", "bash install.sh one", "--yes", "--name", "c"])).code).toBe(0);
  for (const [name, given] of [
    ["a", "--yes"],
    ["b", "-y all"],
    ["c", "one"],
  ] as const)
    await until(`${name} says what it was given`, async () => {
      const { stdout } = await tsm(home, ["logs", name, "--lines", "100"]);
      return stdout.includes("given: ") && stdout;
    }).then((stdout) => expect(stdout).toContain(`given: ${given}\n`));
});
