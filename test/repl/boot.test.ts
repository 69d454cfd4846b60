import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeHome } from "../support/home.ts";
import type { Screen } from "../support/screen.ts";
import { atPrompt, openShell } from "../support/shell.ts";
import { tsm } from "../support/tsm.ts";

test("startup systemd shows its plan and asks; a no writes nothing, a yes writes it, and unstartup asks too", async () => {
  const home = makeHome();
  const unit = join(home.folder, "image/etc/systemd/system");
  const screen = await openShell(home);
  screen.type("startup systemd --root image\r");
  await screen.waitFor((seen) => seen.text().includes("Type=oneshot") && asks(seen, "Write it?"));
  screen.type("n\r");
  await screen.waitFor((seen) => seen.text().includes("nothing was written") && atPrompt(seen));
  expect(existsSync(unit)).toBe(false);
  screen.type("startup systemd --root image\r");
  await screen.waitFor((seen) => asks(seen, "Write it?"));
  screen.type("y\r");
  await screen.waitFor((seen) => /✅ wrote \S+/.test(seen.text()) && atPrompt(seen));
  expect(existsSync(unit)).toBe(true);
  screen.type("unstartup --root image\r");
  await screen.waitFor((seen) => asks(seen, ".service?"));
  screen.type("y\r");
  await screen.waitFor((seen) => /✅ removed \S+\.service\n/.test(seen.text()) && atPrompt(seen));
});

test("list says that the saved list is another, and only then", async () => {
  const home = makeHome();
  for (const name of ["a", "b"]) await tsm(home, ["start", "--settle", "0", "--name", name, "--", "sleep", "600"]);
  const screen = await openShell(home, { prompt: /^tsm 2● ›$/ });
  const shown = async (line: string) => {
    screen.type(`clear\r`);
    await screen.waitFor((seen) => seen.rows().length === 1);
    screen.type(`${line}\r`);
    await screen.waitFor(
      (seen) => seen.rows().some((row) => row.startsWith("└")) && /› *$/.test(seen.rows().at(-1) ?? ""),
    );
    return screen.rows().join("\n");
  };
  expect(await shown("list")).not.toContain("saved list");
  await tsm(home, ["save"]);
  expect(await shown("list")).not.toContain("saved list");
  await tsm(home, ["delete", "b"]);
  expect(await shown("list")).toContain("the saved list has 1 more: tsm save");
  expect((await tsm(home, ["list"])).stdout).not.toContain("saved list");
});

/** Is it the last thing on the screen, and waits for an answer? */
function asks(screen: Screen, question: string): boolean {
  return (screen.rows().at(-1) ?? "").endsWith(`${question} (y/N)`);
}
