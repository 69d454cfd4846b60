import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Home, makeHome } from "../support/home.ts";
import { row } from "../support/managed.ts";
import { journalOf } from "../support/record.ts";
import { define } from "../support/services.ts";
import { tsm, tsmJson } from "../support/tsm.ts";

/** Says in order.txt that it begins and that it ends, both of which may take its time: who does not wait for it is seen. */
const telling = (name: string, more = "") =>
  `TSM_COMMAND=(bash -c 'trap "sleep 0.3; echo -${name} >>order.txt; exit" TERM; sleep ${name === "db" ? 0.3 : 0}; echo +${name} >>order.txt; echo ready; while :; do sleep 0.02; done')
TSM_CWD=.
TSM_READY=log:/ready/
${more}`;

/** What has begun and ended since the last look. */
function told(home: Home): string {
  const file = join(home.folder, "order.txt");
  const lines = readFileSync(file, "utf8").trim().split("\n").join(" ");
  writeFileSync(file, "");
  return lines;
}

/** db ← api ← web, and alone. */
async function chain(home: Home): Promise<void> {
  define(home, "tetra/web", telling("web", "TSM_DEPENDS=api\n"));
  define(home, "tetra/api", telling("api", "TSM_DEPENDS=db\n"));
  define(home, "tetra/db", telling("db"));
  expect(await tsm(home, ["start", "web"])).toMatchObject({ code: 0, stderr: "" });
  expect(told(home)).toBe("+db +api +web");
}

describe("what a process depends on", () => {
  test("is on record, and kept by a restart", async () => {
    const home = makeHome();
    await chain(home);
    await tsm(home, ["restart", "web"]);
    expect(await tsmJson(home, ["info", "web-auto"])).toMatchObject({ dependsOn: ["api-auto"] });
    expect(await tsmJson(home, ["info", "db-auto"])).toMatchObject({ dependsOn: [] });
    expect((await tsm(home, ["info", "web-auto"])).stdout).toMatch(/^depends on\s+api-auto$/m);
  });

  test.for<{ verbs: string; deeds: [words: string[], order: string][] }>([
    {
      verbs: "stop and start",
      deeds: [
        [["stop", "*"], "-web -api -db"],
        [["start", "all"], "+db +api +web"],
        // Whatever was typed first.
        [["stop", "db", "web", "api"], "-web -api -db"],
        [["start", "web-auto"], "+db +api +web"],
        // By way of one that stays.
        [["stop", "db", "web"], "-web -db"],
      ],
    },
    {
      verbs: "restart, delete and undo",
      deeds: [
        [["restart", "*"], "-web -api -db +db +api +web"],
        [["restart", "api", "db"], "-api -db +db +api"],
        // All services of an org.
        [["stop", "tetra/*"], "-web -api -db"],
        [["undo", "--yes"], "+db +api +web"],
        [["delete", "*"], "-web -api -db"],
        [["undo", "--yes"], "+db +api +web"],
      ],
    },
  ])("$verbs end in reverse and begin in order", async ({ deeds }) => {
    const home = makeHome();
    await chain(home);
    for (const [words, order] of deeds) {
      expect(await tsm(home, words), words.join(" ")).toMatchObject({ code: 0, stderr: "" });
      expect(told(home), words.join(" ")).toBe(order);
    }
  });

  test("kill ends in reverse too", async () => {
    const home = makeHome();
    await chain(home);
    expect(await tsm(home, ["kill", "*"])).toMatchObject({ code: 0 });
    const killed = journalOf(home).filter(({ event }) => event === "kill");
    expect(killed.map(({ name }) => name)).toEqual(["web-auto", "api-auto", "db-auto"]);
  });

  test("what needs one that does not come back is not started, and says so", async () => {
    const home = makeHome();
    await chain(home);
    define(home, "tetra/db", "TSM_COMMAND=false\n");
    await tsm(home, ["stop", "db"]);
    await tsm(home, ["start", "db"]); // on record from now on
    told(home);
    const restarted = await tsm(home, ["restart", "*"]);
    expect(restarted).toMatchObject({ code: 1, stdout: "" });
    expect(restarted.stderr).toContain("'api-auto' was not started, as it depends on 'db-auto': ");
    expect(restarted.stderr).toContain("'web-auto' was not started, as it depends on 'api-auto': ");
    expect(told(home)).toBe("-web -api");
    expect((await row(home, "web-auto")).status).toBe("stopped");
  });

  test("two who restart all at once both come to an end, and all is up", async () => {
    const home = makeHome();
    await chain(home);
    const both = await Promise.all([tsm(home, ["restart", "*"]), tsm(home, ["restart", "*"])]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    for (const name of ["db-auto", "api-auto", "web-auto"]) expect((await row(home, name)).status).toBe("online");
  });

  test("one that was deleted is nobody's need any more", async () => {
    const home = makeHome();
    await chain(home);
    await tsm(home, ["delete", "db", "--purge"]);
    await tsm(home, ["stop", "*"]);
    told(home);
    expect(await tsm(home, ["start", "web-auto"])).toMatchObject({ code: 0, stderr: "" });
    expect(told(home)).toBe("+api +web");
  });
});
