import { expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { pidOf } from "../support/record.ts";
import { program, tsm, tsmJson } from "../support/tsm.ts";
import { until } from "../support/until.ts";

interface Tree {
  readonly process: { readonly name: string };
  readonly parent: string | null;
  readonly processes: readonly { readonly pid: number; readonly command: string }[];
  readonly children: readonly Tree[];
}

test("list tree shows which process has started which, and what runs below each", async () => {
  const home = makeHome();
  const start = `"${process.execPath}" "${program}" start --settle 0 --name`;
  const inner = `${start} leaf -- sleep 600; exec sleep 600`;
  const script = `${start} child -- bash -c '${inner}'; sleep 500 & wait`;
  await tsm(home, ["start", "--settle", "0", "--name", "root", "--", "bash", "-c", script]);
  await tsm(home, ["start", "--settle", "0", "--name", "other", "--", "sleep", "600"]);
  // The program under test wrote it; what is wrong in it fails the expectations.
  const forest = async () => (await tsmJson(home, ["list", "tree"])) as Tree[];
  const [root, other] = await until("all have begun", async () => {
    const found = await forest();
    return (
      found.length === 2 && found[0]?.processes[0]?.command === "sleep" && found[0].children[0]?.children[0] && found
    );
  });
  expect(root).toMatchObject({
    process: { name: "root" },
    parent: null,
    processes: [{ command: "sleep" }],
    children: [{ process: { name: "child" }, parent: "root", children: [{ process: { name: "leaf" }, children: [] }] }],
  });
  expect(other).toMatchObject({ process: { name: "other" }, parent: null, processes: [], children: [] });
  const { stdout } = await tsm(home, ["list", "--tree"]);
  const shape = stdout.split("\n").map((line) => line.replace(/\d+(\.\d+)? ?[kKMG]?B$/, "MEM").replaceAll(/\d+/g, "N"));
  expect(shape.slice(0, 2)).toEqual(["N root online pid N MEM", "├─ N sleep MEM"]);
  expect(stdout).toContain(`└─ ${await idOf("child")} child online pid ${pidOf(home, "child")}`);
  expect(stdout).toMatch(/\n {3}└─ \d+ leaf online/);
  // A restart by a person changes nothing about it; without its parent it stands alone.
  expect(await tsm(home, ["restart", "leaf", "--settle", "0"])).toMatchObject({ code: 0 });
  expect((await forest())[0]?.children[0]?.children[0]?.parent).toBe("child");
  expect(await tsm(home, ["delete", "child"])).toMatchObject({ code: 0 });
  expect((await forest()).map(({ process: { name } }) => name).sort()).toEqual(["leaf", "other", "root"]);

  async function idOf(name: string): Promise<number> {
    const rows = (await tsmJson(home, ["list"])) as { name: string; id: number }[];
    return rows.find((row) => row.name === name)?.id ?? -1;
  }
});

test("list tree of nothing, with a filter and of services", async () => {
  const home = makeHome();
  expect(await tsm(home, ["list", "tree"])).toMatchObject({ code: 0, stdout: "no processes\n" });
  await tsm(home, ["start", "--settle", "0", "--name", "api", "--", "sleep", "600"]);
  await tsm(home, ["stop", "api"]);
  expect((await tsm(home, ["list", "tree"])).stdout).toContain("1 stopped not shown");
  expect((await tsm(home, ["list", "tree", "--all"])).stdout).toBe("0 api stopped\n");
  expect((await tsm(home, ["list", "--tree", "--where", "name = none"])).stdout).toBe("no processes\n");
  expect(await tsm(home, ["list", "available", "--tree"])).toMatchObject({ code: 64 });
});
