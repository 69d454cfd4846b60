import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import { readMeta } from "../support/record.ts";
import { script } from "../support/scripts.ts";
import { define } from "../support/services.ts";
import { atPrompt, openShell } from "../support/shell.ts";

test("a name that several orgs have opens a picker, and what is picked is started", async () => {
  const home = makeHome();
  for (const org of ["acme", "tetra"]) define(home, `${org}/app`, `TSM_COMMAND='sleep 600'\nTSM_NAME=${org}\n`);
  const screen = await openShell(home);
  screen.type("start app\r");
  await screen.waitFor(/Which one to start\?[\s\S]*❯.*acme\/app/);
  screen.key("down");
  await screen.waitFor(/❯.*tetra\/app/);
  screen.key("enter");
  await screen.waitFor((seen) => seen.text().includes("started 'tetra-auto'") && atPrompt(seen));
  expect(readMeta(home, "tetra-auto")["status"]).toBe("online");
});

test("Tab offers services, and edit has the terminal", async () => {
  const home = makeHome();
  const file = define(home, "tetra/quasar", "TSM_COMMAND='sleep 600'\nTSM_DESCRIPTION='The star'\n");
  const editor = script(home, "editor.sh", '[ -t 0 ] && [ -t 1 ] && echo "# at a terminal" >>"$1"\n');
  const screen = await openShell(home, { env: { VISUAL: `bash ${editor}` } });
  screen.type("edit te\t");
  await screen.waitFor((seen) => seen.text().includes("edit tetra/quasar"));
  screen.type("\r");
  await screen.waitFor((seen) => seen.text().includes("✅ tetra/quasar can be started") && atPrompt(seen));
  expect(readFileSync(file, "utf8")).toContain("# at a terminal");
});
